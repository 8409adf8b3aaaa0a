//! What a long call answers at once, and how its result is asked for.

use std::sync::Arc;

use serde_json::Value;

use super::api::Api;
use super::clock::Clock;
use super::error::Error;
use super::generation::Generation;
use super::http::Call;
use super::pending::Stop;
use super::poll::{self, Poll};
use crate::tinker::future::{FutureRetrieveRequest, QueueState};
use crate::wire::{Opt, Wire};

const POLL_TIMEOUT_S: f64 = 45.0;

/// A long call: where it goes, and how the service calls it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kind {
    pub path: &'static str,
    pub name: &'static str,
}

pub const CREATE_MODEL: Kind = Kind { path: "/api/v1/create_model", name: "CreateModel" };
pub const FORWARD: Kind = Kind { path: "/api/v1/forward", name: "Forward" };
pub const FORWARD_BACKWARD: Kind = Kind { path: "/api/v1/forward_backward", name: "ForwardBackward" };
pub const OPTIM_STEP: Kind = Kind { path: "/api/v1/optim_step", name: "OptimStep" };
pub const SAVE_WEIGHTS: Kind = Kind { path: "/api/v1/save_weights", name: "SaveWeights" };
pub const LOAD_WEIGHTS: Kind = Kind { path: "/api/v1/load_weights", name: "LoadWeights" };
pub const SAVE_FOR_SAMPLER: Kind = Kind { path: "/api/v1/save_weights_for_sampler", name: "SaveWeightsForSampler" };
pub const SAMPLE: Kind = Kind { path: "/api/v1/asample", name: "Sample" };

/// `roundtrip_s`: how long the call took.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    pub kind: Kind,
    pub request_id: String,
    pub roundtrip_s: Option<f64>,
}

/// Is told why the service does not work on a request yet.
pub type Observer = Arc<dyn Fn(QueueState) + Send + Sync>;

/// Asks for results until they are there.
#[derive(Clone)]
pub struct Poller {
    pub api: Arc<Api>,
    pub clock: Arc<dyn Clock>,
    pub generation: &'static Generation,
}

impl Poller {
    /// Goes on for ever while there is no result. Errors: `RequestFailed`, `Expired`, `Status`, `Validation`, `Closed`.
    pub fn result<T: Wire>(&self, promise: &Promise, observer: &Observer, stop: &Stop) -> Result<T, Error> {
        let mut streak = None;
        let mut failures = 0;
        for iteration in 0u64.. {
            stop.check()?;
            let (status, body, error) = match self.api.send(&self.call(promise, iteration)) {
                Ok(answer) => (Some(answer.status), answer.body, None),
                Err(Error::Status { status, body, headers }) => {
                    (Some(status), body.clone().into_bytes(), Some(Error::Status { status, body, headers }))
                }
                Err(lost @ (Error::Connection(_) | Error::Timeout(_))) => (None, Vec::new(), Some(lost)),
                Err(other) => return Err(other),
            };
            failures = if streak == Some(status) { failures + 1 } else { 0 };
            streak = Some(status);
            let step = match status {
                Some(status) => poll::decide(status, &body, failures, self.generation),
                None => poll::lost(failures),
            };
            match step {
                Poll::Done(result) => {
                    return T::decode("$", &Value::Object(result), &self.generation.dialect)
                        .map_err(|error| Error::Validation(format!("the result is not what it should be: {error}")));
                }
                Poll::Again { delay_s, state, told } => {
                    if let Some(state) = state.filter(|_| told) {
                        observer(state);
                    }
                    if delay_s > 0.0 {
                        self.clock.sleep(delay_s);
                    }
                }
                Poll::Failed { reason, category } => {
                    return Err(Error::RequestFailed { reason, request_id: promise.request_id.clone(), category });
                }
                Poll::Invalid(reason) => return Err(Error::Validation(reason)),
                Poll::Resubmit => return Err(Error::Expired(promise.request_id.clone())),
                Poll::Refused => return Err(error.unwrap_or(Error::Validation("an answer of no use".into()))),
            }
        }
        unreachable!("iterations do not end")
    }

    fn call(&self, promise: &Promise, iteration: u64) -> Call {
        let request =
            FutureRetrieveRequest { request_id: promise.request_id.clone(), allow_metadata_only: Opt::Missing };
        let mut call = self.api.post("/api/v1/retrieve_future", &request).timeout(POLL_TIMEOUT_S).retries(0);
        call = call
            .header("x-tinker-request-iteration", iteration.to_string())
            .header("x-tinker-request-type", promise.kind.name)
            .header("x-stainless-raw-response", "raw");
        match promise.roundtrip_s.filter(|_| iteration == 0) {
            Some(seconds) => call.header("x-tinker-create-promise-roundtrip-time", seconds.to_string()),
            None => call,
        }
    }
}
