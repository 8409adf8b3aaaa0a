//! Training runs, as REST lists them.

use std::collections::BTreeMap;

use super::checkpoint::{Checkpoint, Cursor};
use super::ONLY_038;
use crate::wire::Presence::{Always, Omit, OmitOrNull};
use crate::wire::{Opt, Rule, Timestamp};
use crate::{message, string_enum};

message! {
    pub struct TrainingRun (Ignore) {
        training_run_id: String = Rule::new(Always),
        base_model: String = Rule::new(Always),
        model_owner: String = Rule::new(Always),
        is_lora: bool = Rule::new(Always),
        corrupted: Opt<bool> = Rule::new(Always).or("false"),
        lora_rank: Opt<i32> = Rule::new(OmitOrNull),
        last_request_time: Timestamp = Rule::new(Always),
        last_checkpoint: Opt<Checkpoint> = Rule::new(OmitOrNull),
        last_sampler_checkpoint: Opt<Checkpoint> = Rule::new(OmitOrNull),
        user_metadata: Opt<BTreeMap<String, String>> = Rule::new(OmitOrNull),
    }
}

string_enum! {
    pub enum AccessScope {
        Owned = "owned",
        Accessible = "accessible",
    }
}

message! {
    pub struct ListTrainingRunsRequest (Forbid) {
        limit: Opt<i32> = Rule::new(Always).or("20"),
        offset: Opt<i32> = Rule::new(Always).or("0"),
        access_scope: Opt<AccessScope> = Rule::new(Always).or("\"owned\"").only(ONLY_038),
        project_id: Opt<String> = Rule::new(Omit).only(ONLY_038),
    }
}

message! {
    pub struct TrainingRunsResponse (Ignore) {
        training_runs: Vec<TrainingRun> = Rule::new(Always),
        cursor: Cursor = Rule::new(Always),
    }
}

message! {
    pub struct GetTrainingRunRequest (Forbid) {
        training_run_id: String = Rule::new(Always),
        access_scope: Opt<AccessScope> = Rule::new(Always).or("\"owned\"").only(ONLY_038),
    }
}
