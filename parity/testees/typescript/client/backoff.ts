// Waiting after a 429 of a sample, and retries around a whole sample. Source: tinker.md section 3.5; seed 000 section 3.3.
import type { Clock } from "./clock.ts";
import type { Dialect } from "./dialect.ts";
import { retryAfter } from "./retry.ts";

const PAUSE_S = 1;
const FIRST_S = 0.5;
const LONGEST_S = 10;
const JITTER = 0.25;
const STEP_S = 1;

/** Seconds for which all samples of one key at one server wait; 0: not because of this answer. */
export function samplingPause(status: number, headers: Headers, now: number, dialect: Dialect): number {
  if (status !== 429) return 0;
  const said = dialect.envelope ? retryAfter(headers, now) : undefined;
  return said !== undefined && said > 0 ? said : PAUSE_S;
}

/** Seconds before a sample is tried again as a whole; random spreads it by a quarter both ways. */
export function sampleRetryDelay(attempt: number, random: number): number {
  const delay = Math.min(FIRST_S * 2 ** attempt, LONGEST_S);
  return Math.max(0, Math.min(delay * (1 + JITTER * (2 * random - 1)), LONGEST_S));
}

/** All samples of one tenant wait. `stepwise`: who waits looks again every second, as the SDKs do. */
export class RateLimit {
  #until = 0;
  readonly #clock: Clock;
  readonly #stepwise: boolean;
  constructor(clock: Clock, stepwise: boolean) {
    this.#clock = clock;
    this.#stepwise = stepwise;
  }

  /** From now on; never shortens a pause. */
  pause(seconds: number): void {
    this.#until = Math.max(this.#until, this.#clock.passed() + seconds);
  }

  async wait(signal?: AbortSignal): Promise<void> {
    for (let left = this.#left(); left > 0; left = this.#left()) await this.#clock.sleep(this.#stepwise ? STEP_S : left, signal);
  }

  #left(): number {
    return this.#until - this.#clock.passed();
  }
}

/** One limit for each base URL and key, of all clients that are given the same RateLimits. */
export class RateLimits {
  readonly #limits = new Map<string, RateLimit>();

  of(baseUrl: string, apiKey: string, clock: Clock): RateLimit {
    const tenant = JSON.stringify([baseUrl, apiKey]);
    const limit = this.#limits.get(tenant) ?? new RateLimit(clock, false);
    this.#limits.set(tenant, limit);
    return limit;
  }
}
