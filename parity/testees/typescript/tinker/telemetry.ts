// What clients report about themselves.
import { enumeration, int64, list, object, string, type Infer } from "../wire/codec.ts";
import { always, field, literal, message, union } from "../wire/message.ts";
import { timestamp } from "../wire/time.ts";

const required = { required: true };

export const Severity = enumeration(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]);
export type Severity = Infer<typeof Severity>;

/** event_session_index counts from 0. */
const anyEvent = {
  event_id: always(string),
  event_session_index: always(int64),
  severity: always(Severity),
  timestamp: always(timestamp),
};

export const SessionStartEvent = message("ignore", { event: literal("SESSION_START", required), ...anyEvent });
/** duration as Python prints it: "0:00:13.557000". */
export const SessionEndEvent = message("ignore", {
  duration: always(string),
  event: literal("SESSION_END", required),
  ...anyEvent,
});
export const UnhandledExceptionEvent = message("ignore", {
  error_message: always(string),
  error_type: always(string),
  event: literal("UNHANDLED_EXCEPTION", required),
  ...anyEvent,
  traceback: field(string, "omit_or_null"),
});
export const GenericEvent = message("ignore", {
  event: literal("GENERIC_EVENT", required),
  event_name: always(string),
  ...anyEvent,
  event_data: field(object, "always", { default: {} }),
});

export const TelemetryEvent = union(
  [
    { tag: "SESSION_START", codec: SessionStartEvent },
    { tag: "SESSION_END", codec: SessionEndEvent },
    { tag: "UNHANDLED_EXCEPTION", codec: UnhandledExceptionEvent },
    { tag: "GENERIC_EVENT", codec: GenericEvent },
  ],
  { tag: "event" },
);
export type TelemetryEvent = Infer<typeof TelemetryEvent>;

export const TelemetrySendRequest = message("forbid", {
  events: always(list(TelemetryEvent)),
  platform: always(string),
  sdk_version: always(string),
  session_id: always(string),
  process_uuid: field(string, "always", { only: ["tinker-0.38"] }),
});
export type TelemetrySendRequest = Infer<typeof TelemetrySendRequest>;

export const TelemetryResponse = message("ignore", { status: literal("accepted", required) });
