//! The environment of a guest besides its streams: variables, clocks and randomness, each set explicitly.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::full_disk::FullDisk;
use super::stop::Stop;
use crate::clock::Clock;

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

/// Length of the cycle of seeded bytes, after which they repeat.
const SEEDED_BYTES: usize = 4096;

impl Randomness {
    /// Returns the bytes that a seeded stream repeats, or `None` if the operating system is the source.
    pub(crate) fn seeded_bytes(self) -> Option<Vec<u8>> {
        let Self::Seeded(seed) = self else { return None };
        let blocks = (0..SEEDED_BYTES / 32).flat_map(|block: usize| {
            let mut hash = Sha256::new();
            hash.update(seed.to_le_bytes());
            hash.update(block.to_le_bytes());
            <[u8; 32]>::from(hash.finalize())
        });
        Some(blocks.collect())
    }
}

/// The random bytes of one call.
#[derive(Debug)]
pub(crate) struct RandomBytes(Option<Cycle>);

#[derive(Debug)]
struct Cycle {
    bytes: Vec<u8>,
    next: usize,
}

impl RandomBytes {
    /// Creates the source for one call; a seeded stream starts at its beginning.
    pub(crate) fn new(randomness: Randomness) -> Self {
        Self(randomness.seeded_bytes().map(|bytes| Cycle { bytes, next: 0 }))
    }

    /// Fills `into` with the next bytes.
    pub(crate) fn fill(&mut self, into: &mut [u8]) -> Result<(), Stop> {
        let Some(Cycle { bytes, next }) = &mut self.0 else {
            return getrandom::fill(into).map_err(|_| Stop::NoRandomness);
        };
        for byte in into {
            *byte = bytes[*next];
            *next = (*next + 1) % bytes.len();
        }
        Ok(())
    }
}

/// The clocks that a guest reads.
#[derive(Debug, Clone)]
pub(crate) struct GuestClock(pub(crate) Arc<dyn Clock>);

impl GuestClock {
    /// Returns the time since the Unix epoch, or zero if the clock is before it.
    pub(crate) fn wall(&self) -> Duration {
        self.0.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

/// The environment of a guest, shared by all calls of one grant.
#[derive(Debug)]
pub(crate) struct GuestWorld {
    /// Declared variables and their values, which the `Debug` output of public types does not contain.
    pub(crate) env: Vec<(String, String)>,
    pub(crate) clock: GuestClock,
    pub(crate) randomness: Randomness,
    /// The program's name, which is its only argument.
    pub(crate) program: String,
    /// A simulated full disk, for tests.
    pub(crate) disk_full: Option<FullDisk>,
}

impl GuestWorld {
    /// Creates an environment that contains only clocks and randomness.
    pub(crate) fn empty(clock: Arc<dyn Clock>) -> Self {
        Self {
            env: Vec::new(),
            clock: GuestClock(clock),
            randomness: Randomness::System,
            program: "tool".to_owned(),
            disk_full: None,
        }
    }
}
