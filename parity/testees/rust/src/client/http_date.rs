//! Dates of HTTP headers, as RFC 9110 wants them written: "Tue, 14 Nov 2023 22:13:20 GMT".

const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";

/// Seconds since 1970; None for anything else.
pub fn parse(text: &str) -> Option<i64> {
    let date = text.trim().split_once(',').map_or(text, |(_, rest)| rest);
    let words: Vec<&str> = date.split_whitespace().collect();
    let [day, month, year, clock, zone] = words[..] else { return None };
    let month = MONTHS.find(&month.get(..3)?.to_lowercase()).filter(|at| at % 3 == 0)? as i64 / 3 + 1;
    let parts: Vec<i64> = clock.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hour, minute, second] = parts[..] else { return None };
    let days = days(year.parse().ok()?, month, day.parse().ok()?);
    Some(days * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?)
}

/// Of a zone, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if ["GMT", "UTC", "UT", "Z"].contains(&zone) {
        return Some(0);
    }
    let hours = zone.strip_prefix(['+', '-']).filter(|digits| digits.len() == 4)?.parse::<i64>().ok()?;
    let seconds = hours / 100 * 3600 + hours % 100 * 60;
    Some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// Since 1970, of a day of the Gregorian calendar; years begin in March here, so that the leap day comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day
        - 719_469
}
