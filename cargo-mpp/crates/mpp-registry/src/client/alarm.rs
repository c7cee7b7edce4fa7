//! Alarms: a registry that contradicts what it has signed before. Both sides of the contradiction are kept as evidence.

use std::fmt;
use std::path::PathBuf;

use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::protocol::{Digest, Timestamp};

/// A state of a log that the registry has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedState {
    /// Number of leaves.
    pub size: u64,
    /// Root hash of the tree.
    pub root: Digest,
    /// The signed bytes: a checkpoint or a revocation list.
    pub evidence: Vec<u8>,
}

impl SignedState {
    /// Creates the description of a state.
    #[must_use]
    pub fn new(size: u64, root: Digest, evidence: Vec<u8>) -> Self {
        Self { size, root, evidence }
    }
}

impl fmt::Display for SignedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} leaves with the root {}", self.size, self.root)
    }
}

/// How two signed states contradict each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contradiction {
    /// Neither state extends the other: the registry has shown two histories.
    Fork,
    /// The later state has fewer leaves: the registry has gone back.
    Rollback {
        /// Time at which the state with more leaves was signed, or was seen.
        before: Timestamp,
        /// Time at which the state with fewer leaves was signed.
        after: Timestamp,
    },
}

/// The error returned when a registry contradicts what it has signed before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alarm {
    /// Origin of the registry.
    pub origin: String,
    /// How the two states contradict each other.
    pub contradiction: Contradiction,
    /// The state that was seen first.
    pub known: SignedState,
    /// The state that is served now.
    pub found: SignedState,
    /// The directory in which both were stored; `None` if it cannot be written.
    pub stored: Option<PathBuf>,
}

impl Alarm {
    /// Creates an alarm whose evidence is not stored yet.
    #[must_use]
    pub fn new(origin: &str, contradiction: Contradiction, known: SignedState, found: SignedState) -> Self {
        Self { origin: origin.to_owned(), contradiction, known, found, stored: None }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, known, found, .. } = self;
        match &self.contradiction {
            Contradiction::Fork => write!(
                f,
                "the registry `{origin}` has signed two histories that contradict each other: {known}, and {found}"
            ),
            Contradiction::Rollback { before, after } => write!(
                f,
                "the registry `{origin}` has gone back in its history: it had signed {known} by {before}, and signed {found} at {after}"
            ),
        }
    }
}

impl std::error::Error for Alarm {}

impl Coded for Alarm {
    fn code(&self) -> &'static Code {
        match self.contradiction {
            Contradiction::Fork => &codes::N024,
            Contradiction::Rollback { .. } => &codes::N025,
        }
    }
}
