//! The error returned when a log cannot be read or contradicts itself.

use mpp_host::codes::{Code, Coded};

use super::checkpoint::CheckpointError;
use super::proof_error::ProofError;
use crate::codes;
use crate::protocol::ProtocolError;

/// The error returned when a log cannot be read or contradicts itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// A checkpoint is malformed, belongs to another log, or is not signed by the log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A leaf is malformed, or this release does not know it.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// A proof cannot be made or is not valid.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The leaves of the log do not give the root of its checkpoint.
    #[error("the leaves up to {size} do not give the root of the checkpoint")]
    Root {
        /// The size of the checkpoint's tree.
        size: u64,
    },
}

impl Coded for LogError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Checkpoint(error) => error.code(),
            Self::Protocol(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Root { .. } => &codes::N111,
        }
    }
}
