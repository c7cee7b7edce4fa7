//! Times in documents of the protocol: whole seconds in UTC.

use std::fmt;
use std::time::{Duration, SystemTime};

use mpp_host::clock::{parse_rfc3339, rfc3339};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::ProtocolError;

/// A time in whole seconds since 1970. It is displayed and serialised as `2026-03-01T12:00:00Z`, its only form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Creates a time from seconds since 1970.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// Returns the time that is `duration` later, in whole seconds.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_secs()))
    }

    /// Returns the time between `self` and `other`, whichever is later.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Duration {
        Duration::from_secs(self.0.abs_diff(other.0))
    }

    /// Parses `2026-03-01T12:00:00Z`.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Name`] for any other form, including fractions of seconds and other time zones.
    pub fn parse(text: &str) -> Result<Self, ProtocolError> {
        let time = parse_rfc3339(text).map(Self::from).filter(|time| time.to_string() == text);
        time.ok_or_else(|| ProtocolError::Name {
            expected: "a time in UTC and whole seconds, like `2026-03-01T12:00:00Z`",
            found: text.to_owned(),
        })
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.0));
        f.write_str(&time.map_or_else(|| "9999-12-31T23:59:59Z".to_owned(), rfc3339))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn a_time_has_one_form() {
        let text = "2026-03-01T12:00:00Z";
        let time = Timestamp::parse(text).unwrap_or(Timestamp::from_secs(0));
        assert_eq!((time.to_string().as_str(), time.as_secs()), (text, 1_772_366_400));
        for bad in
            ["", "2026-03-01T12:00:00.5Z", "2026-03-01T13:00:00+01:00", "2026-03-01 12:00:00Z", "2026-02-30T12:00:00Z"]
        {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
    }
}
