//! Waiting after a 429 of a sample, and retries around a whole sample.

use super::generation::Generation;
use super::retry::{growing, retry_after, Headers};

const PAUSE_S: f64 = 1.0;
const FIRST_S: f64 = 0.5;
const LONGEST_S: f64 = 10.0;
const JITTER: f64 = 0.25;

/// Seconds for which all of one tenant wait; None: not because of this answer.
pub fn pause(status: u16, headers: &Headers, now: f64, generation: &Generation) -> Option<f64> {
    let said = retry_after(headers, now).filter(|said| generation.envelopes && *said > 0.0);
    (status == 429).then(|| said.unwrap_or(PAUSE_S))
}

/// Seconds before a sample is tried again as a whole; `random` spreads it by a quarter both ways.
pub fn retry_delay(attempt: u32, random: f64) -> f64 {
    (growing(FIRST_S, attempt, LONGEST_S) * (1.0 + JITTER * (2.0 * random - 1.0))).clamp(0.0, LONGEST_S)
}
