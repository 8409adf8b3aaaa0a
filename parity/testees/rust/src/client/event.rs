//! Telemetry events: how they are made, and how they wait.

use std::collections::hash_map::RandomState;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{json, Map, Value};

use super::error::Error;
use crate::tinker::telemetry::{
    GenericEvent, SessionEndEvent, SessionStartEvent, Severity, TelemetryEvent, UnhandledExceptionEvent,
};
use crate::wire::{Opt, Timestamp};

const CAPACITY: usize = 10_000;
const BATCH: usize = 100;

/// Makes the events of one session; each has the next index, from 0.
#[derive(Debug)]
pub struct Events {
    began: Instant,
    next: AtomicI64,
}

impl Default for Events {
    fn default() -> Self {
        Self { began: Instant::now(), next: AtomicI64::new(0) }
    }
}

impl Events {
    pub fn started(&self) -> TelemetryEvent {
        TelemetryEvent::SessionStart(SessionStartEvent {
            event_id: unique(),
            event_session_index: self.index(),
            severity: Severity::Info,
            timestamp: now(),
        })
    }

    /// The duration as Python writes one, as 0.4.1 does.
    pub fn ended(&self) -> TelemetryEvent {
        let lasted = self.began.elapsed();
        let (hours, minutes, seconds) = (lasted.as_secs() / 3600, lasted.as_secs() / 60 % 60, lasted.as_secs() % 60);
        TelemetryEvent::SessionEnd(SessionEndEvent {
            duration: format!("{hours}:{minutes:02}:{seconds:02}.{:06}", lasted.subsec_micros()),
            event_id: unique(),
            event_session_index: self.index(),
            severity: Severity::Info,
            timestamp: now(),
        })
    }

    pub fn generic(&self, name: &str, data: Map<String, Value>, severity: Severity) -> TelemetryEvent {
        TelemetryEvent::Generic(GenericEvent {
            event_id: unique(),
            event_name: name.into(),
            event_session_index: self.index(),
            severity,
            timestamp: now(),
            event_data: Opt::Value(data),
        })
    }

    /// An error of the client, or what led to it. A user's own error is no crash: it is told as a generic event, and as a warning.
    pub fn failed(&self, errors: &[Error]) -> TelemetryEvent {
        let text = errors.first().map(Error::to_string).unwrap_or_default();
        let Some(blamed) = errors.iter().find(|error| error.by_user()) else {
            return self.crashed("TinkerError", &text);
        };
        let data = json!({"error_type": "TinkerError", "message": text, "status_code": blamed.status()});
        self.generic("user_error", data.as_object().cloned().unwrap_or_default(), Severity::Warning)
    }

    /// What is no error of the client.
    pub fn crashed(&self, kind: &str, message: &str) -> TelemetryEvent {
        TelemetryEvent::UnhandledException(UnhandledExceptionEvent {
            error_message: message.into(),
            error_type: kind.into(),
            event_id: unique(),
            event_session_index: self.index(),
            severity: Severity::Error,
            timestamp: now(),
            traceback: Opt::Null,
        })
    }

    fn index(&self) -> i64 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }
}

/// Events wait, and go out in batches. Bounded: telemetry may get lost, but stops nothing.
#[derive(Debug, Default)]
pub struct EventQueue {
    events: VecDeque<TelemetryEvent>,
    pub dropped: u64,
}

impl EventQueue {
    pub fn put(&mut self, event: TelemetryEvent) {
        if self.events.len() < CAPACITY {
            self.events.push_back(event);
        } else {
            self.dropped += 1;
        }
    }

    /// The next events to send; empty when there are none.
    pub fn batch(&mut self) -> Vec<TelemetryEvent> {
        self.events.drain(..BATCH.min(self.events.len())).collect()
    }
}

fn now() -> Timestamp {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(passed.as_micros() as i128 * 1000)
}

/// A UUID of version 4. The standard library's hash keys are its only source of chance.
pub fn unique() -> String {
    let draw = || u128::from(RandomState::new().build_hasher().finish());
    let bits = draw() << 64 | draw();
    let bits = bits & !(0xf << 76) & !(0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let text = format!("{bits:032x}");
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}
