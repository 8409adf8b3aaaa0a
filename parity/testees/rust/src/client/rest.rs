//! Training runs and checkpoints. Each call is tried again as a whole submit is.

use std::sync::Arc;

use super::error::Error;
use super::http::Call;
use super::http_date;
use super::path::TinkerPath;
use super::session::Session;
use crate::tinker::checkpoint::{CheckpointArchiveUrlResponse, CheckpointsListResponse};
use crate::tinker::server::GetServerCapabilitiesResponse;
use crate::tinker::training_run::{TrainingRun, TrainingRunsResponse};
use crate::tinker::weights::{WeightsInfoRequest, WeightsInfoResponse};
use crate::wire::{Timestamp, Wire};

/// Of a page, where nothing is said.
pub const RUNS: i64 = 20;
pub const CHECKPOINTS: i64 = 100;
const ALL_RUNS: &str = "/api/v1/training_runs";
/// How long an archive's address lives that does not say so.
const ARCHIVE_S: f64 = 900.0;
const SECOND: i128 = 1_000_000_000;

pub struct RestClient {
    session: Arc<Session>,
}

impl RestClient {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    pub fn get_server_capabilities(&self) -> Result<GetServerCapabilitiesResponse, Error> {
        self.get("/api/v1/get_server_capabilities", String::new())
    }

    /// One page.
    pub fn list_training_runs(&self, limit: i64, offset: i64) -> Result<TrainingRunsResponse, Error> {
        self.get(ALL_RUNS, format!("limit={limit}&offset={offset}"))
    }

    pub fn get_training_run(&self, run: &str) -> Result<TrainingRun, Error> {
        self.get(&format!("{ALL_RUNS}/{run}"), String::new())
    }

    /// All of a run.
    pub fn list_checkpoints(&self, run: &str) -> Result<CheckpointsListResponse, Error> {
        self.get(&format!("{ALL_RUNS}/{run}/checkpoints"), String::new())
    }

    /// One page.
    pub fn list_user_checkpoints(&self, limit: i64, offset: i64) -> Result<CheckpointsListResponse, Error> {
        self.get("/api/v1/checkpoints", format!("limit={limit}&offset={offset}"))
    }

    /// Where the weights can be fetched, and until when. Errors: `BadPath`.
    pub fn get_checkpoint_archive_url(&self, path: &str) -> Result<CheckpointArchiveUrlResponse, Error> {
        let mut call = Call::new("GET", &format!("{}/archive", route(path)?)).header("accept", "application/gzip");
        call.follows_redirects = false;
        let answer = self.session.api.send(&call)?;
        let missing = || Error::Validation("an answer for an archive that does not say where it is".into());
        let expires = answer.headers.get("expires").and_then(|text| http_date::parse(text));
        let expires = expires.unwrap_or((self.session.clock.now() + ARCHIVE_S) as i64);
        Ok(CheckpointArchiveUrlResponse {
            url: answer.headers.get("location").ok_or_else(missing)?.clone(),
            expires: Timestamp(i128::from(expires) * SECOND),
        })
    }

    /// Errors: `BadPath`.
    pub fn publish_checkpoint(&self, path: &str) -> Result<(), Error> {
        self.act("POST", &format!("{}/publish", route(path)?))
    }

    /// Errors: `BadPath`.
    pub fn unpublish_checkpoint(&self, path: &str) -> Result<(), Error> {
        self.act("DELETE", &format!("{}/publish", route(path)?))
    }

    /// For good. Errors: `BadPath`.
    pub fn delete_checkpoint(&self, path: &str) -> Result<(), Error> {
        self.act("DELETE", &route(path)?)
    }

    /// 0.4.1 has no such call.
    pub(super) fn get_weights_info(&self, path: &str) -> Result<WeightsInfoResponse, Error> {
        let call = self.session.api.post("/api/v1/weights_info", &WeightsInfoRequest { tinker_path: path.into() });
        self.session.persist(|| self.session.api.ask(&call))
    }

    fn get<T: Wire>(&self, path: &str, query: String) -> Result<T, Error> {
        let call = Call { query, ..Call::new("GET", path) };
        self.session.persist(|| self.session.api.ask(&call))
    }

    fn act(&self, method: &str, path: &str) -> Result<(), Error> {
        let call = Call::new(method, path);
        self.session.persist(|| self.session.api.send(&call)).map(drop)
    }
}

/// The checkpoint's two segments stand there with their slash.
fn route(path: &str) -> Result<String, Error> {
    let parsed = TinkerPath::parse(path)?;
    Ok(format!("{ALL_RUNS}/{}/checkpoints/{}", parsed.run, parsed.checkpoint_id()))
}
