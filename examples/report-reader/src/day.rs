//! Days and months in ISO 8601 notation.

use std::fmt;
use std::str::FromStr;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month {
    year: u16,
    month: u8,
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) month: Month,
    day: u8,
}

impl Month {
    fn days(self) -> u8 {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (year, month) = text.split_once('-')?;
            Some(Self { year: number(year, 4)?, month: u8::try_from(number(month, 2)?).ok()? })
        };
        read()
            .filter(|month| (1..=12).contains(&month.month))
            .ok_or_else(|| format!("`{text}` is not a month: expected one like 2026-02"))
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (month, day) = text.rsplit_once('-')?;
            Some(Self { month: month.parse().ok()?, day: u8::try_from(number(day, 2)?).ok()? })
        };
        read()
            .filter(|day| (1..=day.month.days()).contains(&day.day))
            .ok_or_else(|| format!("`{text}` is not a day: expected one like 2026-02-17"))
    }
}

/// Parses a number of exactly this many digits.
fn number(text: &str, digits: usize) -> Option<u16> {
    let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}", self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, Month};

    #[test]
    fn accepts_existing_days_only() {
        for text in ["2026-02-28", "2024-02-29", "2000-02-29", "1999-12-31"] {
            assert_eq!(text.parse::<Day>().expect("a day").to_string(), text);
        }
        for text in ["2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "2026-01-00", "26-01-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
        for text in ["2026-1-1", "2026-01-01T00:00", "+026-01-01", "01.02.2026", ""] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_are_ordered() {
        let month = |text: &str| text.parse::<Month>().expect("a month");
        assert!(month("2025-12") < month("2026-01") && month("2026-01") < month("2026-02"));
    }
}
