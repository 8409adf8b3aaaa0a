// What came of a step, as docs/cases.md has it.
import { ConnectionFailed, Expired, RequestFailed, StatusError, TimedOut, UsageError, ValidationError, WaitTimeout } from "../client/errors.ts";
import { WireError } from "../wire/json.ts";

export interface Outcome {
  readonly kind: string;
  readonly status?: number;
  readonly category?: string;
  readonly retryable?: boolean;
}

/** Throws again what is no error of a client. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof StatusError) return { kind: "status", status: error.status, retryable: error.retryable };
  if (error instanceof Expired) return { kind: "status", status: 410, retryable: error.retryable };
  if (error instanceof RequestFailed) return { kind: "request_failed", category: error.category, retryable: error.retryable };
  if (error instanceof ValidationError) return { kind: "validation", retryable: error.retryable };
  if (error instanceof TimedOut || error instanceof WaitTimeout) return { kind: "timeout", retryable: error.retryable };
  if (error instanceof ConnectionFailed) return { kind: "connection", retryable: error.retryable };
  if (error instanceof UsageError || error instanceof WireError) return { kind: "usage" };
  throw error;
}
