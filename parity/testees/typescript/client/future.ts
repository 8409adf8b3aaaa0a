// Results that are not there yet. Source: tinker.md section 3.4; seed 000 section 3.4.
import { FutureRetrieveRequest, type QueueState } from "../tinker/future.ts";
import type { Codec } from "../wire/codec.ts";
import { stringify, WireError, type Json } from "../wire/json.ts";
import type { Clock } from "./clock.ts";
import { ConnectionFailed, StatusError, ValidationError, WaitTimeout } from "./errors.ts";
import { decidePoll } from "./poll.ts";
import type { Promised, Session } from "./session.ts";

const POLL_TIMEOUT_S = 45;

/** Is told why the service does not work on a request yet. */
export type Observer = (state: QueueState) => void;

/** Polls until the result is there. Throws RequestFailed, Expired, StatusError or ValidationError. */
export async function retrieve<T>(
  session: Session,
  promised: Promised,
  result: Codec<T>,
  observer: Observer = () => undefined,
  signal?: AbortSignal,
): Promise<T> {
  let streak: number | undefined | null = null;
  let failures = 0;
  for (let iteration = 0; ; iteration++) {
    const { status, body, error } = await poll(session, promised, iteration, signal);
    failures = status === streak ? failures + 1 : 0;
    streak = status;
    const step = decidePoll(status, body, failures, session.dialect);
    switch (step.then) {
      case "done":
        return decode(result, step.result, session);
      case "resubmit":
        throw step.error;
      case "fail":
        throw error ?? step.error;
    }
    if (step.observed && step.queueState !== undefined) observer(step.queueState);
    if (step.delay > 0) await session.clock.sleep(step.delay, signal);
    signal?.throwIfAborted();
  }
}

interface Polled {
  readonly status: number | undefined;
  readonly body: Uint8Array;
  readonly error?: Error;
}

async function poll(session: Session, { requestId, kind, roundtrip }: Promised, iteration: number, signal?: AbortSignal): Promise<Polled> {
  const told = iteration === 0 && roundtrip !== undefined;
  try {
    return await session.http.send({
      method: "POST",
      path: "/api/v1/retrieve_future",
      body: stringify(FutureRetrieveRequest.encode({ request_id: requestId }, session.dialect.wire)),
      headers: {
        "x-tinker-request-iteration": String(iteration),
        "x-tinker-request-type": kind,
        "x-stainless-raw-response": "raw",
        ...(told ? { "x-tinker-create-promise-roundtrip-time": roundtrip.toFixed(6) } : {}),
      },
      timeout: POLL_TIMEOUT_S,
      maxRetries: 0,
      signal,
    });
  } catch (error) {
    if (error instanceof StatusError) return { status: error.status, body: Buffer.from(error.body), error };
    if (error instanceof ConnectionFailed) return { status: undefined, body: new Uint8Array(), error };
    throw error;
  }
}

function decode<T>(codec: Codec<T>, result: Json, session: Session): T {
  try {
    return codec.decode(result, session.dialect.wire, "$");
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ValidationError(`the result is not what it should be: ${error.message}`, { cause: error });
  }
}

/** Waits so long, then throws WaitTimeout; the work goes on, and can be awaited again. */
export async function within<T>(work: Promise<T>, seconds: number, clock: Clock): Promise<T> {
  const limit = clock.limit(seconds);
  try {
    return await Promise.race([work, aborted(limit.signal, seconds)]);
  } finally {
    limit.cancel();
  }
}

function aborted(signal: AbortSignal, seconds: number): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new WaitTimeout(`no result within ${seconds} s; it can still be awaited`)));
  });
}
