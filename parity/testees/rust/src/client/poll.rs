//! What one answer to retrieve_future means.

use serde_json::{Map, Value};

use super::category;
use super::generation::Generation;
use super::retry::growing;
use crate::tinker::future::{FutureRetrieveResponse, FutureTimeout, QueueState, RequestErrorCategory};
use crate::wire::{from_slice, parse, Opt, Wire};

const LONGEST_S: f64 = 30.0;
const TRY_AGAIN_S: f64 = 1.0;

#[derive(Clone, Debug, PartialEq)]
pub enum Poll {
    /// The result is there.
    Done(Map<String, Value>),
    /// Ask again after some seconds. `told`: whether observers are.
    Again {
        delay_s: f64,
        state: Option<QueueState>,
        told: bool,
    },
    /// The server has forgotten the request.
    Resubmit,
    /// The HTTP status is the end of it.
    Refused,
    /// The answer is none.
    Invalid(String),
    Failed {
        reason: String,
        category: RequestErrorCategory,
    },
}

impl Poll {
    fn again(delay_s: f64) -> Self {
        Self::Again { delay_s, state: None, told: false }
    }
}

/// No answer came; `failures`: how many times in a row before.
pub fn lost(failures: u32) -> Poll {
    Poll::again(growing(1.0, failures, LONGEST_S))
}

/// An answer; `failures`: how many like it came in a row before.
pub fn decide(status: u16, body: &[u8], failures: u32, generation: &Generation) -> Poll {
    match status {
        200 => said(body, failures, generation),
        408 => {
            let told = from_slice::<FutureTimeout>(body, &generation.dialect).ok();
            Poll::Again { delay_s: 0.0, state: told.and_then(|told| value(told.queue_state)), told: true }
        }
        410 => Poll::Resubmit,
        500.. => Poll::again(0.0),
        _ => Poll::Refused,
    }
}

fn said(body: &[u8], failures: u32, generation: &Generation) -> Poll {
    let json = match parse(body) {
        Ok(json) => json,
        Err(error) => return Poll::Invalid(error.to_string()),
    };
    let Value::Object(object) = &json else { return Poll::Invalid("the answer is no object".into()) };
    let enveloped = generation.envelopes.then(|| enveloped(&json, failures, generation)).flatten();
    enveloped.unwrap_or_else(|| bare(object, generation)) // a server may know no envelopes
}

/// As tinkex has it; None where the answer is no envelope.
fn enveloped(json: &Value, failures: u32, generation: &Generation) -> Option<Poll> {
    Some(match FutureRetrieveResponse::decode("$", json, &generation.dialect).ok()? {
        FutureRetrieveResponse::TryAgain(again) => {
            let delay_s = value(again.retry_after_ms).map_or(TRY_AGAIN_S, |millis| millis as f64 / 1000.0);
            Poll::Again { delay_s, state: Some(again.queue_state), told: true }
        }
        FutureRetrieveResponse::Pending(_) => Poll::again(growing(1.0, failures, LONGEST_S)),
        FutureRetrieveResponse::Completed(completed) => Poll::Done(completed.result),
        FutureRetrieveResponse::Failed(failed) => Poll::Failed {
            reason: value(failed.error.message).unwrap_or_default(),
            category: value(failed.error.category).unwrap_or(RequestErrorCategory::Unknown),
        },
        _ => return None,
    })
}

/// As the SDKs look at it: first at the type, then whether there is an error, and the rest is a result.
fn bare(object: &Map<String, Value>, generation: &Generation) -> Poll {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    if text("type") == Some("try_again") {
        let state = text("queue_state").map(|text| category::queue_state(text, generation));
        Poll::Again { delay_s: 0.0, state, told: false }
    } else if object.contains_key("error") {
        let category = category::parse(text("category").unwrap_or_default(), generation);
        Poll::Failed { reason: text("error").unwrap_or_default().into(), category }
    } else {
        Poll::Done(object.clone())
    }
}

fn value<T>(field: Opt<T>) -> Option<T> {
    match field {
        Opt::Value(value) => Some(value),
        _ => None,
    }
}
