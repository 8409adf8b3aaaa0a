// Time and chance as parameters, so that what depends on them can be told.
import { setTimeout as delay } from "node:timers/promises";

/** A number in [0, 1). */
export type Random = () => number;

export interface Clock {
  /** Seconds since 1970. */
  now(): number;
  /** Seconds since some point; never backwards. */
  passed(): number;
  /** What retries, backoff and queues wait; heartbeats and flushes do not ask here. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** Aborts after so long; `cancel` when it is not needed any more. */
  limit(seconds: number): { readonly signal: AbortSignal; cancel(): void };
}

export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now() / 1000,
  passed: () => performance.now() / 1000,
  sleep: (seconds, signal) => delay(seconds * 1000, undefined, signal === undefined ? {} : { signal }),
  limit(seconds) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), seconds * 1000);
    return { signal: controller.signal, cancel: () => clearTimeout(timer) };
  },
};
