//! What a server says of itself.

use serde_json::{Map, Value};

use super::ONLY_038;
use crate::message;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Dialect, Error, Opt, Rule, Wire};

message! {
    pub struct HealthRequest (Ignore) {}
}

message! {
    pub struct HealthResponse (Ignore, "status" = "ok" required) {}
}

message! {
    pub struct GetServerCapabilitiesRequest (Ignore) {}
}

message! {
    pub struct GetServerCapabilitiesResponse (Ignore) {
        supported_models: Vec<SupportedModel> = Rule::new(Always),
    }
}

message! {
    pub struct SupportedModel (Ignore) {
        model_name: Opt<String> = Rule::new(OmitOrNull),
        max_context_length: Opt<i64> = Rule::new(OmitOrNull).only(ONLY_038),
        trainable: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
        sampleable: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

/// The body of an error, as servers commonly write it: an object with `detail`, which may have more.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorResponse(pub Map<String, Value>);

impl Wire for ErrorResponse {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        let object = Map::decode(path, value, dialect)?;
        match object.contains_key("detail") {
            true => Ok(Self(object)),
            false => Err(Error::new(format!("{path}.detail"), "missing")),
        }
    }

    fn encode(&self, dialect: &Dialect) -> Value {
        self.0.encode(dialect)
    }
}
