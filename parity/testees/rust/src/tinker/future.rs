//! Answers to the question whether a result is ready.

use serde_json::{Map, Value};

use super::{NOT_TINKEX, ONLY_038, ONLY_TINKEX, TINKEX};
use crate::wire::Presence::{Always, Omit, OmitOrNull};
use crate::wire::{Opt, Rule};
use crate::{message, string_enum, union};

union! {
    pub enum FutureRetrieveResponse {
        TryAgain(TryAgainResponse),
        Metadata(FutureMetadata) in ONLY_038,
        Pending(FuturePendingResponse) in ONLY_TINKEX,
        Completed(FutureCompletedResponse) in ONLY_TINKEX,
        Failed(FutureFailedResponse) in ONLY_TINKEX,
        RequestFailed(RequestFailedResponse) in NOT_TINKEX,
        /// A bare result; only the request tells its type.
        Result(Map<String, Value>) in NOT_TINKEX,
    }
}

message! {
    /// Not ready. `retry_after_ms` in milliseconds.
    pub struct TryAgainResponse (Ignore, "type" = "try_again" required) {
        request_id: Opt<String> = Rule::new(Always).per(TINKEX.name, Omit),
        queue_state: QueueState = Rule::new(Always),
        queue_state_reason: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
        retry_after_ms: Opt<i64> = Rule::new(Omit).only(ONLY_TINKEX),
    }
}

message! {
    /// Body of HTTP 408.
    pub struct FutureTimeout (Ignore) {
        queue_state: Opt<QueueState> = Rule::new(OmitOrNull),
        queue_state_reason: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// Ready, and this large, in bytes.
    pub struct FutureMetadata (Ignore, "status" = "complete_metadata" required) {
        response_payload_size: Opt<i64> = Rule::new(Always).or("0"),
    }
}

message! {
    /// A failure as the SDKs know it.
    pub struct RequestFailedResponse (Ignore) {
        error: String = Rule::new(Always),
        category: Opt<RequestErrorCategory> = Rule::new(Always).or("\"unknown\""),
    }
}

message! {
    /// The envelopes of tinkex.
    pub struct FuturePendingResponse (Ignore, "status" = "pending" required) {}
}

message! {
    pub struct FutureCompletedResponse (Ignore, "status" = "completed" required) {
        result: Map<String, Value> = Rule::new(Always),
    }
}

message! {
    pub struct FutureFailedResponse (Ignore, "status" = "failed" required) {
        error: FutureError = Rule::new(Always),
    }
}

message! {
    pub struct FutureError (Ignore) {
        message: Opt<String> = Rule::new(OmitOrNull),
        category: Opt<RequestErrorCategory> = Rule::new(Always).or("\"unknown\""),
    }
}

string_enum! {
    /// Whose fault it was. Anything else is read as unknown, and tinkex folds case.
    pub enum RequestErrorCategory else Unknown fold ONLY_TINKEX {
        Unknown = "unknown",
        Server = "server",
        User = "user",
    }
}

string_enum! {
    /// Why the server does not work on a request yet. Anything else is read as unknown.
    pub enum QueueState else Unknown {
        Unknown = "unknown",
        Active = "active",
        PausedCapacity = "paused_capacity",
        PausedRateLimit = "paused_rate_limit",
    }
}

message! {
    /// A promise: what asks for the result.
    pub struct UntypedAPIFuture (Ignore) {
        request_id: String = Rule::new(Always),
        model_id: Opt<String> = Rule::new(OmitOrNull),
        sample_sequence_ids: Opt<Vec<String>> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    pub struct FutureRetrieveRequest (Forbid) {
        request_id: String = Rule::new(Always),
        allow_metadata_only: Opt<bool> = Rule::new(Always).or("false").only(ONLY_038),
    }
}
