//! Parses times in the form of RFC 3339, in UTC.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Parses a time like `2026-01-01T00:00:00Z`, with an optional fraction of a second.
pub(super) fn rfc3339(text: &str) -> Result<SystemTime, &'static str> {
    let form = "expected the form `YYYY-MM-DDTHH:MM:SSZ`";
    let text = text.strip_suffix('Z').ok_or("expected a `Z` at the end, for UTC")?;
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let bytes = text.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if bytes.len() != 19 || marks.iter().any(|(at, mark)| bytes[*at] != *mark) {
        return Err(form);
    }
    let number = |from: usize, to: usize| -> Result<u64, &'static str> {
        let digits = &bytes[from..to];
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(form);
        }
        Ok(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 {
        return Err("expected a time after 1970");
    }
    if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
        return Err("there is no such day");
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err("there is no such time of day");
    }
    let seconds = days_before(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Ok(UNIX_EPOCH + Duration::new(seconds, nanoseconds(fraction).ok_or(form)?))
}

/// Days from 1970-01-01.
fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let years: u64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: u64 = (1..month).map(|month| days_of(year, month)).sum();
    years + months + day - 1
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn nanoseconds(fraction: &str) -> Option<u32> {
    if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::rfc3339 as parse;
    use mpp_host::clock::rfc3339;
    use std::time::Duration;

    #[test]
    fn parses_what_the_host_writes() {
        for text in ["1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z", "2026-11-25T20:01:05Z", "2100-03-01T00:00:00Z"] {
            assert_eq!(parse(text).map(rfc3339).as_deref(), Ok(text));
        }
        let whole = parse("2026-01-01T00:00:00Z").expect("a time");
        assert_eq!(parse("2026-01-01T00:00:00.25Z"), Ok(whole + Duration::from_millis(250)));
    }

    #[test]
    fn refuses_anything_else() {
        for (text, problem) in [
            ("2026-01-01", "expected a `Z` at the end, for UTC"),
            ("2026-01-01T00:00:00+01:00", "expected a `Z` at the end, for UTC"),
            ("2026-1-1T00:00:00Z", "expected the form `YYYY-MM-DDTHH:MM:SSZ`"),
            ("2026-01-01 00:00:00Z", "expected the form `YYYY-MM-DDTHH:MM:SSZ`"),
            ("2026-01-01T00:00:0xZ", "expected the form `YYYY-MM-DDTHH:MM:SSZ`"),
            ("2026-01-01T00:00:00.1234567890Z", "expected the form `YYYY-MM-DDTHH:MM:SSZ`"),
            ("1969-12-31T23:59:59Z", "expected a time after 1970"),
            ("2025-02-29T00:00:00Z", "there is no such day"),
            ("2025-13-01T00:00:00Z", "there is no such day"),
            ("2025-12-01T24:00:00Z", "there is no such time of day"),
        ] {
            assert_eq!(parse(text), Err(problem), "{text}");
        }
    }
}
