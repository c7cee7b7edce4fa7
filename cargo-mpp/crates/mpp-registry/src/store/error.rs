//! The error returned when a store cannot be opened, read or written.

use std::path::PathBuf;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;

/// The error returned when a store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An operation failed.
    #[error("cannot {operation} `{path}` in the store")]
    Failed {
        /// The operation, as a verb.
        operation: &'static str,
        /// The object.
        path: String,
        /// The error of the store.
        source: BoxedError,
    },
    /// An operation did not end in time.
    #[error("cannot {operation} `{path}` in the store: there is no answer after 60 seconds")]
    TimedOut {
        /// The operation, as a verb.
        operation: &'static str,
        /// The object.
        path: String,
    },
    /// Other servers changed an object each time before this one could.
    #[error("cannot write `{path}` in the store: other servers are faster")]
    Contended {
        /// The object.
        path: String,
    },
    /// Another server uses the directory.
    #[error("another server uses the directory `{}`", .0.display())]
    Locked(PathBuf),
    /// The directory cannot be created, opened or locked.
    #[error("the directory `{}` cannot be used", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The fault.
        source: BoxedError,
    },
    /// The store ignores the conditions of writes.
    #[error("the store does not honour conditional writes: {0}")]
    IgnoresConditions(&'static str),
    /// The settings of the store are not valid.
    #[error("the settings of the store are not valid")]
    Settings(#[source] BoxedError),
}

impl Coded for StoreError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Failed { .. } | Self::TimedOut { .. } | Self::Contended { .. } => &codes::N120,
            Self::Locked(_) => &codes::N121,
            Self::Directory { .. } => &codes::N122,
            Self::IgnoresConditions(_) => &codes::N123,
            Self::Settings(_) => &codes::N124,
        }
    }
}
