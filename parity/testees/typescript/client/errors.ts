// What a client throws. Source: tinker.md section 3.8.
import type { RequestErrorCategory } from "../tinker/future.ts";

/** What is asked of the client wrongly; `kind` says what is wrong. Nothing was sent. */
export class UsageError extends Error {
  readonly kind: string;
  constructor(kind: string, message: string) {
    super(message);
    this.name = "UsageError";
    this.kind = kind;
  }
}

/** Of the service, or of the way to it. */
export class TinkerError extends Error {
  /** Whether asking once more makes sense. */
  get retryable(): boolean {
    return true;
  }
}

/** No answer came. */
export class ConnectionFailed extends TinkerError {
  override name = "ConnectionFailed";
}

/** No answer came in time. */
export class TimedOut extends ConnectionFailed {
  override name = "TimedOut";
}

/** The result is not there after the time that the caller gave; it can still be awaited. */
export class WaitTimeout extends TinkerError {
  override name = "WaitTimeout";
}

/** The service forgot the request (410): it has to be sent anew. */
export class Expired extends TinkerError {
  override name = "Expired";
}

/** An answer that is not the message that it should be. */
export class ValidationError extends TinkerError {
  override name = "ValidationError";
  override get retryable(): boolean {
    return false;
  }
}

/** An answer that says no. */
export class StatusError extends TinkerError {
  override name = "StatusError";
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
  constructor(status: number, body = "", headers = new Headers()) {
    super(statusMessage(status, body));
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
  get kind(): string {
    return statusKind(this.status);
  }
  override get retryable(): boolean {
    return isRetryable("unknown", this.status);
  }
}

/** The service took the request, and could not do it. */
export class RequestFailed extends TinkerError {
  override name = "RequestFailed";
  readonly category: RequestErrorCategory;
  constructor(reason: string, category: RequestErrorCategory) {
    super(`the request failed: ${reason} (${category} error)`);
    this.category = category;
  }
  override get retryable(): boolean {
    return isRetryable(this.category);
  }
}

const KINDS: Readonly<Record<number, string>> = {
  400: "bad_request",
  401: "authentication",
  403: "permission_denied",
  404: "not_found",
  409: "conflict",
  422: "unprocessable",
  429: "rate_limit",
};

/** The status in a word. */
export function statusKind(status: number): string {
  return KINDS[status] ?? (status >= 500 ? "server" : "status");
}

/** For people: JSON behind the status, other texts as they are. */
export function statusMessage(status: number, body: string): string {
  const text = body.trim();
  if (text === "") return `Error code: ${status}`;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return `Error code: ${status} - ${text}`;
}

/** Whether it makes sense to ask again: not where the user is to blame, by category or by status. */
export function isRetryable(category: RequestErrorCategory, status?: number): boolean {
  if (category === "user") return false;
  return status === undefined || status < 400 || status >= 500 || [408, 410, 429].includes(status);
}

/** The error or the cause of it that the user is to blame for. Source: tinker.md section 3.7. */
export function userError(error: unknown): Error | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof RequestFailed && each.category === "user") return each;
    if (each instanceof StatusError && each.status >= 400 && each.status < 500 && each.status !== 408) return each;
  }
  return undefined;
}
