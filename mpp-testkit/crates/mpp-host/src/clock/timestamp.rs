//! Formats and parses RFC 3339 timestamps in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// The last second of the year 9999, the latest that RFC 3339 can express, in seconds since 1970.
const LAST_SECOND: i64 = 253_402_300_799;

/// Formats `time` as `2026-03-01T12:00:00Z`. A time before 1970 or after 9999 becomes the nearest time in that range.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    let mut text = Vec::with_capacity(20);
    write_seconds(&mut text, time);
    text.push(b'Z');
    String::from_utf8(text).unwrap_or_default()
}

/// Formats `time` as `2026-03-01T12:00:00.000000Z`, to the microsecond. The range is that of [`rfc3339`].
#[must_use]
pub fn rfc3339_micros(time: SystemTime) -> String {
    let mut text = Vec::with_capacity(27);
    write_seconds(&mut text, time);
    text.push(b'.');
    digits(&mut text, time.duration_since(UNIX_EPOCH).unwrap_or_default().subsec_micros(), 6);
    text.push(b'Z');
    String::from_utf8(text).unwrap_or_default()
}

/// Parses an RFC 3339 timestamp in UTC such as `2026-03-01T12:00:00Z`, with up to nine fractional digits.
///
/// Returns `None` for anything else, including offsets other than `Z` and times before 1970.
///
/// ```
/// use mpp_host::clock::{parse_rfc3339, rfc3339};
///
/// let time = parse_rfc3339("2026-03-01T12:00:00.250Z").expect("a valid time");
/// assert_eq!(rfc3339(time), "2026-03-01T12:00:00Z");
/// assert_eq!(parse_rfc3339("2026-02-30T12:00:00Z"), None);
/// ```
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let is_utc = time.offset() == UtcOffset::UTC && text.ends_with('Z');
    (is_utc && time >= OffsetDateTime::UNIX_EPOCH).then(|| SystemTime::from(time))
}

/// Appends `time` as `2026-03-01T12:00:00.000Z`. The length is always the same, so that the texts sort in the order of the times.
#[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "the audit log's"))]
pub(crate) fn write_millis(text: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    write_seconds(text, time);
    text.push(b'.');
    digits(text, since.subsec_millis(), 3);
    text.push(b'Z');
}

/// Appends the date and the time of day without a zone.
fn write_seconds(text: &mut Vec<u8>, time: SystemTime) {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX).min(LAST_SECOND);
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    // Formatted by hand: every audit record contains a time, and the formatter of `time` takes several times as long.
    for (number, width, separator) in [
        (year.unsigned_abs(), 4, b'-'),
        (u32::from(u8::from(month)), 2, b'-'),
        (u32::from(day), 2, b'T'),
        (u32::from(hour), 2, b':'),
        (u32::from(minute), 2, b':'),
    ] {
        digits(text, number, width);
        text.push(separator);
    }
    digits(text, u32::from(second), 2);
}

/// Appends the last `width` decimal digits of `number`.
fn digits(text: &mut Vec<u8>, number: u32, width: u32) {
    for place in (0..width).rev() {
        text.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_rfc3339, rfc3339};
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn formats_and_parses_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(rfc3339(time), text);
            assert_eq!(parse_rfc3339(text), Some(time));
        }
        let mut text = Vec::new();
        super::write_millis(&mut text, UNIX_EPOCH + Duration::from_millis(1_767_225_599_007));
        assert_eq!(text, b"2025-12-31T23:59:59.007Z");
        let precise = UNIX_EPOCH + Duration::from_micros(1_767_225_599_000_007);
        assert_eq!(super::rfc3339_micros(precise), "2025-12-31T23:59:59.000007Z");
        assert_eq!(parse_rfc3339("2025-12-31T23:59:59.000007Z"), Some(precise));
    }

    #[test]
    fn formats_times_out_of_range_as_the_nearest_within() {
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_secs(1)), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(253_402_300_800)), "9999-12-31T23:59:59Z");
    }

    #[test]
    fn parses_utc_only() {
        let nanosecond = UNIX_EPOCH + Duration::from_nanos(1);
        assert_eq!(parse_rfc3339("1970-01-01T00:00:00.000000001Z"), Some(nanosecond));
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-03-01T12:00:00+01:00",
            "2026-03-01T12:00:00+00:00",
            "2026-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-03-01T24:00:00Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
    }
}
