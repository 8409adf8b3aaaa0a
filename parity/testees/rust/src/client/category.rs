//! Words of the service: whose fault a failure was, why a request waits.

use serde_json::Value;

use super::generation::Generation;
use crate::tinker::future::{QueueState, RequestErrorCategory};
use crate::wire::Wire;

/// Of a failure that no HTTP status told.
pub const NO_STATUS: u16 = 0;

/// Anything else is unknown; only tinkex folds case.
pub fn parse(text: &str, generation: &Generation) -> RequestErrorCategory {
    Wire::decode("$", &Value::from(text), &generation.dialect).unwrap_or(RequestErrorCategory::Unknown)
}

/// Anything else is unknown.
pub fn queue_state(text: &str, generation: &Generation) -> QueueState {
    Wire::decode("$", &Value::from(text), &generation.dialect).unwrap_or(QueueState::Unknown)
}

/// Whether it makes sense to ask again: not where the user is to blame.
pub fn retryable(category: RequestErrorCategory, status: u16) -> bool {
    let refused = (400..500).contains(&status) && ![408, 410, 429].contains(&status);
    category != RequestErrorCategory::User && !refused
}
