//! The errors of the writer.

use std::io;
use std::sync::Arc;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::log::{Checkpoint, CheckpointError, LogError, ProofError};
use crate::protocol::ProtocolError;
use crate::store::StoreError;

/// The error returned when the log cannot be opened, followed or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriterError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of the log cannot be read, or contradicts its checkpoint.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A commit object is damaged, or does not lead to the root that it names.
    #[error("the commit object `{path}` is damaged: {reason}")]
    Commit {
        /// The path of the object.
        path: String,
        /// The fault.
        reason: &'static str,
    },
    /// A leaf does not fit the leaves before it.
    #[error("the leaf at the index {index} does not fit the leaves before it")]
    Leaf {
        /// The index of the leaf.
        index: u64,
        /// The reason.
        source: BoxedError,
    },
    /// The store contains the log of another registry.
    #[error("the store belongs to the registry `{found}`, expected `{expected}`")]
    OtherRegistry {
        /// The expected origin and root key.
        expected: String,
        /// Those of the first leaf.
        found: String,
    },
    /// The stored checkpoint is larger than the commits lead to.
    #[error("the stored checkpoint has {checkpoint} leaves, but the commit objects end at {commits}")]
    MissingCommit {
        /// The size of the checkpoint.
        checkpoint: u64,
        /// The size that the commits lead to.
        commits: u64,
    },
    /// The log does not extend the last checkpoint that this server signed.
    #[error("this server has signed a log of {} leaves, and the store has one of {found} that does not extend it", signed.size)]
    Rollback {
        /// The last checkpoint that this server signed.
        signed: Box<Checkpoint>,
        /// The size of the log in the store.
        found: u64,
    },
    /// The log does not contain the tree from which the log key counts.
    #[error(
        "the log key counts from {} leaves with the root {}, and the store has a log of {found} leaves that does not contain them",
        start.size, start.root
    )]
    Start {
        /// The tree from which the log key counts.
        start: Box<Checkpoint>,
        /// The size of the log in the store.
        found: u64,
    },
    /// The last signed checkpoint cannot be read or written.
    #[error("the file with the last signed checkpoint cannot be used")]
    Memory(#[source] io::Error),
    /// The derived files cannot be made.
    #[error("the derived files cannot be made")]
    Derive(#[source] BoxedError),
    /// The writer has met a leaf or a commit that it cannot accept, and stopped.
    #[error("the log does not accept changes any more: {0}")]
    Stopped(String),
    /// The writer has ended.
    #[error("the log is closed")]
    Closed,
}

impl From<CheckpointError> for WriterError {
    fn from(error: CheckpointError) -> Self {
        Self::Log(error.into())
    }
}

impl From<ProofError> for WriterError {
    fn from(error: ProofError) -> Self {
        Self::Log(error.into())
    }
}

impl From<ProtocolError> for WriterError {
    fn from(error: ProtocolError) -> Self {
        Self::Log(error.into())
    }
}

impl WriterError {
    /// Returns whether the same operation can succeed later.
    pub(super) const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Store(_)
                | Self::Log(LogError::Proof(ProofError::Unavailable { .. }))
                | Self::Memory(_)
                | Self::Derive(_)
                | Self::Closed
        )
    }
}

impl Coded for WriterError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Commit { .. } | Self::Leaf { .. } | Self::MissingCommit { .. } | Self::Stopped(_) => &codes::N131,
            Self::Rollback { .. } => &codes::N132,
            Self::Start { .. } => &codes::N139,
            Self::OtherRegistry { .. } => &codes::N133,
            Self::Derive(_) => &codes::N134,
            Self::Memory(_) => &codes::N135,
            Self::Closed => &codes::N136,
        }
    }
}

/// The error returned when a change was not appended, or not for certain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError<R: std::error::Error + 'static> {
    /// The change was refused. The log does not contain it.
    #[error(transparent)]
    Refused(R),
    /// The change may be in the log and may not. If it is, it becomes visible later; requesting it again is safe.
    #[error("it is not certain whether the registry accepted the change")]
    Unknown(#[source] Arc<WriterError>),
    /// The log does not contain the change.
    #[error("the registry cannot accept changes")]
    Failed(#[source] Arc<WriterError>),
}

impl<R: Coded + 'static> Coded for AppendError<R> {
    fn code(&self) -> &'static Code {
        match self {
            Self::Refused(reason) => reason.code(),
            Self::Unknown(_) => &codes::N130,
            Self::Failed(error) => error.code(),
        }
    }
}
