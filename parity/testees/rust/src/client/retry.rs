//! Which HTTP answers are tried again, and when.

use std::collections::BTreeMap;

use super::generation::Generation;
use super::http_date;

pub const MAX_RETRIES: u32 = 10;
const FIRST_S: f64 = 0.5;
const LONGEST_S: f64 = 10.0;
const SERVERS_LONGEST_S: f64 = 60.0;
const JITTER: f64 = 0.25;

/// Names in lower case.
pub type Headers = BTreeMap<String, String>;

/// Whether an answer is tried again.
pub fn decide(status: u16, headers: &Headers, generation: &Generation) -> bool {
    match headers.get("x-should-retry").map(String::as_str) {
        _ if status < 400 => false,
        Some("true") => true,
        Some("false") => false,
        _ => generation.retries(status),
    }
}

/// Seconds before retry number `retry`, from 0: what the server says, where that is sensible, else longer each time. `random`
/// is from 0 to 1, exclusive; `now` in seconds since 1970.
pub fn delay(retry: u32, headers: &Headers, random: f64, now: f64) -> f64 {
    retry_after(headers, now)
        .filter(|said| *said > 0.0 && *said <= SERVERS_LONGEST_S)
        .unwrap_or_else(|| growing(FIRST_S, retry, LONGEST_S) * (1.0 - JITTER * random))
}

/// Twice as long each time, from 0.
pub fn growing(first: f64, time: u32, longest: f64) -> f64 {
    (first * 2f64.powi(time.min(64) as i32)).min(longest)
}

/// Seconds for which the server asks; None where it does not, or says what cannot be read.
pub fn retry_after(headers: &Headers, now: f64) -> Option<f64> {
    let number = |name: &str| headers.get(name).and_then(|text| text.trim().parse::<f64>().ok());
    number("retry-after-ms")
        .map(|millis| millis / 1000.0)
        .or_else(|| number("retry-after"))
        .or_else(|| headers.get("retry-after").and_then(|text| http_date::parse(text)).map(|date| date as f64 - now))
}
