//! The environment of a guest besides its streams: variables, clocks and randomness, each set explicitly.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::full_disk::FullDisk;
use super::observe::RandomSource;
use super::stop::Stop;
use crate::clock::Clock;

/// Length of the cycle of seeded bytes, after which they repeat.
const SEEDED_BYTES: usize = 4096;

/// Returns the bytes that a seeded stream repeats.
fn seeded_bytes(seed: u64) -> Vec<u8> {
    let blocks = (0..SEEDED_BYTES / 32).flat_map(|block: usize| {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(block.to_le_bytes());
        <[u8; 32]>::from(hash.finalize())
    });
    blocks.collect()
}

/// The random bytes of one call.
#[derive(Debug)]
pub(crate) enum RandomBytes {
    /// Those of the operating system.
    System,
    /// A stream that is derived from a seed.
    Seeded(Cycle),
    /// Those that a front end supplies.
    Source(Arc<dyn RandomSource>),
}

#[derive(Debug)]
pub(crate) struct Cycle {
    bytes: Vec<u8>,
    next: usize,
}

impl RandomBytes {
    /// Creates the source for one call. A stream with a seed starts at its beginning.
    pub(crate) fn new(world: &GuestWorld) -> Self {
        match (&world.random_source, world.seed) {
            (Some(source), _) => Self::Source(Arc::clone(source)),
            (None, Some(seed)) => Self::Seeded(Cycle { bytes: seeded_bytes(seed), next: 0 }),
            (None, None) => Self::System,
        }
    }

    /// Fills `into` with the next bytes.
    pub(crate) fn fill(&mut self, into: &mut [u8]) -> Result<(), Stop> {
        let Cycle { bytes, next } = match self {
            Self::System => return getrandom::fill(into).map_err(|_| Stop::NoRandomness),
            Self::Source(source) => return source.fill(into).map_err(|_| Stop::NoRandomness),
            Self::Seeded(cycle) => cycle,
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
    /// The seed of the random bytes, for tests; `None` if they come from the operating system.
    pub(crate) seed: Option<u64>,
    /// The front end's own source of random bytes, which comes before the seed.
    pub(crate) random_source: Option<Arc<dyn RandomSource>>,
    /// The program's name, which is its only argument.
    pub(crate) program: String,
    /// A simulated full disk, for tests.
    pub(crate) disk_full: Option<FullDisk>,
}

impl GuestWorld {
    /// Returns the bytes that the seeded stream repeats, or `None` if the operating system is the source.
    pub(crate) fn seeded_bytes(&self) -> Option<Vec<u8>> {
        self.seed.map(seeded_bytes)
    }

    /// Creates an environment that contains only clocks and randomness.
    pub(crate) fn empty(clock: Arc<dyn Clock>) -> Self {
        Self {
            env: Vec::new(),
            clock: GuestClock(clock),
            seed: None,
            random_source: None,
            program: "tool".to_owned(),
            disk_full: None,
        }
    }
}
