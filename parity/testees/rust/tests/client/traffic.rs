//! What the client sends, and in which order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tinker::client::clock::{Clock, Random, SystemClock};
use tinker::client::config::Settings;
use tinker::client::error::Error;
use tinker::client::generation::V041;
use tinker::client::http::Call;
use tinker::client::rate_limit::RateLimits;
use tinker::client::sampling::Options;
use tinker::client::service::{Lora, ServiceClient};
use tinker::tinker::input::{Chunk, EncodedTextChunk, ModelInput};
use tinker::tinker::optimizer::AdamParams;
use tinker::wire::Wire;

use crate::server::{start, Answer, Asked};

/// Notes what would have been slept.
#[derive(Default)]
struct Noted(Mutex<Vec<f64>>);

impl Clock for Noted {
    fn now(&self) -> f64 {
        SystemClock.now()
    }

    fn passed(&self) -> f64 {
        self.0.lock().unwrap().iter().sum()
    }

    fn sleep(&self, seconds: f64) {
        self.0.lock().unwrap().push(seconds);
    }
}

fn client(answer: Answer) -> (ServiceClient, Asked, Arc<Noted>) {
    let (base_url, asked) = start(answer);
    let settings = Settings {
        base_url: Some(base_url),
        api_key: Some("tml-k".into()),
        telemetry: Some(false),
        ..Settings::default()
    };
    let clock = Arc::new(Noted::default());
    let random: Random = Arc::new(|| 0.0);
    let config = settings.resolve(&V041, &BTreeMap::new()).unwrap();
    (ServiceClient::with(config, clock.clone(), random, &RateLimits::default()), asked, clock)
}

/// Promises are called by their seq_id, results by their promise.
fn service(path: &str, body: &Value, _: usize) -> (u16, String) {
    let text = match path {
        "/api/v1/create_session" => r#"{"session_id":"s"}"#.into(),
        "/api/v1/create_sampling_session" => r#"{"sampling_session_id":"ss"}"#.into(),
        "/api/v1/create_model" => r#"{"request_id":"model"}"#.into(),
        "/api/v1/retrieve_future" if body["request_id"] == "model" => r#"{"model_id":"m"}"#.into(),
        "/api/v1/retrieve_future" if body["request_id"] == "sample" => r#"{"sequences":[]}"#.into(),
        "/api/v1/retrieve_future" => format!(r#"{{"metrics":{{"of:max":{}}}}}"#, body["request_id"].as_str().unwrap()),
        "/api/v1/asample" => r#"{"request_id":"sample"}"#.into(),
        _ => format!(r#"{{"request_id":"{}"}}"#, body["seq_id"]),
    };
    (200, text)
}

fn adam() -> AdamParams {
    Wire::decode("$", &serde_json::json!({}), &V041.dialect).unwrap()
}

#[test]
fn steps_arrive_in_the_order_of_their_calls() {
    let (service, asked, _) = client(service);
    let training = service.create_training_client(&Lora::of("m/Base")).unwrap();
    let steps: Vec<_> = (0..8).map(|_| training.optim_step(adam())).collect();
    for (number, step) in steps.into_iter().enumerate() {
        let metrics = step.wait().unwrap().encode(&V041.dialect);
        assert_eq!(metrics["metrics"]["of:max"].as_f64(), Some(number as f64 + 1.0));
    }
    let asked = asked.lock().unwrap();
    let sent = asked.iter().filter(|(path, _)| path.ends_with("optim_step"));
    let ids: Vec<i64> = sent.map(|(_, body)| body["seq_id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn failure_leaves_the_client_usable() {
    let (service, _, _) = client(|path, body, before| match (path, before) {
        ("/api/v1/optim_step", 0) => (400, r#"{"detail":"no"}"#.into()),
        _ => service(path, body, before),
    });
    let training = service.create_training_client(&Lora::of("m/Base")).unwrap();
    assert!(matches!(training.optim_step(adam()).wait(), Err(Error::Status { status: 400, .. })));
    assert!(training.optim_step(adam()).wait().is_ok());
}

#[test]
fn calls_are_tried_again_after_statuses_and_lost_connections() {
    let (service, asked, clock) = client(|_, _, before| match before {
        0 => (503, String::new()),
        1 => (0, String::new()),
        _ => (200, "{}".into()),
    });
    let answer = service.http().send(&Call::new("GET", "/api/v1/thing")).unwrap();
    assert_eq!((answer.status, asked.lock().unwrap().len()), (200, 3));
    assert_eq!(*clock.0.lock().unwrap(), [0.5, 1.0]);
}

#[test]
fn sample_waits_after_a_429() {
    let (service, asked, clock) = client(|path, body, before| match (path, before) {
        ("/api/v1/asample", 0) => (429, String::new()),
        _ => service(path, body, before),
    });
    let sampling = service.create_sampling_client("m/Base").unwrap();
    let prompt = ModelInput { chunks: vec![Chunk::EncodedText(EncodedTextChunk { tokens: vec![1] })] };
    let params = Wire::decode("$", &serde_json::json!({}), &V041.dialect).unwrap();
    let options = Options { num_samples: 1, params, prompt_logprobs: false, topk_prompt_logprobs: 0 };
    sampling.sample(prompt, options).wait().unwrap();
    assert_eq!(*clock.0.lock().unwrap(), [1.0]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|(path, _)| path.ends_with("asample")).count(), 2);
}
