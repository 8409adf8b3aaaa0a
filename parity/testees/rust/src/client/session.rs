//! A session with the service, which all clients of a service client share. Begun by whoever needs it first.

use std::sync::atomic::AtomicI64;
use std::sync::mpsc::{channel, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{json, Value};

use super::api::Api;
use super::clock::{Clock, Random};
use super::config::Config;
use super::error::Error;
use super::generation::Generation;
use super::http::{Call, Http};
use super::promise::{Kind, Poller, Promise};
use super::rate_limit::{RateLimit, RateLimits};
use super::reporter::Reporter;
use super::submit;
use crate::tinker::future::UntypedAPIFuture;
use crate::tinker::session::{
    CreateSessionRequest, CreateSessionResponse, SessionHeartbeatRequest, SessionHeartbeatResponse,
};
use crate::tinker::telemetry::Severity;
use crate::wire::Opt;

/// Of the heartbeat, and of sending telemetry.
const EVERY: Duration = Duration::from_secs(10);
const HEARTBEAT_TIMEOUT_S: f64 = 10.0;

pub struct Session {
    pub config: Config,
    pub generation: &'static Generation,
    pub clock: Arc<dyn Clock>,
    pub random: Random,
    pub api: Arc<Api>,
    pub poller: Poller,
    pub rate_limit: Arc<RateLimit>,
    /// Numbers of models, from 0.
    pub models: AtomicI64,
    /// Numbers of sampling sessions, from 0.
    pub samplers: AtomicI64,
    begun: Mutex<Option<Begun>>,
}

struct Begun {
    id: String,
    reporter: Arc<Reporter>,
    /// Where it is dropped, the rhythm ends.
    _rhythm: Sender<()>,
}

impl Session {
    pub fn new(config: Config, clock: Arc<dyn Clock>, random: Random, limits: &RateLimits) -> Self {
        let generation = config.generation;
        let api = Arc::new(Api::new(Http::new(config.clone(), clock.clone(), random.clone()), generation));
        let rate_limit = match generation.envelopes {
            true => limits.of(&config, &clock),
            false => Arc::new(RateLimit::new(clock.clone(), true)),
        };
        Self {
            config,
            generation,
            poller: Poller { api: api.clone(), clock: clock.clone(), generation },
            clock,
            random,
            api,
            rate_limit,
            models: AtomicI64::new(0),
            samplers: AtomicI64::new(0),
            begun: Mutex::new(None),
        }
    }

    /// The session's id; asks for a session when there is none.
    pub fn begin(&self) -> Result<String, Error> {
        self.with_begun(|begun| begun.id.clone())
    }

    /// Of the session, which is begun if need be.
    pub fn reporter(&self) -> Result<Arc<Reporter>, Error> {
        self.with_begun(|begun| begun.reporter.clone())
    }

    fn with_begun<T>(&self, get: impl FnOnce(&Begun) -> T) -> Result<T, Error> {
        let mut begun = self.begun.lock().expect("not poisoned");
        if begun.is_none() {
            *begun = Some(self.create()?);
        }
        Ok(get(begun.as_ref().expect("just begun")))
    }

    fn create(&self) -> Result<Begun, Error> {
        let metadata = self.config.user_metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
        let request = CreateSessionRequest {
            tags: self.config.tags.clone(),
            user_metadata: Opt::Value(metadata.collect()),
            sdk_version: self.generation.sdk_version.into(),
            project_id: Opt::Missing,
            display_name: Opt::Missing,
        };
        let answer: CreateSessionResponse = self.api.ask(&self.api.post("/api/v1/create_session", &request))?;
        for said in [&answer.info_message, &answer.warning_message, &answer.error_message] {
            if let Opt::Value(text) = said {
                eprintln!("tinker: {text}");
            }
        }
        let reporter = Arc::new(Reporter::new(self.api.clone(), &self.config, &answer.session_id));
        let rhythm = beat(self.api.clone(), reporter.clone(), answer.session_id.clone());
        Ok(Begun { id: answer.session_id, reporter, _rhythm: rhythm })
    }

    /// Tries a whole submit until it works, or makes no sense any more; each failure is told to telemetry.
    pub fn persist<T>(&self, act: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let began = self.clock.passed();
        for attempt in 0.. {
            let error = match act() {
                Err(error @ (Error::Status { .. } | Error::Connection(_) | Error::Timeout(_))) => error,
                done => return done,
            };
            let delay = submit::delay(error.status(), attempt, self.clock.passed() - began, self.generation);
            self.failed(&error, attempt, delay.is_some());
            match delay {
                Some(seconds) => self.clock.sleep(seconds),
                None => return Err(error),
            }
        }
        unreachable!("attempts do not end")
    }

    /// Sends a long call once, and gives what it promises.
    pub fn promise(&self, kind: Kind, call: &Call) -> Result<Promise, Error> {
        let began = self.clock.passed();
        let answer: UntypedAPIFuture = self.api.ask(call)?;
        Ok(Promise { kind, request_id: answer.request_id, roundtrip_s: Some(self.clock.passed() - began) })
    }

    fn failed(&self, error: &Error, attempt: u32, again: bool) {
        if let Some(begun) = self.begun.lock().expect("not poisoned").as_ref() {
            let data = json!({"exception": error.to_string(), "is_retryable": again, "attempt_count": attempt});
            let severity = if again || error.by_user() { Severity::Warning } else { Severity::Error };
            let data = data.as_object().cloned().unwrap_or_default();
            begun.reporter.event("InternalClientHolder.execute_with_retries.exception", data, severity);
        }
    }
}

/// Tells the service that somebody is there, and what happened, until the session is dropped.
fn beat(api: Arc<Api>, reporter: Arc<Reporter>, session_id: String) -> Sender<()> {
    let (rhythm, dropped) = channel();
    thread::spawn(move || {
        while dropped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
            let request = SessionHeartbeatRequest { session_id: session_id.clone() };
            let call = api.post("/api/v1/session_heartbeat", &request).timeout(HEARTBEAT_TIMEOUT_S).retries(0);
            let _ = api.ask::<SessionHeartbeatResponse>(&call); // the next one may be heard
            reporter.flush();
        }
    });
    rhythm
}
