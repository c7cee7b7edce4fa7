//! Monitors: they read every leaf of a log and report changes to chosen packages.
//!
//! A client proves that a version is in the log, but not that an index file shows everything that the log has: a registry could
//! hide a version or a yank from it. A monitor reads the whole log, and compares the index files with what the leaves say.

mod compare;
mod look;
mod packages;
mod pattern;
#[cfg(test)]
mod tests;
mod webhook;

use mpp_host::PublicKey;
use mpp_host::codes::{Code, Coded};
use serde::{Deserialize, Serialize};

use crate::client::Alarm;
use crate::codes;
use crate::log::{Checkpoint, Files, Follower, LogError, ProofError, proof};
use crate::protocol::{Digest, Leaf, Origin, PackageId, Timestamp};
use crate::upstream::UpstreamError;

pub use compare::{IndexFault, IndexFaultKind};
use packages::Packages;
pub use packages::{Event, Finding};
pub use pattern::Pattern;
pub use webhook::{Webhook, WebhookError};

/// The error returned when a monitor cannot follow a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MonitorError {
    /// The log cannot be read, or contradicts what the monitor has read before.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The saved state of the monitor cannot be used.
    #[error("the saved state of the monitor cannot be used: {0}")]
    Memory(String),
    /// The description or the checkpoint of the registry cannot be read or verified.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The registry contradicts what it has signed before.
    #[error("{0}")]
    Alarm(Box<Alarm>),
    /// The registry shows a smaller log than before, which may be a cache that is behind.
    #[error("the registry serves a log of {found} leaves, but has shown one of {known} before")]
    Behind {
        /// Number of leaves that is served.
        found: u64,
        /// Number of leaves that is known.
        known: u64,
    },
    /// The registry shows an older description than before, which may name a log key that was replaced.
    #[error("the registry serves version {found} of its description, but has shown version {known} before")]
    OldDescription {
        /// The version that is served.
        found: u64,
        /// The version that is known.
        known: u64,
    },
    /// The text is not a pattern of package ids.
    #[error("`{found}` is not a package id or a pattern like `com.example.*`")]
    Pattern {
        /// The text.
        found: String,
    },
}

impl From<ProofError> for MonitorError {
    fn from(error: ProofError) -> Self {
        Self::Log(error.into())
    }
}

impl Coded for MonitorError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Log(error) => error.code(),
            Self::Memory(_) => &codes::N503,
            Self::Upstream(error) => error.code(),
            Self::Alarm(alarm) => alarm.code(),
            Self::Behind { .. } | Self::OldDescription { .. } => &codes::N022,
            Self::Pattern { .. } => &codes::N504,
        }
    }
}

/// What a monitor has found since its last look.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// The size of the log at the last look.
    pub from_size: u64,
    /// The size of the log now.
    pub size: u64,
    /// The root of the log now.
    pub root: Digest,
    /// The changes to the watched packages, in the order of the log.
    pub events: Vec<Event>,
    /// Leaves that the registry should not have accepted, as far as they concern the watched packages.
    pub findings: Vec<Finding>,
    /// Index files of watched packages that do not show what the log has.
    pub faults: Vec<IndexFault>,
}

impl Report {
    /// Returns whether something was found: a change, or a contradiction.
    #[must_use]
    pub fn has_news(&self) -> bool {
        !(self.events.is_empty() && self.findings.is_empty() && self.faults.is_empty())
    }

    /// Returns this report together with that of a later look. Index files are as the later look found them.
    #[must_use]
    pub fn and(mut self, later: Self) -> Self {
        self.events.extend(later.events);
        self.findings.extend(later.findings);
        Self { size: later.size, root: later.root, faults: later.faults, ..self }
    }
}

/// Follows one log and watches some packages in it.
#[derive(Debug, Clone)]
pub struct Monitor {
    memory: Memory,
    patterns: Vec<Pattern>,
}

/// What a monitor remembers between two looks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Memory {
    format: u32,
    registry: Origin,
    size: u64,
    root: Digest,
    patterns: Vec<String>,
    packages: Packages,
    /// What the registry has signed.
    #[serde(default)]
    signed: Signatures,
}

/// What the registry has signed, as far as it is needed to prove a contradiction: the files as they were served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Signatures {
    /// The version of the description.
    #[serde(default)]
    description: u64,
    /// The checkpoint of the last look.
    #[serde(default)]
    checkpoint: String,
    /// The time at which a checkpoint of this size was seen first.
    #[serde(default)]
    seen: Option<Timestamp>,
    /// The last revocation list.
    #[serde(default)]
    revocations: String,
}

impl Monitor {
    /// Creates a monitor that has read nothing yet.
    #[must_use]
    pub fn new(registry: Origin, patterns: Vec<Pattern>) -> Self {
        let names = patterns.iter().map(ToString::to_string).collect();
        let root = Digest::of(b"");
        let memory = Memory {
            format: 1,
            registry,
            size: 0,
            root,
            patterns: names,
            packages: Packages::default(),
            signed: Signatures::default(),
        };
        Self { memory, patterns }
    }

    /// Continues with what [`Self::to_bytes`] returned. With other patterns, the monitor begins with the first leaf again.
    ///
    /// # Errors
    /// Returns [`MonitorError::Memory`] if the bytes are damaged or belong to another registry.
    pub fn resume(bytes: &[u8], registry: &Origin, patterns: Vec<Pattern>) -> Result<Self, MonitorError> {
        let memory: Memory = serde_json::from_slice(bytes).map_err(|error| MonitorError::Memory(error.to_string()))?;
        if memory.format != 1 || memory.registry != *registry {
            return Err(MonitorError::Memory(format!("it is for the registry `{}`", memory.registry)));
        }
        let is_same = memory.patterns.iter().eq(patterns.iter().map(ToString::to_string).collect::<Vec<_>>().iter());
        Ok(if is_same { Self { memory, patterns } } else { Self::new(registry.clone(), patterns) })
    }

    /// Returns what the monitor has to remember, for [`Self::resume`].
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.memory).unwrap_or_default()
    }

    /// Returns the checkpoint up to which the monitor has read; its size is 0 before the first look.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.memory.registry.clone(), self.memory.size, self.memory.root)
    }

    /// Returns the report of a look that found nothing new, because the registry shows an older checkpoint.
    #[must_use]
    pub const fn nothing_new(&self) -> Report {
        let (size, root) = (self.memory.size, self.memory.root);
        Report { from_size: size, size, root, events: Vec::new(), findings: Vec::new(), faults: Vec::new() }
    }

    /// Returns the ids of the watched packages that exist.
    pub fn packages(&self) -> impl Iterator<Item = &PackageId> {
        self.memory.packages.ids()
    }

    /// Reads the leaves up to `head`, whose signature has been verified, and compares the index files of the watched packages
    /// with them. `log_key` signs the index files.
    ///
    /// After an error, the monitor is where it was.
    ///
    /// # Errors
    /// Returns [`MonitorError::Log`] if the log cannot be read, if `head` does not extend what was read before (which is a fork), or if a
    /// leaf is malformed or unknown.
    pub async fn follow(
        &mut self,
        files: &dyn Files,
        head: &Checkpoint,
        log_key: &PublicKey,
    ) -> Result<Report, MonitorError> {
        let before = self.checkpoint();
        let mut follower = match before.size {
            0 => Follower::new(),
            _ => {
                proof::consistency(files, &before, head).await?;
                Follower::after(files, &before).await?
            }
        };
        let mut packages = self.memory.packages.clone();
        let (mut events, mut findings) = (Vec::new(), Vec::new());
        let sink = |index, bytes: bytes::Bytes| -> Result<(), MonitorError> {
            let leaf = Leaf::parse(&bytes).map_err(LogError::from)?;
            packages.apply(index, &leaf, &self.patterns, &mut events, &mut findings);
            Ok(())
        };
        follower.advance(files, head, sink).await?;
        let faults = compare::all(files, head, log_key, &packages).await;
        self.memory.packages = packages;
        (self.memory.size, self.memory.root) = (head.size, head.root);
        Ok(Report { from_size: before.size, size: head.size, root: head.root, events, findings, faults })
    }
}
