// Which answers are tried again, and when. Source: tinker.md sections 3.1 and 3.2; seed 000 section 4.2.
import { retriesStatus, type Dialect } from "./dialect.ts";

/** Of one HTTP call, besides the first try. */
export const MAX_RETRIES = 10;
const FIRST_S = 0.5;
const LONGEST_S = 10;
const JITTER = 0.25;
const RETRY_AFTER_LONGEST_S = 60;
const SUBMIT_LONGEST_S = 30;
const SUBMIT_LIMIT_S = 300;

/** Whether an HTTP call is tried again. Status undefined: no answer came. */
export function retryCall(status: number | undefined, headers: Headers, dialect: Dialect): boolean {
  if (status === undefined) return dialect.retriesConnection;
  if (status < 400) return false;
  const said = headers.get("x-should-retry");
  if (said === "true" || said === "false") return said === "true";
  return retriesStatus(status, dialect);
}

/** Seconds before retry number `retry`, from 0: what the server says, where that is sensible, else longer each time. */
export function retryDelay(retry: number, headers: Headers, random: number, now: number): number {
  const said = retryAfter(headers, now);
  if (said !== undefined && said > 0 && said <= RETRY_AFTER_LONGEST_S) return said;
  return Math.min(FIRST_S * 2 ** retry, LONGEST_S) * (1 - JITTER * random);
}

/** Seconds that a server asks for; `now`: seconds since 1970. */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const millis = number(headers.get("retry-after-ms"));
  if (millis !== undefined) return millis / 1000;
  const said = headers.get("retry-after");
  const seconds = number(said);
  if (seconds !== undefined || said === null) return seconds;
  const date = /^[A-Za-z]{3,9},? /.test(said) ? Date.parse(said) : NaN;
  return Number.isNaN(date) ? undefined : date / 1000 - now;
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : undefined;
}

/** Seconds until a whole submit is tried again, on top of the retries of its calls; undefined: no more. */
export function submitDelay(status: number | undefined, attempt: number, elapsed: number, dialect: Dialect): number | undefined {
  const again = status === undefined ? dialect.retriesConnection : retriesStatus(status, dialect);
  if (!again || elapsed >= SUBMIT_LIMIT_S) return undefined;
  return Math.min(2 ** attempt, SUBMIT_LONGEST_S, SUBMIT_LIMIT_S - elapsed);
}
