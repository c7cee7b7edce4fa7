//! Selects the requests or calls that a fault applies to.

use std::fmt;

/// Selects requests or calls by their number, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Schedule {
    Always,
    Nth(u64),
    First(u64),
    Sometimes { probability: f64, seed: u64 },
}

impl Schedule {
    pub(super) fn includes(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(most) => number <= most,
            Self::Sometimes { probability, seed } => fraction(seed, number) < probability,
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Nth(nth) => write!(f, ", number {nth}"),
            Self::First(most) => write!(f, ", the first {most}"),
            Self::Sometimes { probability, seed } => write!(f, ", with probability {probability}, seed {seed}"),
        }
    }
}

/// Returns a number from 0.0 to below 1.0 that depends on the arguments only: SplitMix64 (Steele, Lea, Flood 2014).
fn fraction(seed: u64, number: u64) -> f64 {
    let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // 32 bits are precise enough for a choice, and exact in an `f64`.
    let bits = u32::try_from(z >> 32).unwrap_or_default();
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    fn included(schedule: Schedule, numbers: u64) -> Vec<u64> {
        (1..=numbers).filter(|number| schedule.includes(*number)).collect()
    }

    #[test]
    fn a_seed_selects_the_same_numbers_in_the_given_proportion() {
        let selected = |seed| included(Schedule::Sometimes { probability: 0.25, seed }, 10_000);
        let first = selected(7);
        assert_eq!(first, selected(7));
        assert_ne!(first, selected(8));
        assert!((2_300..2_700).contains(&first.len()), "{}", first.len());
    }

    #[test]
    fn probabilities_of_zero_and_one_are_exact() {
        assert_eq!(included(Schedule::Sometimes { probability: 0.0, seed: 1 }, 1000).len(), 0);
        assert_eq!(included(Schedule::Sometimes { probability: 1.0, seed: 1 }, 1000).len(), 1000);
    }

    #[test]
    fn numbers_are_counted_from_one() {
        assert_eq!(included(Schedule::Nth(2), 4), [2]);
        assert_eq!(included(Schedule::First(2), 4), [1, 2]);
        assert_eq!(included(Schedule::Always, 4), [1, 2, 3, 4]);
    }
}
