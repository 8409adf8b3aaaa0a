//! What clients report about themselves.

use serde_json::{Map, Value};

use super::ONLY_038;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule, Timestamp};
use crate::{message, string_enum, union};

message! {
    pub struct TelemetrySendRequest (Forbid) {
        events: Vec<TelemetryEvent> = Rule::new(Always),
        platform: String = Rule::new(Always),
        sdk_version: String = Rule::new(Always),
        session_id: String = Rule::new(Always),
        process_uuid: Opt<String> = Rule::new(Always).only(ONLY_038),
    }
}

message! {
    pub struct TelemetryResponse (Ignore, "status" = "accepted" required) {}
}

union! {
    pub enum TelemetryEvent tag "event" required {
        SessionStart(SessionStartEvent) = "SESSION_START",
        SessionEnd(SessionEndEvent) = "SESSION_END",
        UnhandledException(UnhandledExceptionEvent) = "UNHANDLED_EXCEPTION",
        Generic(GenericEvent) = "GENERIC_EVENT",
    }
}

message! {
    /// The first event of a session. `event_session_index` counts from 0.
    pub struct SessionStartEvent (Ignore, "event" = "SESSION_START" required) {
        event_id: String = Rule::new(Always),
        event_session_index: i64 = Rule::new(Always),
        severity: Severity = Rule::new(Always),
        timestamp: Timestamp = Rule::new(Always),
    }
}

message! {
    /// The last one. `duration` as Python prints it: "0:00:13.557000".
    pub struct SessionEndEvent (Ignore, "event" = "SESSION_END" required) {
        duration: String = Rule::new(Always),
        event_id: String = Rule::new(Always),
        event_session_index: i64 = Rule::new(Always),
        severity: Severity = Rule::new(Always),
        timestamp: Timestamp = Rule::new(Always),
    }
}

message! {
    pub struct UnhandledExceptionEvent (Ignore, "event" = "UNHANDLED_EXCEPTION" required) {
        error_message: String = Rule::new(Always),
        error_type: String = Rule::new(Always),
        event_id: String = Rule::new(Always),
        event_session_index: i64 = Rule::new(Always),
        severity: Severity = Rule::new(Always),
        timestamp: Timestamp = Rule::new(Always),
        traceback: Opt<String> = Rule::new(OmitOrNull),
    }
}

message! {
    /// Everything else, by name.
    pub struct GenericEvent (Ignore, "event" = "GENERIC_EVENT" required) {
        event_id: String = Rule::new(Always),
        event_name: String = Rule::new(Always),
        event_session_index: i64 = Rule::new(Always),
        severity: Severity = Rule::new(Always),
        timestamp: Timestamp = Rule::new(Always),
        event_data: Opt<Map<String, Value>> = Rule::new(Always).or("{}"),
    }
}

string_enum! {
    pub enum Severity {
        Debug = "DEBUG",
        Info = "INFO",
        Warning = "WARNING",
        Error = "ERROR",
        Critical = "CRITICAL",
    }
}
