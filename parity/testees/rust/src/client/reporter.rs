//! Sends telemetry. Whatever happens to it, nobody else notices; a batch that cannot be sent is lost.

use std::env::consts;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use super::api::Api;
use super::config::Config;
use super::event::{EventQueue, Events};
use crate::tinker::telemetry::{Severity, TelemetryEvent, TelemetryResponse, TelemetrySendRequest};
use crate::wire::Opt;

const TIMEOUT_S: f64 = 5.0;

pub struct Reporter {
    api: Arc<Api>,
    enabled: bool,
    sdk_version: &'static str,
    session_id: String,
    events: Events,
    queue: Mutex<EventQueue>,
}

impl Reporter {
    pub fn new(api: Arc<Api>, config: &Config, session_id: &str) -> Self {
        let reporter = Self {
            api,
            enabled: config.telemetry,
            sdk_version: config.generation.sdk_version,
            session_id: session_id.into(),
            events: Events::default(),
            queue: Mutex::default(),
        };
        reporter.put(|events| events.started());
        reporter
    }

    pub fn event(&self, name: &str, data: Map<String, Value>, severity: Severity) {
        self.put(|events| events.generic(name, data, severity));
    }

    /// What is no error of the client.
    pub fn crashed(&self, kind: &str, message: &str) {
        self.put(|events| events.crashed(kind, message));
    }

    /// Sends what waits.
    pub fn flush(&self) {
        loop {
            let events = self.queue.lock().expect("not poisoned").batch();
            if events.is_empty() {
                return;
            }
            let request = TelemetrySendRequest {
                events,
                platform: consts::OS.into(),
                sdk_version: self.sdk_version.into(),
                session_id: self.session_id.clone(),
                process_uuid: Opt::Missing,
            };
            let call = self.api.post("/api/v1/telemetry", &request).timeout(TIMEOUT_S);
            if let Err(error) = self.api.ask::<TelemetryResponse>(&call) {
                eprintln!("telemetry is lost: {error}");
            }
        }
    }

    fn put(&self, make: impl FnOnce(&Events) -> TelemetryEvent) {
        if self.enabled {
            self.queue.lock().expect("not poisoned").put(make(&self.events));
        }
    }
}
