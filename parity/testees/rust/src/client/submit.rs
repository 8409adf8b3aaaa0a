//! A whole submit is tried again, on top of the retries of its HTTP calls.

use super::generation::Generation;
use super::retry::growing;

const LIMIT_S: f64 = 300.0;
const LONGEST_S: f64 = 30.0;

/// Seconds until the next try; None: no more. `status` is None where no answer came, `attempt` counts from 0.
pub fn delay(status: Option<u16>, attempt: u32, elapsed_s: f64, generation: &Generation) -> Option<f64> {
    let again = status.map_or(generation.retries_connection, |status| generation.retries(status));
    (again && elapsed_s < LIMIT_S).then(|| growing(1.0, attempt, LONGEST_S).min(LIMIT_S - elapsed_s))
}
