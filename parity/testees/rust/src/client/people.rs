//! Sizes and times as a command line shows them to people. Source: tinker.md §3.11.

use crate::wire::time::{Timestamp, SECOND};

const MINUTE: i128 = 60 * SECOND;
const HOUR: i128 = 60 * MINUTE;
const DAY: i128 = 24 * HOUR;

/// A number of bytes: "2.0 KB".
pub fn size(bytes: i64) -> String {
    match bytes {
        ..0 => return "N/A".to_owned(),
        0..1024 => return format!("{bytes} B"),
        _ => {}
    }
    let mut left = bytes as f64 / 1024.0;
    for unit in ["KB", "MB", "GB", "TB", "PB"] {
        if left < 1024.0 {
            return format!("{left:.1} {unit}");
        }
        left /= 1024.0;
    }
    format!("{left:.1} EB")
}

/// How long ago something was, up to 30 days; else the day. What is no time is shown as it is.
pub fn ago(text: &str, now: Timestamp) -> String {
    if text.is_empty() {
        return "N/A".to_owned();
    }
    let Some(then) = Timestamp::parse(text) else { return text.to_owned() };
    let past = now.0 - then.0;
    let days = past / DAY;
    match past {
        _ if past >= 0 && days > 30 => then.day(),
        _ if days > 7 => count(days / 7, "week"),
        _ if days > 0 => count(days, "day"),
        _ if past > HOUR => count(past / HOUR, "hour"),
        _ if past > MINUTE => count(past / MINUTE, "minute"),
        _ => "just now".to_owned(),
    }
}

fn count(number: i128, unit: &str) -> String {
    format!("{number} {unit}{} ago", if number > 1 { "s" } else { "" })
}
