//! Saved weights, as REST lists them.

use std::collections::BTreeMap;

use super::ONLY_038;
use crate::wire::Presence::{Always, OmitOrNull};
use crate::wire::{Opt, Rule, Timestamp};
use crate::{message, string_enum};

message! {
    /// `checkpoint_id` as in the routes: "weights/0001".
    pub struct Checkpoint (Ignore) {
        checkpoint_id: String = Rule::new(Always),
        checkpoint_type: CheckpointType = Rule::new(Always),
        time: Timestamp = Rule::new(Always),
        tinker_path: String = Rule::new(Always),
        size_bytes: Opt<i64> = Rule::new(OmitOrNull),
        public: Opt<bool> = Rule::new(Always).or("false"),
        user_metadata: Opt<BTreeMap<String, String>> = Rule::new(OmitOrNull).only(ONLY_038),
        expires_at: Opt<Timestamp> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

string_enum! {
    pub enum CheckpointType {
        Training = "training",
        Sampler = "sampler",
        External = "external" in ONLY_038,
    }
}

message! {
    /// Where a page stands in the whole listing.
    pub struct Cursor (Ignore) {
        offset: i64 = Rule::new(Always),
        limit: i64 = Rule::new(Always),
        total_count: i64 = Rule::new(Always),
    }
}

message! {
    pub struct ListUserCheckpointsRequest (Forbid) {
        limit: Opt<i32> = Rule::new(Always).or("100"),
        offset: Opt<i32> = Rule::new(Always).or("0"),
    }
}

message! {
    pub struct ListCheckpointsRequest (Forbid) {
        training_run_id: String = Rule::new(Always),
    }
}

message! {
    pub struct CheckpointsListResponse (Ignore) {
        checkpoints: Vec<Checkpoint> = Rule::new(Always),
        cursor: Opt<Cursor> = Rule::new(OmitOrNull),
    }
}

message! {
    pub struct CheckpointRequest (Forbid) {
        training_run_id: String = Rule::new(Always),
        checkpoint_id: String = Rule::new(Always),
    }
}

message! {
    pub struct CheckpointArchiveUrlResponse (Ignore) {
        url: String = Rule::new(Always),
        expires: Timestamp = Rule::new(Always),
    }
}
