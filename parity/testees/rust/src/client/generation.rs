//! What generations of Tinker clients do differently, besides what they write.

use crate::tinker;
use crate::wire::Dialect;

/// One generation. Where the seeds say nothing, tinkex is as 0.4.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generation {
    pub dialect: Dialect,
    pub sdk_version: &'static str,
    /// Data of one chunk, at most.
    pub chunk_len: usize,
    /// Numbers of one chunk, at most, but for a datum that is larger by itself.
    pub chunk_numbers: u64,
    /// Suffix of the second value of a `unique` metric.
    pub unique_from: usize,
    /// Besides 500 and above.
    pub retried_statuses: &'static [u16],
    /// Whether a call without an answer is tried again.
    pub retries_connection: bool,
    /// Whose Retry-After counts; empty: of all that are retried.
    pub retry_after_statuses: &'static [u16],
    /// Results come as {"status": …}, and failures that are not the user's may be asked for again.
    pub envelopes: bool,
    /// Values become those of their dtype, not only its label.
    pub casts_tensors: bool,
    /// Weights are loaded with their optimizer, and the service is asked what they are of.
    pub loads_optimizer: bool,
}

pub const V041: Generation = Generation {
    dialect: tinker::V041,
    sdk_version: "0.4.1",
    chunk_len: 128,
    chunk_numbers: 500_000,
    unique_from: 1,
    retried_statuses: &[408, 409, 429],
    retries_connection: true,
    retry_after_statuses: &[],
    envelopes: false,
    casts_tensors: false,
    loads_optimizer: false,
};

pub const TINKEX: Generation = Generation {
    dialect: tinker::TINKEX,
    sdk_version: "0.4.1",
    chunk_len: 128,
    chunk_numbers: 500_000,
    unique_from: 2,
    retried_statuses: &[408, 429],
    retries_connection: false,
    retry_after_statuses: &[429],
    envelopes: true,
    casts_tensors: true,
    loads_optimizer: true,
};

impl Generation {
    pub fn find(name: &str) -> Option<&'static Self> {
        [&V041, &TINKEX].into_iter().find(|generation| generation.dialect.name == name)
    }

    pub fn retries(&self, status: u16) -> bool {
        status >= 500 || self.retried_statuses.contains(&status)
    }
}
