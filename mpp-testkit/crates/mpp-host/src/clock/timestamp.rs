//! Times as people and JSON write them: RFC 3339, UTC.

use std::time::{SystemTime, UNIX_EPOCH};

/// `time` as `2026-03-01T12:00:00Z`; the epoch for anything before it.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut text = Vec::with_capacity(20);
    write_seconds(&mut text, seconds);
    text.push(b'Z');
    String::from_utf8(text).unwrap_or_default()
}

/// Adds `time` as `2026-03-01T12:00:00.000Z`: always as long, so that texts compare as times do.
#[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "the audit log's"))]
pub(crate) fn write_millis(text: &mut Vec<u8>, time: SystemTime) {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    write_seconds(text, since.as_secs());
    text.push(b'.');
    digits(text, u64::from(since.subsec_millis()), 3);
    text.push(b'Z');
}

fn write_seconds(text: &mut Vec<u8>, seconds: u64) {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Civil from days (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"): years begin in March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let parts = [(year, 4, b'-'), (month, 2, b'-'), (day, 2, b'T'), (rest / 3_600, 2, b':'), (rest / 60 % 60, 2, b':')];
    for (number, width, separator) in parts {
        digits(text, number, width);
        text.push(separator);
    }
    digits(text, rest % 60, 2);
}

/// `number` in decimal, with zeros in front up to `width`.
fn digits(text: &mut Vec<u8>, number: u64, width: u32) {
    let width = width.max(number.checked_ilog10().map_or(1, |log| log + 1));
    for place in (0..width).rev() {
        text.push(b'0' + (number / 10_u64.pow(place) % 10) as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::rfc3339;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn writes_dates_of_all_sorts() {
        let at = |seconds| rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(1_767_225_599), "2025-12-31T23:59:59Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(at(253_402_300_800), "10000-01-01T00:00:00Z");
        let mut text = Vec::new();
        super::write_millis(&mut text, UNIX_EPOCH + Duration::from_millis(1_767_225_599_007));
        assert_eq!(text, b"2025-12-31T23:59:59.007Z");
    }
}
