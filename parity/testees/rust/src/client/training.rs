//! Trains one model.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

use super::chunks;
use super::error::{Error, Usage};
use super::http::Call;
use super::outputs;
use super::pending::Pending;
use super::promise::{self, Kind, Observer, Promise};
use super::queue_log;
use super::sampling::SamplingClient;
use super::session::Session;
use crate::tinker::model::{GetInfoRequest, GetInfoResponse};
use crate::tinker::optimizer::{AdamParams, OptimStepRequest, OptimStepResponse};
use crate::tinker::training::{
    Datum, ForwardBackwardInput, ForwardBackwardOutput, ForwardBackwardRequest, ForwardRequest, LossFnConfigValue,
    LossFnType,
};
use crate::tinker::weights::{
    LoadWeightsRequest, LoadWeightsResponse, SaveWeightsForSamplerRequest, SaveWeightsForSamplerResponse,
    SaveWeightsRequest, SaveWeightsResponse,
};
use crate::wire::{Opt, Wire};

type Job = Box<dyn FnOnce() + Send>;
pub type LossFnConfig = Opt<BTreeMap<String, LossFnConfigValue>>;

/// Every call takes its numbers at once, and is sent when the promise of the one before is there; a call that fails does not
/// stop the next.
pub struct TrainingClient {
    session: Arc<Session>,
    model_id: String,
    observer: Observer,
    /// Number of the next call.
    next: Mutex<i64>,
    /// Submits, one after the other.
    line: Sender<Job>,
}

impl TrainingClient {
    pub(super) fn new(session: Arc<Session>, model_id: String, model: &str) -> Self {
        let (line, jobs) = channel::<Job>();
        thread::spawn(move || jobs.into_iter().for_each(|job| job()));
        let subject = format!("Training for {model}");
        let observer = queue_log::observer(subject, "concurrent models", session.clock.clone());
        Self { session, model_id, observer, next: Mutex::new(1), line }
    }

    pub fn model_id(&self) -> &str {
        &self.model_id
    }

    /// Outputs and metrics of a batch of any size. Errors: `NoLength`.
    pub fn forward(
        &self,
        data: Vec<Datum>,
        loss_fn: LossFnType,
        config: LossFnConfig,
    ) -> Result<Pending<ForwardBackwardOutput>, Error> {
        self.pass(promise::FORWARD, data, |session, data, seq_id| {
            let forward_input = ForwardBackwardInput { data, loss_fn, loss_fn_config: config.clone() };
            let request = ForwardRequest { forward_input, model_id: self.model_id.clone(), seq_id };
            session.api.post(promise::FORWARD.path, &request)
        })
    }

    /// As `forward`, and adds to the gradients.
    pub fn forward_backward(
        &self,
        data: Vec<Datum>,
        loss_fn: LossFnType,
        config: LossFnConfig,
    ) -> Result<Pending<ForwardBackwardOutput>, Error> {
        self.pass(promise::FORWARD_BACKWARD, data, |session, data, seq_id| {
            let forward_backward_input = ForwardBackwardInput { data, loss_fn, loss_fn_config: config.clone() };
            let request = ForwardBackwardRequest { forward_backward_input, model_id: self.model_id.clone(), seq_id };
            session.api.post(promise::FORWARD_BACKWARD.path, &request)
        })
    }

    /// Changes the weights by the gradients, which begin anew.
    pub fn optim_step(&self, adam_params: AdamParams) -> Pending<OptimStepResponse> {
        self.call(promise::OPTIM_STEP, |model_id, seq_id| OptimStepRequest { adam_params, model_id, seq_id })
    }

    /// Weights and optimizer, under the path that the result tells.
    pub fn save_state(&self, name: &str) -> Pending<SaveWeightsResponse> {
        self.call(promise::SAVE_WEIGHTS, |model_id, seq_id| SaveWeightsRequest {
            model_id,
            path: Opt::Value(name.into()),
            seq_id,
            ttl_seconds: Opt::Missing,
            overwrite: Opt::Missing,
            user_metadata: Opt::Missing,
        })
    }

    /// The weights; the optimizer begins anew.
    pub fn load_state(&self, path: &str) -> Pending<LoadWeightsResponse> {
        self.load(path, false)
    }

    /// Weights and optimizer. Errors: `Unsupported`: 0.4.1 cannot say so.
    pub fn load_state_with_optimizer(&self, path: &str) -> Result<Pending<LoadWeightsResponse>, Error> {
        if !self.session.generation.loads_optimizer {
            return Err(Error::usage(Usage::Unsupported, "0.4.1 loads no optimizer"));
        }
        Ok(self.load(path, true))
    }

    /// What `ServiceClient::create_sampling_client` takes.
    pub fn save_weights_for_sampler(&self, name: &str) -> Pending<SaveWeightsForSamplerResponse> {
        self.call(promise::SAVE_FOR_SAMPLER, |model_id, seq_id| SaveWeightsForSamplerRequest {
            model_id,
            path: Opt::Value(name.into()),
            sampling_session_seq_id: Opt::Missing,
            seq_id,
        })
    }

    /// Samples from the weights as they are now; they are kept for this client only.
    pub fn save_weights_and_get_sampling_client(&self) -> Pending<SamplingClient> {
        let number = self.session.samplers.fetch_add(1, Ordering::SeqCst);
        let saved: Pending<SaveWeightsForSamplerResponse> =
            self.call(promise::SAVE_FOR_SAMPLER, |model_id, seq_id| SaveWeightsForSamplerRequest {
                model_id,
                path: Opt::Missing,
                sampling_session_seq_id: Opt::Value(number),
                seq_id,
            });
        let (session, model) = (self.session.clone(), self.model_id.clone());
        Pending::start(move |_| match saved.wait()?.sampling_session_id {
            Opt::Value(id) => Ok(SamplingClient::new(session, id, &model)),
            _ => Err(Error::Validation("weights were saved for a sampler, without a sampling session".into())),
        })
    }

    pub fn get_info(&self) -> Result<GetInfoResponse, Error> {
        let request = GetInfoRequest { model_id: self.model_id.clone() };
        let call = self.session.api.post("/api/v1/get_info", &request);
        self.session.persist(|| self.session.api.ask(&call))
    }

    fn load(&self, path: &str, optimizer: bool) -> Pending<LoadWeightsResponse> {
        self.call(promise::LOAD_WEIGHTS, |model_id, seq_id| LoadWeightsRequest {
            model_id: Opt::Value(model_id),
            path: path.into(),
            seq_id,
            session_id: Opt::Missing,
            model_seq_id: Opt::Missing,
            base_model: Opt::Missing,
            user_metadata: Opt::Missing,
            optimizer: Opt::Value(optimizer),
            optimizer_config: Opt::Missing,
            weights_access_token: Opt::Missing,
        })
    }

    fn pass(
        &self,
        kind: Kind,
        data: Vec<Datum>,
        request: impl Fn(&Session, Vec<Datum>, Opt<i64>) -> Call,
    ) -> Result<Pending<ForwardBackwardOutput>, Error> {
        let generation = self.session.generation;
        let batches = chunks::split(data, generation)?;
        Ok(self.submit(
            kind,
            |take| batches.into_iter().map(|data| request(&self.session, data, take())).collect(),
            move |outputs| outputs::combine(outputs, generation),
        ))
    }

    fn call<T: Wire + Send + 'static, R: Wire>(
        &self,
        kind: Kind,
        request: impl FnOnce(String, Opt<i64>) -> R,
    ) -> Pending<T> {
        self.submit(
            kind,
            |take| vec![self.session.api.post(kind.path, &request(self.model_id.clone(), take()))],
            |mut results| results.pop().ok_or(Error::Closed),
        )
    }

    /// Numbers the calls, and puts them in line as one.
    fn submit<T: Wire + Send + 'static, U: Send + 'static>(
        &self,
        kind: Kind,
        calls: impl FnOnce(&mut dyn FnMut() -> Opt<i64>) -> Vec<Call>,
        combine: impl FnOnce(Vec<T>) -> Result<U, Error> + Send + 'static,
    ) -> Pending<U> {
        let (sender, promised) = channel::<Result<Vec<Promise>, Error>>();
        let session = self.session.clone();
        {
            let mut next = self.next.lock().expect("not poisoned");
            let calls = calls(&mut || {
                *next += 1;
                Opt::Value(*next - 1)
            });
            let submit = move || {
                let promise = |call: &Call| session.persist(|| session.promise(kind, call));
                let _ = sender.send(calls.iter().map(promise).collect()); // who gave up hears nothing
            };
            let _ = self.line.send(Box::new(submit)); // the line is there as long as the client
        }
        let (session, observer, line) = (self.session.clone(), self.observer.clone(), self.line.clone());
        Pending::start(move |stop| {
            let promises = promised.recv().map_err(|_| Error::Closed)??;
            yield_to(line);
            let result = |promise: &Promise| session.poller.result(promise, &observer, stop);
            combine(promises.iter().map(result).collect::<Result<_, _>>()?)
        })
    }
}

/// Submits that wait in line go before anybody asks for results.
fn yield_to(line: Sender<Job>) {
    let (sender, turn) = channel();
    let job: Job = Box::new(move || {
        let _ = sender.send(());
    });
    if line.send(job).is_ok() {
        let _ = turn.recv();
    }
}
