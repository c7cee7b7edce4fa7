//! Amounts in whole cents, so that sums are exact.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// An amount in cents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Money(i64);

/// Maximum amount of an expense. The sum of a million of them does not overflow.
const MOST: i64 = 1_000_000_000_000;

impl Money {
    /// Returns the amount as a number with two decimals.
    pub(crate) fn number(self) -> f64 {
        self.0 as f64 / 100.0
    }

    /// Multiplies the amount.
    pub(crate) fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is not an amount: expected digits with at most two decimals, like 12.50");
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "00"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 2 {
            return Err(refuse());
        }
        let cents = format!("{whole}{decimals:0<2}").parse::<i64>().ok().filter(|cents| *cents <= MOST);
        cents.map(|cents| Self(sign * cents)).ok_or_else(refuse)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn reads_and_writes_amounts() {
        for (text, shown) in
            [("12.50", "12.50"), ("12.5", "12.50"), ("12", "12.00"), ("-0.07", "-0.07"), ("0012.00", "12.00")]
        {
            assert_eq!(text.parse::<Money>().expect("an amount").to_string(), shown);
        }
        for text in
            ["", "-", ".5", "12.", "1.234", "1,000.00", "12 EUR", "+3", "99999999999999999999", "10000000000.01"]
        {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn adds_without_losing_a_cent() {
        let tenths = std::iter::repeat_n("0.10".parse::<Money>().expect("an amount"), 1000);
        assert_eq!(tenths.sum::<Money>().to_string(), "100.00");
    }
}
