// Whose fault a failure was, and why the server does not work yet. Source: tinker.md sections 2.2, 3.4 and 4.
import { QueueState, RequestErrorCategory } from "../tinker/future.ts";
import type { Dialect } from "./dialect.ts";
import { isRetryable } from "./errors.ts";

/** Anything else is unknown. */
export function parseCategory(text: unknown, dialect: Dialect): RequestErrorCategory {
  return typeof text === "string" ? RequestErrorCategory.decode(text, dialect.wire, "$") : "unknown";
}

/** Anything else is unknown. */
export function parseQueueState(text: unknown, dialect: Dialect): QueueState {
  return typeof text === "string" ? QueueState.decode(text, dialect.wire, "$") : "unknown";
}

/** Whether the client itself sends anew what failed so. */
export function retriesFailure(category: RequestErrorCategory, status: number | undefined, dialect: Dialect): boolean {
  return dialect.retriesFailed && isRetryable(category, status);
}
