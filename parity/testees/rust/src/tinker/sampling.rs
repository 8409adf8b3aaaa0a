//! Samples.

use serde_json::Value;

use super::input::ModelInput;
use super::training::TensorData;
use super::ONLY_038;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule};
use crate::{message, string_enum, union};

message! {
    pub struct SampleRequest (Forbid, "type" = "sample") {
        num_samples: Opt<i32> = Rule::new(Always).or("1"),
        prompt: ModelInput = Rule::new(Always),
        sampling_params: SamplingParams = Rule::new(Always),
        base_model: Opt<String> = Rule::new(OmitOrNull),
        model_path: Opt<String> = Rule::new(OmitOrNull),
        sampling_session_id: Opt<String> = Rule::new(OmitOrNull),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
        prompt_logprobs: Opt<bool> = Rule::new(OmitOrNull),
        topk_prompt_logprobs: Opt<i32> = Rule::new(Always).or("0"),
        topk_sample_logprobs: Opt<i32> = Rule::new(Always).or("0").only(ONLY_038),
        target_prompt_logprobs: Opt<TensorData> = Rule::new(OmitOrNull).only(ONLY_038),
        prompt_alt_tokens_k: Opt<i32> = Rule::new(Always).or("0").only(ONLY_038),
        prompt_logprobs_last_n: Opt<i32> = Rule::new(OmitOrNull).only(ONLY_038),
        record_stability_info: Opt<bool> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// How tokens are drawn; `top_k` -1 keeps all candidates.
    pub struct SamplingParams (Ignore) {
        max_tokens: Opt<i32> = Rule::new(OmitOrNull),
        seed: Opt<i64> = Rule::new(OmitOrNull),
        stop: Opt<Stop> = Rule::new(OmitOrNull),
        temperature: Opt<f64> = Rule::new(Always).or("1.0"),
        top_k: Opt<i32> = Rule::new(Always).or("-1"),
        top_p: Opt<f64> = Rule::new(Always).or("1.0"),
    }
}

union! {
    pub enum Stop {
        Text(String),
        Texts(Vec<String>),
        Tokens(Vec<i64>),
    }
}

message! {
    /// `prompt_logprobs` has one entry per prompt token, null where there is none.
    pub struct SampleResponse (Ignore, "type" = "sample") {
        sequences: Vec<SampledSequence> = Rule::new(Always),
        prompt_logprobs: Opt<Vec<Option<f64>>> = Rule::new(OmitOrNull),
        topk_prompt_logprobs: Opt<Vec<Option<Candidates>>> = Rule::new(OmitOrNull),
    }
}

/// Pairs of token id and logprob, best first.
pub type Candidates = Vec<Vec<Value>>;

message! {
    pub struct SampledSequence (Ignore) {
        stop_reason: StopReason = Rule::new(Always),
        tokens: Vec<i64> = Rule::new(Always),
        logprobs: Opt<Vec<f64>> = Rule::new(OmitOrNull),
    }
}

string_enum! {
    pub enum StopReason {
        Length = "length",
        Stop = "stop",
    }
}

message! {
    /// `base_model` or `model_path`; 0.4.1 sends the other as null.
    pub struct CreateSamplingSessionRequest (Forbid, "type" = "create_sampling_session") {
        session_id: String = Rule::new(Always),
        sampling_session_seq_id: i64 = Rule::new(Always),
        base_model: Opt<String> = Rule::new(OmitOrNull),
        model_path: Opt<String> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct CreateSamplingSessionResponse (Ignore, "type" = "create_sampling_session") {
        sampling_session_id: String = Rule::new(Always),
    }
}
