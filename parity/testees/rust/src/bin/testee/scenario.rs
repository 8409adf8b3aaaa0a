//! A script of steps, done by clients that share nothing with those of other scenarios.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{json, Value};
use tinker::client::clock::{Clock, Random};
use tinker::client::error::Error;
use tinker::client::generation::Generation;
use tinker::client::rate_limit::RateLimits;
use tinker::client::sampling::SamplingClient;
use tinker::client::service::ServiceClient;
use tinker::client::training::TrainingClient;
use tinker::wire;

use crate::calls::{Outcome, Refused};
use crate::noted_clock::NotedClock;
use crate::{given, pure, steps};

const KEY: &str = "tml-key";

/// One client, and the clients that it made, by name.
pub struct Actor {
    pub service: ServiceClient,
    pub trainers: Mutex<HashMap<String, Arc<TrainingClient>>>,
    pub samplers: Mutex<HashMap<String, SamplingClient>>,
}

/// Why a step has no result.
pub enum Failure {
    Client(Error),
    /// What the case names is not there.
    Unknown,
    Unsupported(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<wire::Error> for Failure {
    fn from(_: wire::Error) -> Self {
        Self::Unknown
    }
}

pub type Told = Result<Value, Failure>;
/// Waits for what has begun.
pub type Begun = Box<dyn FnOnce() -> Told + Send>;
type Outcomes = Box<dyn FnOnce() -> Outcome + Send>;

pub struct Stage {
    pub generation: &'static Generation,
    pub clock: Arc<NotedClock>,
    given: Value,
    limits: RateLimits,
    actors: Mutex<HashMap<String, Arc<Actor>>>,
}

/// The outcomes of all steps, and what the clients would have slept.
pub fn play(given: &Value, generation: &'static Generation) -> Outcome {
    let real = given["config"]["real_time"] == true;
    let stage = Arc::new(Stage {
        generation,
        clock: Arc::new(NotedClock::new(real)),
        given: given.clone(),
        limits: RateLimits::default(),
        actors: Mutex::default(),
    });
    let steps = stage.in_turn(given::list(&given["steps"]))?;
    Ok(json!({"steps": steps, "slept_s": stage.clock.slept()}))
}

impl Stage {
    fn in_turn(self: &Arc<Self>, steps: &[Value]) -> Outcome {
        steps.iter().map(|step| self.begin(step)()).collect()
    }

    /// Begins a step, and gives what waits for its outcome; of several steps, a list.
    fn begin(self: &Arc<Self>, step: &Value) -> Outcomes {
        match given::text(step, "do") {
            "in_turn" => {
                let (stage, steps) = (self.clone(), given::list(&step["steps"]).to_vec());
                let all = thread::spawn(move || stage.in_turn(&steps));
                Box::new(move || all.join().expect("a step panicked"))
            }
            "together" => {
                let all: Vec<Outcomes> = given::list(&step["steps"]).iter().map(|each| self.begin(each)).collect();
                Box::new(move || all.into_iter().map(|each| each()).collect())
            }
            name => {
                let begun = self.call(name, &step["with"]);
                Box::new(move || match begun.and_then(|wait| wait()) {
                    Ok(result) => Ok(json!({"ok": result})),
                    Err(Failure::Unsupported(what)) => Err(Refused::Unsupported(what)),
                    Err(Failure::Unknown) => Ok(json!({"error": {"kind": "usage"}})),
                    Err(Failure::Client(error)) => Ok(json!({"error": told(&error)})),
                })
            }
        }
    }

    fn call(self: &Arc<Self>, name: &str, told: &Value) -> Result<Begun, Failure> {
        if name == "client" {
            let actor = Arc::new(self.actor(&told["config"])?);
            self.actors.lock().expect("not poisoned").insert(given::text(told, "as").into(), actor);
            return Ok(Box::new(|| Ok(json!({}))));
        }
        let actor = self.named(given::text(told, "client"))?;
        steps::begin(name, self.clone(), actor, told.clone())
    }

    fn named(&self, name: &str) -> Result<Arc<Actor>, Failure> {
        let mut actors = self.actors.lock().expect("not poisoned");
        if name.is_empty() && !actors.contains_key(name) {
            actors.insert(name.into(), Arc::new(self.actor(&self.given["config"])?));
        }
        actors.get(name).cloned().ok_or(Failure::Unknown)
    }

    fn actor(&self, told: &Value) -> Result<Actor, Error> {
        let address = given::text(&self.given, "base_url").to_owned() + given::text(told, "base_path");
        let env: BTreeMap<String, String> = given::texts(&told["env"])
            .into_iter()
            .map(|(name, value)| (name, value.replace("{base_url}", &address)))
            .collect();
        let mut settings = given::settings(told);
        if !env.contains_key("TINKER_BASE_URL") {
            settings.base_url = Some(address);
        }
        if told.get("env").is_none() {
            settings.api_key.get_or_insert(KEY.into());
        }
        if !env.contains_key("TINKER_TELEMETRY") {
            settings.telemetry.get_or_insert(false);
        }
        let config = settings.resolve(self.generation, &env)?;
        let draw = given::number(&self.given, "random");
        let random: Random = Arc::new(move || draw);
        let clock: Arc<dyn Clock> = self.clock.clone();
        let service = ServiceClient::with(config, clock, random, &self.limits);
        Ok(Actor { service, trainers: Mutex::default(), samplers: Mutex::default() })
    }
}

fn told(error: &Error) -> Value {
    match error {
        Error::Usage(..) => json!({"kind": "usage"}),
        Error::Status { .. } | Error::Expired(_) => {
            json!({"kind": "status", "status": error.status(), "retryable": error.retryable()})
        }
        Error::Connection(_) => json!({"kind": "connection"}),
        Error::Timeout(_) => json!({"kind": "timeout"}),
        Error::Validation(_) => json!({"kind": "validation"}),
        Error::RequestFailed { category, .. } => {
            let category = pure::shown(category, &tinker::client::generation::V041);
            json!({"kind": "request_failed", "category": category, "retryable": error.retryable()})
        }
        Error::Closed => json!({"kind": "closed"}),
    }
}
