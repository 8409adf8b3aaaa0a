// Sleeps not at all: it notes what would have been slept, and is ahead by as much.
import { SYSTEM_CLOCK, type Clock } from "../client/clock.ts";

export class NotedClock implements Clock {
  readonly slept: number[] = [];
  readonly #sleeps: boolean;
  #ahead = 0;
  readonly #limits = new Map<AbortController, number>();

  /** `sleeps`: it does sleep, and time is real. */
  constructor(sleeps: boolean) {
    this.#sleeps = sleeps;
  }

  now(): number {
    return SYSTEM_CLOCK.now() + this.#ahead;
  }

  /** Goes on by sleeps and by nothing else, so that delays are exact. */
  passed(): number {
    return this.#sleeps ? SYSTEM_CLOCK.passed() : this.#ahead;
  }

  async sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(seconds);
    if (this.#sleeps) {
      await SYSTEM_CLOCK.sleep(seconds, signal);
      return;
    }
    this.#ahead += seconds;
    for (const [controller, until] of this.#limits) if (until <= this.#ahead) controller.abort();
  }

  /** By real time, too: for who waits for an answer that does not come. */
  limit(seconds: number): { signal: AbortSignal; cancel(): void } {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), seconds * 1000);
    this.#limits.set(controller, this.#ahead + seconds);
    const cancel = () => {
      clearTimeout(timer);
      this.#limits.delete(controller);
    };
    return { signal: controller.signal, cancel };
  }
}
