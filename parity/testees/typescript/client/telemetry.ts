// What clients tell about themselves: events, and the queue in which they wait. Source: tinker.md sections 2.9 and 3.7.
import { randomUUID } from "node:crypto";
import type { Severity, TelemetryEvent } from "../tinker/telemetry.ts";
import { JsonNumber, type Json } from "../wire/json.ts";
import { StatusError, userError } from "./errors.ts";

/** Events that wait; more are dropped. */
export const QUEUE = 10_000;
/** Events of one request. */
export const BATCH = 100;

/** Bounded: telemetry may get lost, but takes no memory and stops nothing. */
export class EventQueue {
  #events: TelemetryEvent[] = [];
  #dropped = 0;

  get dropped(): number {
    return this.#dropped;
  }

  /** False where it was dropped. */
  put(event: TelemetryEvent): boolean {
    if (this.#events.length >= QUEUE) {
      this.#dropped += 1;
      return false;
    }
    this.#events.push(event);
    return true;
  }

  /** The next events to send; empty when there are none. */
  take(): TelemetryEvent[] {
    return this.#events.splice(0, BATCH);
  }
}

/** Makes the events of one session; each has the next index, from 0. `now`: seconds since 1970. */
export class Events {
  #next = 0;
  readonly #now: () => number;
  readonly #began: number;
  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  started(): TelemetryEvent {
    return { event: "SESSION_START", ...this.#any("INFO") };
  }

  /** With its duration as Python prints one. */
  ended(): TelemetryEvent {
    return { event: "SESSION_END", duration: duration(this.#now() - this.#began), ...this.#any("INFO") };
  }

  generic(name: string, data: { [key: string]: Json }, severity: Severity = "INFO"): TelemetryEvent {
    return { event: "GENERIC_EVENT", event_name: name, event_data: data, ...this.#any(severity) };
  }

  /** A user's own error is no crash, and told as a warning. */
  exception(error: Error): TelemetryEvent {
    const blamed = userError(error);
    if (blamed === undefined) {
      const told = { error_message: error.message, error_type: error.name, traceback: error.stack ?? null };
      return { event: "UNHANDLED_EXCEPTION", ...told, ...this.#any("ERROR") };
    }
    const data: { [key: string]: Json } = { error_type: error.name, message: error.message };
    if (blamed instanceof StatusError) {
      data["status_code"] = new JsonNumber(String(blamed.status));
      data["body"] = blamed.body;
    }
    return this.generic("user_error", data, "WARNING");
  }

  #any(severity: Severity) {
    const timestamp = BigInt(Math.round(this.#now() * 1e6)) * 1000n;
    return { event_id: randomUUID(), event_session_index: this.#next++, severity, timestamp };
  }
}

function duration(seconds: number): string {
  const micros = Math.round(seconds * 1e6);
  const parts = [Math.trunc(micros / 60e6) % 60, Math.trunc(micros / 1e6) % 60].map((part) => String(part).padStart(2, "0"));
  return `${Math.trunc(micros / 3600e6)}:${parts.join(":")}.${String(micros % 1e6).padStart(6, "0")}`;
}
