//! The value of `--since`: a time, or a period before now.

use std::time::{Duration, SystemTime};

use mpp_host::clock::rfc3339;

use super::AuditCommandError;

/// Parses the value into the earliest time to list, in the format of the records.
///
/// # Errors
/// Returns [`AuditCommandError::Option`] if the value is neither a time nor a period.
pub(super) fn parse(given: &str, now: SystemTime) -> Result<String, AuditCommandError> {
    let refuse = || AuditCommandError::Option {
        option: "--since",
        given: given.to_owned(),
        expected: "a time (UTC) such as 2026-03-01 or 2026-03-01T12:00:00Z, or a period such as 30m, 24h or 7d"
            .to_owned(),
    };
    if is_time(given) {
        // Without the `Z` it is a prefix of every time in that second.
        return Ok(given.trim_end_matches('Z').to_owned());
    }
    let unit = given.chars().next_back().ok_or_else(refuse)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(refuse()),
    };
    let number: u64 = given[..given.len() - 1].parse().map_err(|_| refuse())?;
    let period = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(refuse)?;
    let start = now.checked_sub(period).unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(rfc3339(start).trim_end_matches('Z').to_owned())
}

/// Returns whether this is written like `2026-03-01` or `2026-03-01T12:00:00Z`.
fn is_time(given: &str) -> bool {
    let fits = |shape: &str| {
        given.len() == shape.len()
            && given.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                _ => byte == shape,
            })
    };
    fits("0000-00-00") || fits("0000-00-00T00:00:00Z")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn reads_times_and_periods() {
        let now = UNIX_EPOCH + Duration::from_secs(1_767_225_599);
        let of = |given: &str| parse(given, now).ok();
        assert_eq!(of("2026-03-01").as_deref(), Some("2026-03-01"));
        assert_eq!(of("2026-03-01T12:00:00Z").as_deref(), Some("2026-03-01T12:00:00"));
        assert_eq!(of("24h").as_deref(), Some("2025-12-30T23:59:59"));
        assert_eq!(of("7d").as_deref(), Some("2025-12-24T23:59:59"));
        assert_eq!(of("99999999d").as_deref(), Some("1970-01-01T00:00:00"));
        for wrong in
            ["", "d", "7", "7w", "-1d", "2026-3-1", "2026-03-01T12:00:00", "yesterday", "99999999999999999999d", "7é"]
        {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
