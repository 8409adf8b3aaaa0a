// What one answer to retrieve_future means. Source: tinker.md sections 2.7 and 3.4; seeds 000 section 3.4, 001 section 3.4.
import type { QueueState } from "../tinker/future.ts";
import { isObject } from "../wire/codec.ts";
import { JsonNumber, parse, WireError, type Json } from "../wire/json.ts";
import { parseCategory, parseQueueState } from "./category.ts";
import type { Dialect } from "./dialect.ts";
import { Expired, RequestFailed, StatusError, ValidationError, type TinkerError } from "./errors.ts";

const LONGEST_S = 30;
const TRY_AGAIN_S = 1;
type Said = { [key: string]: Json };

export type Step =
  | { readonly then: "done"; readonly result: Json }
  | { readonly then: "resubmit" | "fail"; readonly error: TinkerError }
  /** `delay` in seconds; `observed`: whether the observer is told of the queue. */
  | { readonly then: "poll"; readonly delay: number; readonly queueState?: QueueState; readonly observed: boolean };

/** Status undefined: no answer came. `failures`: how many answers like it came in a row before this one. */
export function decidePoll(status: number | undefined, body: Uint8Array, failures: number, dialect: Dialect): Step {
  if (status === undefined) return again(longer(failures));
  if (status === 200) return decideAnswer(body, failures, dialect);
  if (status === 408) return notReady(body, dialect);
  if (status >= 500) return again(0);
  if (status === 410) return { then: "resubmit", error: new Expired("the service forgot the request") };
  return { then: "fail", error: new StatusError(status, Buffer.from(body).toString()) };
}

function longer(failures: number): number {
  return Math.min(2 ** failures, LONGEST_S);
}

function again(delay: number): Step {
  return { then: "poll", delay, observed: false };
}

function notReady(body: Uint8Array, dialect: Dialect): Step {
  try {
    const said = parse(body);
    return isObject(said) ? waiting(said, 0, true, dialect) : again(0);
  } catch (error) {
    if (error instanceof WireError) return again(0);
    throw error;
  }
}

function waiting(said: Said, delay: number, observed: boolean, dialect: Dialect): Step {
  const state = said["queue_state"] ?? null;
  if (state === null) return again(delay);
  return { then: "poll", delay, queueState: parseQueueState(state, dialect), observed };
}

function decideAnswer(body: Uint8Array, failures: number, dialect: Dialect): Step {
  let said: Json;
  try {
    said = parse(body);
  } catch (error) {
    return { then: "fail", error: new ValidationError("the answer is no JSON", { cause: error }) };
  }
  if (!isObject(said)) return { then: "fail", error: new ValidationError("the answer is no object") };
  if (said["type"] === "try_again") return tryAgain(said, dialect);
  if (dialect.envelope) {
    const failure = said["error"] ?? null;
    if (said["status"] === "pending") return again(longer(failures));
    if (said["status"] === "completed") return { then: "done", result: said["result"] ?? null };
    if (said["status"] === "failed" && isObject(failure)) return failed(failure["message"], failure["category"], dialect);
  }
  if (Object.hasOwn(said, "error")) return failed(said["error"], said["category"], dialect);
  return { then: "done", result: said };
}

function tryAgain(said: Said, dialect: Dialect): Step {
  if (!dialect.envelope) return waiting(said, 0, false, dialect);
  const asked = said["retry_after_ms"];
  return waiting(said, asked instanceof JsonNumber ? Number(asked.text) / 1000 : TRY_AGAIN_S, true, dialect);
}

function failed(reason: Json | undefined, category: Json | undefined, dialect: Dialect): Step {
  const error = new RequestFailed(typeof reason === "string" ? reason : "", parseCategory(category, dialect));
  return { then: "fail", error };
}
