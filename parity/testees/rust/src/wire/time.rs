//! Points in time, to the nanosecond.

use serde_json::Value;

use super::{Dialect, Error, Wire};

pub const SECOND: i128 = 1_000_000_000;
const FIRST: i128 = -62_135_596_800 * SECOND; // year 1
const END: i128 = 253_402_300_800 * SECOND; // year 10000

/// Nanoseconds since 1970, UTC. Read from ISO 8601 (without a zone it is UTC) or from seconds since 1970; written as RFC 3339
/// with 0, 3, 6 or 9 digits of a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timestamp(pub i128);

impl Timestamp {
    /// ISO 8601; None for anything else, and beyond the years 1 to 9999.
    pub fn parse(text: &str) -> Option<Self> {
        from_text(text).filter(|nanos| (FIRST..END).contains(nanos)).map(Self)
    }

    /// The day in UTC: "2025-11-26".
    pub fn day(self) -> String {
        let (year, month, day) = civil(self.0.div_euclid(86_400 * SECOND));
        format!("{year:04}-{month:02}-{day:02}")
    }
}

impl Wire for Timestamp {
    fn decode(path: &str, value: &Value, _: &Dialect) -> Result<Self, Error> {
        let nanos = match value {
            Value::String(text) => from_text(text),
            Value::Number(number) => from_seconds(number.as_str()),
            _ => None,
        };
        let in_range = nanos.filter(|nanos| (FIRST..END).contains(nanos));
        in_range.map(Timestamp).ok_or_else(|| Error::expected(path, "a time of the years 1 to 9999", value))
    }

    fn encode(&self, _: &Dialect) -> Value {
        let (seconds, nanos) = (self.0.div_euclid(SECOND), self.0.rem_euclid(SECOND));
        let (year, month, day) = civil(seconds.div_euclid(86_400));
        let clock = seconds.rem_euclid(86_400);
        let mut fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}") };
        while fraction.ends_with("000") {
            fraction.truncate(fraction.len() - 3);
        }
        let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
        Value::from(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
    }
}

/// Days since 1970 of a day of the Gregorian calendar; years begin in March here, so that the leap day comes last.
fn days(year: i128, month: i128, day: i128) -> i128 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (since_march * 153 + 2) / 5 + day
        - 719_469
}

/// Year, month and day of a day since 1970: the inverse of `days`.
fn civil(day: i128) -> (i128, i128, i128) {
    let mut year = 1969 + (day * 400).div_euclid(146_097); // not after the right one
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days(year, month + 1, 1) <= day {
        month += 1;
    }
    (year, month, day - days(year, month, 1) + 1)
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<i128> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn from_text(text: &str) -> Option<i128> {
    let (date, rest) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes()[10], b'T' | b't' | b' ') {
        return None;
    }
    let [year, month, day] = parts(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = parts(rest.get(..8)?, ':', [2, 2, 2])?;
    let real = (1..=12).contains(&month) && civil(days(year, month, day)) == (year, month, day);
    if !real || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = &rest[8..];
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&length) {
            return None;
        }
        nanos = digits(&fraction[..length], length)? * 10_i128.pow(9 - length as u32);
        rest = &fraction[length..];
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(rest)?;
    Some(seconds * SECOND + nanos)
}

fn parts(text: &str, separator: char, lengths: [usize; 3]) -> Option<[i128; 3]> {
    let mut found = text.split(separator);
    let mut next = |length| digits(found.next()?, length);
    let parts = [next(lengths[0])?, next(lengths[1])?, next(lengths[2])?];
    found.next().is_none().then_some(parts)
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i128> {
    let sign = match zone.chars().next() {
        None => return Some(0),
        Some('Z' | 'z') => return (zone.len() == 1).then_some(0),
        Some('+') => 1,
        Some('-') => -1,
        _ => return None,
    };
    let clock = zone[1..].replacen(':', "", 1);
    let (hours, minutes) = (digits(clock.get(..2)?, 2)?, digits(clock.get(2..)?, 2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn from_seconds(text: &str) -> Option<i128> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(sign * (digits(whole, whole.len().min(18))? * SECOND + digits(&fraction, 9)?))
}
