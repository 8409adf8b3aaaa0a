//! Tensors, examples, and passes over them.

use std::collections::BTreeMap;

use super::input::ModelInput;
use super::ONLY_038;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule};
use crate::{message, string_enum, union};

message! {
    /// A tensor, flattened with the last dimension fastest.
    pub struct TensorData (Forbid) {
        data: TensorValues = Rule::new(Always),
        dtype: TensorDtype = Rule::new(Always),
        shape: Opt<Vec<i64>> = Rule::new(OmitOrNull),
        sparse_crow_indices: Opt<Vec<i64>> = Rule::new(OmitOrNull).only(ONLY_038),
        sparse_col_indices: Opt<Vec<i64>> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

union! {
    /// Integers; floats where one of the numbers has a fraction.
    pub enum TensorValues {
        Ints(Vec<i64>),
        Floats(Vec<f64>),
    }
}

string_enum! {
    pub enum TensorDtype {
        Int64 = "int64",
        Float32 = "float32",
    }
}

message! {
    /// One training example.
    pub struct Datum (Forbid) {
        loss_fn_inputs: BTreeMap<String, TensorData> = Rule::new(Always),
        model_input: ModelInput = Rule::new(Always),
    }
}

message! {
    /// A batch and its loss.
    pub struct ForwardBackwardInput (Forbid) {
        data: Vec<Datum> = Rule::new(Always),
        loss_fn: LossFnType = Rule::new(Always),
        loss_fn_config: Opt<BTreeMap<String, LossFnConfigValue>> = Rule::new(OmitOrNull),
    }
}

string_enum! {
    pub enum LossFnType {
        CrossEntropy = "cross_entropy",
        ImportanceSampling = "importance_sampling",
        Ppo = "ppo",
        Cispo = "cispo" in ONLY_038,
        Dro = "dro" in ONLY_038,
        Gspo = "gspo" in ONLY_038,
        StableReinforce = "stable_reinforce" in ONLY_038,
        Custom = "custom" in ONLY_038,
    }
}

union! {
    pub enum LossFnConfigValue {
        Number(f64),
        Text(String) in ONLY_038,
    }
}

message! {
    pub struct ForwardBackwardRequest (Forbid) {
        forward_backward_input: ForwardBackwardInput = Rule::new(Always),
        model_id: String = Rule::new(Always),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
    }
}

message! {
    /// One map of tensors per datum, and metrics by "name:reduction".
    pub struct ForwardBackwardOutput (Ignore) {
        loss_fn_output_type: String = Rule::new(Always),
        loss_fn_outputs: Vec<BTreeMap<String, TensorData>> = Rule::new(Always),
        metrics: BTreeMap<String, f64> = Rule::new(Always),
    }
}

message! {
    pub struct ForwardRequest (Forbid) {
        forward_input: ForwardBackwardInput = Rule::new(Always),
        model_id: String = Rule::new(Always),
        seq_id: Opt<i64> = Rule::new(OmitOrNull),
    }
}
