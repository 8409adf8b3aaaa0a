//! Saving and loading weights.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::{NOT_041, ONLY_038, TINKEX, V038};
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Dialect, Error, Opt, Rule, Wire};
use crate::{message, union};

message! {
    /// Saves a model; `path` is a bare name.
    pub struct SaveWeightsRequest (Forbid, "type" = "save_weights") {
        model_id: String = Rule::new(Always),
        path: Opt<String> = Rule::new(OmitOrNull),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
        ttl_seconds: Opt<i64> = Rule::new(OmitOrNull).only(ONLY_038),
        overwrite: Opt<bool> = Rule::new(Always).or("false").only(ONLY_038),
        user_metadata: Opt<BTreeMap<String, String>> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// Loads a checkpoint; `path` is a tinker:// URI. 0.38 demands `optimizer`, tinkex takes missing for false.
    pub struct LoadWeightsRequest (Forbid, "type" = "load_weights") {
        model_id: Opt<String> = Rule::new(Always).per(V038.name, OmitOrNull),
        path: String = Rule::new(Always),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
        session_id: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
        model_seq_id: Opt<i64> = Rule::new(OmitOrNull).only(ONLY_038),
        base_model: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
        user_metadata: Opt<Map<String, Value>> = Rule::new(OmitOrNull).only(ONLY_038),
        optimizer: Opt<bool> = Rule::new(Always).or_in(TINKEX.name, "false").only(NOT_041),
        optimizer_config: Opt<OptimizerConfig> = Rule::new(OmitOrNull).only(ONLY_038),
        weights_access_token: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

union! {
    /// The set is open: an optimizer that is not known here passes through whole.
    pub enum OptimizerConfig {
        Adam(AdamOptimizerConfig),
        Dimuon(DimuonOptimizerConfig),
        Other(OtherOptimizer),
    }
}

message! {
    pub struct AdamOptimizerConfig (Forbid, "type" = "adamw" required) {}
}

message! {
    pub struct DimuonOptimizerConfig (Forbid, "type" = "dimuon" required) {
        version: Opt<DimuonVersion> = Rule::new(Always).or("1"),
    }
}

/// There is only version 1 so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DimuonVersion;

impl Wire for DimuonVersion {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        match i32::decode(path, value, dialect)? {
            1 => Ok(Self),
            _ => Err(Error::expected(path, "1", value)),
        }
    }

    fn encode(&self, _: &Dialect) -> Value {
        Value::from(1)
    }
}

/// An object with a `type` that is not known here.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherOptimizer(pub Map<String, Value>);

impl Wire for OtherOptimizer {
    fn decode(path: &str, value: &Value, dialect: &Dialect) -> Result<Self, Error> {
        let object = Map::decode(path, value, dialect)?;
        let at = format!("{path}.type");
        String::decode(&at, object.get("type").ok_or_else(|| Error::new(&at, "missing"))?, dialect)?;
        Ok(Self(object))
    }

    fn encode(&self, dialect: &Dialect) -> Value {
        self.0.encode(dialect)
    }
}

message! {
    pub struct SaveWeightsResponse (Ignore, "type" = "save_weights") {
        path: String = Rule::new(Always),
    }
}

message! {
    pub struct LoadWeightsResponse (Ignore, "type" = "load_weights") {
        path: Opt<String> = Rule::new(OmitOrNull),
        model_id: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// With a `path`, a name, it is kept; with `sampling_session_seq_id` it lives as long as the session.
    pub struct SaveWeightsForSamplerRequest (Forbid, "type" = "save_weights_for_sampler") {
        model_id: String = Rule::new(Always),
        path: Opt<String> = Rule::new(OmitOrNull),
        sampling_session_seq_id: Opt<i64> = Rule::new(OmitOrNull),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct SaveWeightsForSamplerResponse (Ignore, "type" = "save_weights_for_sampler") {
        path: Opt<String> = Rule::new(OmitOrNull),
        sampling_session_id: Opt<String> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct WeightsInfoRequest (Forbid) {
        tinker_path: String = Rule::new(Always),
    }
}

message! {
    /// What a new model has to be like, to load a checkpoint.
    pub struct WeightsInfoResponse (Ignore) {
        base_model: String = Rule::new(Always),
        optimizer_config: Opt<OptimizerConfig> = Rule::new(Always).or(r#"{"type":"adamw"}"#).only(ONLY_038),
        is_lora: bool = Rule::new(Always),
        lora_rank: Opt<i32> = Rule::new(OmitOrNull),
        train_unembed: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
        train_mlp: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
        train_attn: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}
