//! Samples from one model, many at a time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use super::backoff;
use super::error::Error;
use super::http::Call;
use super::pending::{Pending, Stop};
use super::promise::{self, Observer, Promise};
use super::queue_log;
use super::session::Session;
use crate::tinker::input::ModelInput;
use crate::tinker::sampling::{SampleRequest, SampleResponse, SamplingParams};
use crate::wire::Opt;

/// Samples that are being submitted at a time.
const CONCURRENT: usize = 400;
/// How long no sample may get on.
const PROGRESS_S: f64 = 1800.0;

/// How a sample is to be.
#[derive(Clone, Debug)]
pub struct Options {
    pub num_samples: i32,
    pub params: SamplingParams,
    pub prompt_logprobs: bool,
    pub topk_prompt_logprobs: i32,
}

#[derive(Clone)]
pub struct SamplingClient {
    shared: Arc<Shared>,
}

struct Shared {
    session: Arc<Session>,
    session_id: String,
    observer: Observer,
    next: AtomicI64,
    submitting: Mutex<usize>,
    freed: Condvar,
    /// When a sample got on.
    progress: Mutex<f64>,
}

impl SamplingClient {
    pub(super) fn new(session: Arc<Session>, session_id: String, model: &str) -> Self {
        let subject = format!("Sampling for {model}");
        let observer = queue_log::observer(subject, "concurrent LoRA", session.clock.clone());
        let shared = Shared {
            session,
            session_id,
            observer,
            next: AtomicI64::new(0),
            submitting: Mutex::new(0),
            freed: Condvar::new(),
            progress: Mutex::new(0.0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Is tried again as long as any sample gets on.
    pub fn sample(&self, prompt: ModelInput, options: Options) -> Pending<SampleResponse> {
        let shared = self.shared.clone();
        Pending::start(move |stop| shared.persist(&prompt, &options, stop))
    }

    /// Of each token of the prompt, given those before it; None for the first.
    pub fn compute_logprobs(&self, prompt: ModelInput) -> Pending<Vec<Option<f64>>> {
        let params = SamplingParams {
            max_tokens: Opt::Value(1),
            seed: Opt::Missing,
            stop: Opt::Missing,
            temperature: Opt::Missing,
            top_k: Opt::Missing,
            top_p: Opt::Missing,
        };
        let options = Options { num_samples: 1, params, prompt_logprobs: true, topk_prompt_logprobs: 0 };
        let shared = self.shared.clone();
        Pending::start(move |stop| match shared.persist(&prompt, &options, stop)?.prompt_logprobs {
            Opt::Value(logprobs) => Ok(logprobs),
            _ => Err(Error::Validation("no log probabilities of the prompt came".into())),
        })
    }
}

impl Shared {
    fn persist(&self, prompt: &ModelInput, options: &Options, stop: &Stop) -> Result<SampleResponse, Error> {
        let session = &self.session;
        let got_on = || *self.progress.lock().expect("not poisoned") = session.clock.passed();
        got_on();
        for attempt in 0.. {
            let sampled =
                self.submit(prompt, options).and_then(|promise| session.poller.result(&promise, &self.observer, stop));
            let error = match sampled {
                Ok(response) => {
                    got_on();
                    return Ok(response);
                }
                Err(error) => error,
            };
            let again = match &error {
                Error::Status { status, .. } => session.generation.retries(*status),
                Error::Connection(_) | Error::Timeout(_) | Error::Expired(_) => true,
                _ => false,
            };
            if !again {
                return Err(error);
            } else if session.clock.passed() - *self.progress.lock().expect("not poisoned") > PROGRESS_S {
                return Err(Error::Connection(format!("no sample got on for {PROGRESS_S} s: {error}")));
            }
            session.clock.sleep(backoff::retry_delay(attempt, (session.random)()));
        }
        unreachable!("attempts do not end")
    }

    /// A 429 is no failure: all samples of the tenant wait, then this one is sent again, with a number of its own.
    fn submit(&self, prompt: &ModelInput, options: &Options) -> Result<Promise, Error> {
        let _slot = self.slot();
        loop {
            self.session.rate_limit.wait();
            let call = self.call(prompt, options);
            if let Some(promise) = self.session.persist(|| self.unless_limited(&call))? {
                return Ok(promise);
            }
        }
    }

    fn unless_limited(&self, call: &Call) -> Result<Option<Promise>, Error> {
        let error = match self.session.promise(promise::SAMPLE, call) {
            Err(error) => error,
            promised => return promised.map(Some),
        };
        if let Error::Status { status, headers, .. } = &error {
            let now = self.session.clock.now();
            if let Some(seconds) = backoff::pause(*status, headers, now, self.session.generation) {
                self.session.rate_limit.pause(seconds);
                return Ok(None);
            }
        }
        Err(error)
    }

    fn call(&self, prompt: &ModelInput, options: &Options) -> Call {
        let request = SampleRequest {
            num_samples: Opt::Value(options.num_samples),
            prompt: prompt.clone(),
            sampling_params: options.params.clone(),
            base_model: Opt::Missing,
            model_path: Opt::Missing,
            sampling_session_id: Opt::Value(self.session_id.clone()),
            seq_id: Opt::Value(self.next.fetch_add(1, Ordering::SeqCst)),
            prompt_logprobs: Opt::Value(options.prompt_logprobs),
            topk_prompt_logprobs: Opt::Value(options.topk_prompt_logprobs),
            topk_sample_logprobs: Opt::Missing,
            target_prompt_logprobs: Opt::Missing,
            prompt_alt_tokens_k: Opt::Missing,
            prompt_logprobs_last_n: Opt::Missing,
            record_stability_info: Opt::Missing,
        };
        let call = self.session.api.post(promise::SAMPLE.path, &request);
        call.header("x-tinker-sampling-backpressure", "1").retries(0)
    }

    /// Waits until one of the places is free.
    fn slot(&self) -> Slot<'_> {
        let submitting = self.submitting.lock().expect("not poisoned");
        let mut submitting = self.freed.wait_while(submitting, |count| *count >= CONCURRENT).expect("not poisoned");
        *submitting += 1;
        Slot(self)
    }
}

struct Slot<'a>(&'a Shared);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.submitting.lock().expect("not poisoned") -= 1;
        self.0.freed.notify_one();
    }
}
