//! The error returned when a mirror cannot copy or serve a file.

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::log::{CheckpointError, CopyError, LogCopyError, LogError};
use crate::protocol::ProtocolError;
use crate::store::StoreError;

/// The error returned when a mirror cannot copy or serve a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MirrorError {
    /// The registry cannot be reached.
    #[error("`{path}` cannot be fetched from the registry")]
    Upstream {
        /// The place of the file.
        path: String,
        /// The fault.
        source: BoxedError,
    },
    /// The registry does not have a file that every registry has.
    #[error("the registry has no `{0}`")]
    Missing(&'static str),
    /// A file of the registry is not the one that belongs under its name.
    #[error("`{0}` of the registry is not what belongs under this name")]
    Object(String),
    /// A file is malformed, not signed by the registry, or belongs to another one.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The log of the registry cannot be read, or contradicts what the mirror has seen.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The store of the mirror failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log cannot be copied.
    #[error(transparent)]
    Copy(CopyError),
}

impl From<LogCopyError> for MirrorError {
    fn from(error: LogCopyError) -> Self {
        CopyError::from(error).into()
    }
}

impl From<CopyError> for MirrorError {
    fn from(error: CopyError) -> Self {
        match error {
            CopyError::Log(error) => Self::Log(error),
            CopyError::Store(error) => Self::Store(error),
            other => Self::Copy(other),
        }
    }
}

impl From<CheckpointError> for MirrorError {
    fn from(error: CheckpointError) -> Self {
        Self::Log(error.into())
    }
}

impl MirrorError {
    /// Returns whether the registry could not be reached, so that the mirror serves what it has.
    pub(super) fn is_upstream(&self) -> bool {
        use crate::log::ProofError::Unavailable;
        matches!(self, Self::Upstream { .. } | Self::Missing(_) | Self::Log(LogError::Proof(Unavailable { .. })))
    }
}

impl Coded for MirrorError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Upstream { .. } | Self::Missing(_) => &codes::N508,
            Self::Object(_) => &codes::N138,
            Self::Protocol(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Copy(error) => error.code(),
        }
    }
}
