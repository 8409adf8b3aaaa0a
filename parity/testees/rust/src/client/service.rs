//! Where a program begins.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::clock::{chance, Clock, Random, SystemClock};
use super::config::Config;
use super::error::Error;
use super::http::Http;
use super::path::TinkerPath;
use super::pending::{Pending, Stop};
use super::promise::{self, Observer, Promise};
use super::rate_limit::RateLimits;
use super::reporter::Reporter;
use super::rest::RestClient;
use super::sampling::SamplingClient;
use super::session::Session;
use super::training::TrainingClient;
use crate::tinker::model::{CreateModelRequest, CreateModelResponse, LoraConfig};
use crate::tinker::sampling::{CreateSamplingSessionRequest, CreateSamplingSessionResponse};
use crate::wire::{Opt, Wire};

pub const RANK: i32 = 32;

/// How the model of a training client is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Lora {
    pub base_model: String,
    pub rank: i32,
    pub seed: Option<i64>,
    pub user_metadata: BTreeMap<String, String>,
}

impl Lora {
    pub fn of(base_model: &str) -> Self {
        Self { base_model: base_model.into(), rank: RANK, seed: None, user_metadata: BTreeMap::new() }
    }
}

/// Any number side by side; nothing is shared but rate limits that are given to several.
pub struct ServiceClient {
    session: Arc<Session>,
}

impl ServiceClient {
    pub fn new(config: Config) -> Self {
        Self::with(config, Arc::new(SystemClock), chance(), &RateLimits::default())
    }

    /// `limits`: of clients that should respect one another's.
    pub fn with(config: Config, clock: Arc<dyn Clock>, random: Random, limits: &RateLimits) -> Self {
        Self { session: Arc::new(Session::new(config, clock, random, limits)) }
    }

    /// A new model. It is not tried again as a whole.
    pub fn create_training_client(&self, lora: &Lora) -> Result<TrainingClient, Error> {
        let session = &self.session;
        let session_id = session.begin()?;
        let metadata = lora.user_metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
        let adapters = LoraConfig {
            rank: lora.rank,
            seed: lora.seed.map_or(Opt::Null, Opt::Value),
            train_unembed: Opt::Value(true),
            train_mlp: Opt::Value(true),
            train_attn: Opt::Value(true),
        };
        let request = CreateModelRequest {
            session_id,
            model_seq_id: session.models.fetch_add(1, Ordering::SeqCst),
            base_model: lora.base_model.clone(),
            user_metadata: if lora.user_metadata.is_empty() { Opt::Null } else { Opt::Value(metadata.collect()) },
            lora_config: Opt::Value(adapters),
            optimizer_config: Opt::Missing,
        };
        let call = session.api.post(promise::CREATE_MODEL.path, &request);
        let promise = session.promise(promise::CREATE_MODEL, &call)?;
        let unobserved: Observer = Arc::new(|_| ());
        let created: CreateModelResponse = session.poller.result(&promise, &unobserved, &Stop::default())?;
        Ok(TrainingClient::new(session.clone(), created.model_id, &lora.base_model))
    }

    /// A new model with saved weights. Errors: `BadPath`; `Unsupported`: 0.4.1 loads no optimizer.
    pub fn create_training_client_from_state(&self, path: &str, optimizer: bool) -> Result<TrainingClient, Error> {
        let parsed = TinkerPath::parse(path)?;
        self.session.begin()?;
        let (base_model, rank) = if self.session.generation.loads_optimizer {
            let info = self.rest().get_weights_info(path)?;
            (info.base_model, info.lora_rank)
        } else {
            let run = self.rest().get_training_run(&parsed.run)?;
            (run.base_model, run.lora_rank)
        };
        let rank = match rank {
            Opt::Value(rank) => rank,
            _ => RANK,
        };
        let client = self.create_training_client(&Lora { rank, ..Lora::of(&base_model) })?;
        let loaded = if optimizer { client.load_state_with_optimizer(path)? } else { client.load_state(path) };
        loaded.wait()?;
        Ok(client)
    }

    /// Samples from a base model.
    pub fn create_sampling_client(&self, base_model: &str) -> Result<SamplingClient, Error> {
        self.sampler(Opt::Value(base_model.into()), Opt::Null, base_model)
    }

    /// Samples from saved weights. Errors: `BadPath`.
    pub fn create_sampling_client_from_path(&self, path: &str) -> Result<SamplingClient, Error> {
        TinkerPath::parse(path)?;
        self.sampler(Opt::Null, Opt::Value(path.into()), path)
    }

    pub fn rest(&self) -> RestClient {
        RestClient::new(self.session.clone())
    }

    /// For calls that this client does not have.
    pub fn http(&self) -> &Http {
        &self.session.api.http
    }

    /// Of the session, which is begun if need be.
    pub fn telemetry(&self) -> Result<Arc<Reporter>, Error> {
        self.session.reporter()
    }

    /// The result of a request that somebody sent.
    pub fn result<T: Wire + Send + 'static>(&self, promise: Promise, observer: Observer) -> Pending<T> {
        let poller = self.session.poller.clone();
        Pending::start(move |stop| poller.result(&promise, &observer, stop))
    }

    fn sampler(&self, base_model: Opt<String>, model_path: Opt<String>, name: &str) -> Result<SamplingClient, Error> {
        let session = &self.session;
        let request = CreateSamplingSessionRequest {
            session_id: session.begin()?,
            sampling_session_seq_id: session.samplers.fetch_add(1, Ordering::SeqCst),
            base_model,
            model_path,
        };
        let call = session.api.post("/api/v1/create_sampling_session", &request);
        let created: CreateSamplingSessionResponse = session.api.ask(&call)?;
        Ok(SamplingClient::new(session.clone(), created.sampling_session_id, name))
    }
}
