//! Sessions: every training and sampling client lives in one, kept alive by heartbeats.

use serde_json::{Map, Value};

use super::{ONLY_038, V038};
use crate::message;
use crate::wire::Presence::{Always, Null, OmitOrNull};
use crate::wire::{Opt, Rule};

message! {
    /// Opens a session. 0.38 has no null for `user_metadata`.
    pub struct CreateSessionRequest (Forbid, "type" = "create_session") {
        tags: Vec<String> = Rule::new(Always),
        user_metadata: Opt<Map<String, Value>> = Rule::new(Null).per(V038.name, Always),
        sdk_version: String = Rule::new(Always),
        project_id: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
        display_name: Opt<String> = Rule::new(OmitOrNull).only(ONLY_038),
    }
}

message! {
    /// The three messages are for the log, at their level.
    pub struct CreateSessionResponse (Ignore, "type" = "create_session") {
        info_message: Opt<String> = Rule::new(OmitOrNull),
        warning_message: Opt<String> = Rule::new(OmitOrNull),
        error_message: Opt<String> = Rule::new(OmitOrNull),
        session_id: String = Rule::new(Always),
    }
}

message! {
    pub struct SessionHeartbeatRequest (Forbid, "type" = "session_heartbeat") {
        session_id: String = Rule::new(Always),
    }
}

message! {
    pub struct SessionHeartbeatResponse (Ignore, "type" = "session_heartbeat") {}
}
