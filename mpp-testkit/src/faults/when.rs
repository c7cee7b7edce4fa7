//! When a fault happens: always, at some of them, or by a seed.

use std::fmt;

/// Which requests or calls meet a fault; they are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum When {
    Always,
    Nth(u64),
    First(u64),
    Sometimes { probability: f64, seed: u64 },
}

impl When {
    /// Whether it is this one.
    pub(super) fn holds(self, number: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Nth(nth) => number == nth,
            Self::First(most) => number <= most,
            Self::Sometimes { probability, seed } => fraction(seed, number) < probability,
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => Ok(()),
            Self::Nth(nth) => write!(f, ", number {nth}"),
            Self::First(most) => write!(f, ", the first {most}"),
            Self::Sometimes { probability, seed } => write!(f, ", with probability {probability} by seed {seed}"),
        }
    }
}

/// From 0.0 to below 1.0, the same for the same two numbers: SplitMix64 (Steele, Lea, Flood 2014).
fn fraction(seed: u64, number: u64) -> f64 {
    let mut z = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    // The upper half is enough for a choice.
    let bits = u32::try_from(z >> 32).unwrap_or_default();
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::When;

    #[test]
    fn a_seed_chooses_the_same_ones_and_about_as_many_as_it_should() {
        let chosen = |seed| -> Vec<u64> {
            let when = When::Sometimes { probability: 0.25, seed };
            (1..=10_000).filter(|number| when.holds(*number)).collect()
        };
        let first = chosen(7);
        assert_eq!(first, chosen(7));
        assert_ne!(first, chosen(8));
        assert!((2_300..2_700).contains(&first.len()), "{}", first.len());
        let (never, ever) =
            (When::Sometimes { probability: 0.0, seed: 1 }, When::Sometimes { probability: 1.0, seed: 1 });
        assert!((1..1000).all(|number| !never.holds(number) && ever.holds(number)));
    }

    #[test]
    fn numbers_are_counted_from_one() {
        let holds = |when: When| (1..=4).filter(|number| when.holds(*number)).collect::<Vec<_>>();
        assert_eq!(holds(When::Nth(2)), [2]);
        assert_eq!(holds(When::First(2)), [1, 2]);
        assert_eq!(holds(When::Always), [1, 2, 3, 4]);
    }
}
