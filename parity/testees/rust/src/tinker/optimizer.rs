//! Steps of an optimizer.

use std::collections::BTreeMap;

use super::ONLY_038;
use crate::message;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule};

message! {
    /// One Adam step. 0.4.1 sends only what the caller gave.
    pub struct AdamParams (Forbid) {
        learning_rate: Opt<f64> = Rule::new(Always).or("0.0001"),
        beta1: Opt<f64> = Rule::new(Always).or("0.9"),
        beta2: Opt<f64> = Rule::new(Always).or("0.95"),
        eps: Opt<f64> = Rule::new(Always).or("1e-12"),
        weight_decay: Opt<f64> = Rule::new(Always).or("0.0").only(ONLY_038),
        grad_clip_norm: Opt<f64> = Rule::new(Always).or("0.0").only(ONLY_038),
    }
}

message! {
    /// 0.38 has other optimizers too, which are not written here.
    pub struct OptimStepRequest (Forbid, "type" = "optim_step") {
        adam_params: AdamParams = Rule::new(Always),
        model_id: String = Rule::new(Always),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct OptimStepResponse (Ignore) {
        metrics: Opt<BTreeMap<String, f64>> = Rule::new(OmitOrNull),
    }
}
