// Calls about futures, listings, telemetry and texts for people.
import { parseCategory, parseQueueState, retriesFailure } from "../client/category.ts";
import { telemetryEnabled } from "../client/config.ts";
import type { Dialect } from "../client/dialect.ts";
import { ConnectionFailed, RequestFailed, StatusError, TimedOut, ValidationError } from "../client/errors.ts";
import { collect } from "../client/pages.ts";
import { parsePath } from "../client/path.ts";
import { formatSize, formatTime } from "../client/people.ts";
import { decidePoll } from "../client/poll.ts";
import { EventQueue, Events } from "../client/telemetry.ts";
import { stringify, type Json } from "../wire/json.ts";
import type { Call } from "./calls.ts";
import { outcomeOf } from "./outcome.ts";
import { at, plain } from "./reading.ts";

const now = () => Date.now() / 1000;

const poll: Call = (input, dialect) => {
  const { status = 200, error, failures = 0 } = plain(input);
  const body = at(input, "body");
  const text = Buffer.from(body === undefined ? "" : stringify(body));
  const step = decidePoll(error === undefined ? status : undefined, text, failures, dialect);
  if (step.then === "poll") {
    const queue = step.queueState === undefined ? {} : { queue_state: step.queueState, observed: step.observed };
    return { then: step.then, delay_s: step.delay, ...queue };
  }
  if (step.then !== "fail") return { then: step.then };
  const { kind, category } = outcomeOf(step.error);
  return { then: step.then, kind, category };
};

const batches: Call = (input) => {
  const queue = new EventQueue();
  const event = new Events(now).started();
  for (let count = plain(input).events; count > 0; count--) queue.put(event);
  const taken: number[] = [];
  for (let batch = queue.take(); batch.length > 0; batch = queue.take()) taken.push(batch.length);
  return { batches: taken, dropped: queue.dropped };
};

interface ToldError {
  readonly kind: string;
  readonly status?: number;
  readonly category?: string;
  readonly cause?: ToldError;
}

function errorOf(told: ToldError, dialect: Dialect): Error {
  const made = bareError(told, dialect);
  if (told.cause !== undefined) made.cause = errorOf(told.cause, dialect);
  return made;
}

function bareError({ kind, status = 0, category }: ToldError, dialect: Dialect): Error {
  switch (kind) {
    case "status":
      return new StatusError(status);
    case "request_failed":
      return new RequestFailed("planted", parseCategory(category, dialect));
    case "validation":
      return new ValidationError("planted");
    case "timeout":
      return new TimedOut("planted");
    case "connection":
      return new ConnectionFailed("planted");
    default:
      return new Error("planted");
  }
}

const exception: Call = (input, dialect) => {
  const told = new Events(now).exception(errorOf(plain(input).error, dialect));
  return { event: told.event, severity: told.severity, ...("event_name" in told ? { event_name: told.event_name } : {}) };
};

const index: Call = (input) => {
  const events = new Events(now);
  const make: Readonly<Record<string, () => { event_session_index: number | bigint }>> = {
    SESSION_START: () => events.started(),
    SESSION_END: () => events.ended(),
    UNHANDLED_EXCEPTION: () => events.exception(new Error("planted")),
    GENERIC_EVENT: () => events.generic("planted", {}),
  };
  return (plain(input).events as string[]).map((kind) => make[kind]?.().event_session_index);
};

const pages: Call = async (input: Json) => {
  const { limit, batch, total } = plain(input);
  const asked: [number, number][] = [];
  const fetch = (limit: number, offset: number) => {
    asked.push([limit, offset]);
    return Promise.resolve({ items: new Array<null>(Math.max(0, Math.min(limit, total - offset))).fill(null), total: total as number });
  };
  await collect(fetch, limit, batch);
  return asked;
};

export const REST_CALLS: Readonly<Record<string, Call>> = {
  "poll.decide": poll,
  "category.parse": (input, dialect) => parseCategory(plain(input).text, dialect),
  "category.retryable": (input, dialect) =>
    retriesFailure(parseCategory(plain(input).category, dialect), plain(input).status, dialect),
  "queue.parse": (input, dialect) => parseQueueState(plain(input).text, dialect),
  "path.parse": (input) => parsePath(plain(input).path),
  "telemetry.enabled": (input) => telemetryEnabled(plain(input).env),
  "telemetry.batches": batches,
  "telemetry.exception": exception,
  "telemetry.index": index,
  "pages.plan": pages,
  "cli.size": (input) => formatSize(plain(input).bytes),
  "cli.time": (input) => formatTime(plain(input).time ?? null, Date.parse(plain(input).now) / 1000),
};
