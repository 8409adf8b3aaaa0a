// Sends telemetry. Whatever happens to it, nobody else notices. Source: tinker.md section 3.7.
import { TelemetryResponse, TelemetrySendRequest, type Severity, type TelemetryEvent } from "../tinker/telemetry.ts";
import type { Json } from "../wire/json.ts";
import { PLATFORM } from "./headers.ts";
import type { Session } from "./session.ts";
import { EventQueue, Events } from "./telemetry.ts";

const FLUSH_EVERY_S = 10;
const TIMEOUT_S = 5;

/** Of one session. A batch that cannot be sent is lost, and said in the log. */
export class Reporter {
  readonly #session: Session;
  readonly #id: string;
  readonly #events: Events;
  readonly #queue = new EventQueue();
  readonly #timer: NodeJS.Timeout;
  constructor(session: Session, id: string) {
    this.#session = session;
    this.#id = id;
    this.#events = new Events(() => session.clock.now());
    this.#queue.put(this.#events.started());
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_S * 1000).unref();
  }

  /** False where it is not sent: the queue is full. */
  event(name: string, data: { [key: string]: Json }, severity: Severity = "INFO"): boolean {
    return this.#queue.put(this.#events.generic(name, data, severity));
  }

  /** Is sent soon. */
  exception(error: Error): boolean {
    setImmediate(() => void this.flush());
    return this.#queue.put(this.#events.exception(error));
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    for (let batch = this.#queue.take(); batch.length > 0; batch = this.#queue.take()) await this.#send(batch);
  }

  /** 0.4.1 leaves the rest unsent. */
  close(): void {
    clearInterval(this.#timer);
  }

  async #send(events: TelemetryEvent[]): Promise<void> {
    const request = { events, platform: PLATFORM, sdk_version: this.#session.dialect.sdkVersion, session_id: this.#id };
    try {
      await this.#session.ask("telemetry", TelemetrySendRequest, request, TelemetryResponse, { timeout: TIMEOUT_S });
    } catch (error) {
      console.warn(`tinker: ${events.length} telemetry events are lost: ${String(error)}`);
    }
  }
}
