//! The choice of a guest's random bytes, for tests (feature `testing`).

/// The source of a guest's random bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Randomness {
    /// The operating system's random number generator.
    #[default]
    System,
    /// A fixed stream derived from a seed, so that a test is reproducible.
    Seeded(u64),
}

impl Randomness {
    /// Returns the seed, or `None` if the operating system is the source.
    pub(crate) fn seed(self) -> Option<u64> {
        match self {
            Self::System => None,
            Self::Seeded(seed) => Some(seed),
        }
    }
}
