//! Models under training.

use serde_json::{Map, Value};

use super::weights::OptimizerConfig;
use super::ONLY_038;
use crate::message;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule};

const ADAMW: &str = r#"{"type":"adamw"}"#;

message! {
    /// Which parts of the base model get adapters, and of which rank.
    pub struct LoraConfig (Forbid) {
        rank: i32 = Rule::new(Always),
        seed: Opt<i64> = Rule::new(OmitOrNull),
        train_unembed: Opt<bool> = Rule::new(Always).or("true"),
        train_mlp: Opt<bool> = Rule::new(Always).or("true"),
        train_attn: Opt<bool> = Rule::new(Always).or("true"),
    }
}

message! {
    /// Creates a model; `model_seq_id` counts from 0 in each session.
    pub struct CreateModelRequest (Forbid, "type" = "create_model") {
        session_id: String = Rule::new(Always),
        model_seq_id: i64 = Rule::new(Always),
        base_model: String = Rule::new(Always),
        user_metadata: Opt<Map<String, Value>> = Rule::new(OmitOrNull),
        lora_config: Opt<LoraConfig> = Rule::new(OmitOrNull),
        optimizer_config: Opt<OptimizerConfig> = Rule::new(Always).or(ADAMW).only(ONLY_038),
    }
}

message! {
    pub struct CreateModelResponse (Ignore, "type" = "create_model") {
        model_id: String = Rule::new(Always),
    }
}

message! {
    pub struct GetInfoRequest (Forbid, "type" = "get_info") {
        model_id: String = Rule::new(Always),
    }
}

message! {
    pub struct GetInfoResponse (Ignore, "type" = "get_info") {
        model_data: ModelData = Rule::new(Always),
        model_id: String = Rule::new(Always),
        optimizer_config: Opt<OptimizerConfig> = Rule::new(Always).or(ADAMW).only(ONLY_038),
        is_lora: Opt<bool> = Rule::new(OmitOrNull),
        lora_rank: Opt<i32> = Rule::new(OmitOrNull),
        model_name: Opt<String> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct ModelData (Ignore) {
        arch: Opt<String> = Rule::new(OmitOrNull),
        model_name: Opt<String> = Rule::new(OmitOrNull),
        tokenizer_id: Opt<String> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct UnloadModelRequest (Forbid, "type" = "unload_model") {
        model_id: String = Rule::new(Always),
    }
}

message! {
    pub struct UnloadModelResponse (Ignore, "type" = "unload_model") {
        model_id: String = Rule::new(Always),
    }
}
