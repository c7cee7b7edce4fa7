//! What a guest sees of the world besides its streams: variables, clocks and randomness, each set on purpose.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::full_disk::FullDisk;
use super::stop::Stop;
use crate::clock::Clock;

/// Where a guest's random bytes come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Randomness {
    /// The operating system.
    #[default]
    System,
    /// A fixed stream, so that a test gets the same answer each time.
    Seeded(u64),
}

/// Length of the cycle of seeded bytes.
const SEEDED_BYTES: usize = 4096;

impl Randomness {
    /// The bytes that a seeded stream repeats; `None` for the operating system's.
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
    /// From the beginning of the stream, where it is seeded.
    pub(crate) fn new(randomness: Randomness) -> Self {
        Self(randomness.seeded_bytes().map(|bytes| Cycle { bytes, next: 0 }))
    }

    /// The next bytes.
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
    /// Time since 1970; zero before it.
    pub(crate) fn wall(&self) -> Duration {
        self.0.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO)
    }

    pub(crate) fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
}

/// Everything a guest sees, shared by all calls of one grant.
#[derive(Debug)]
pub(crate) struct GuestWorld {
    /// Declared variables and their values. Not printed by `Debug` of anything public.
    pub(crate) env: Vec<(String, String)>,
    pub(crate) clock: GuestClock,
    pub(crate) randomness: Randomness,
    /// The program's name, its only argument.
    pub(crate) program: String,
    /// Where nothing can be written into files: for tests.
    pub(crate) disk_full: Option<FullDisk>,
}

impl GuestWorld {
    /// A world with nothing in it but clocks and randomness.
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
