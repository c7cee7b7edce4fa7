//! The errors of writing and reading the audit log.

use std::io;
use std::path::PathBuf;

use crate::codes::{self, Code, Coded};

/// The error returned when a record cannot be stored or an audit log cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A file of the log cannot be read or written, for example because the disk is full or a permission is missing.
    #[error("the audit log `{}` cannot be used", path.display())]
    Unusable {
        /// Path of the log's directory.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The log is not as its last writer left it.
    #[error("the audit log `{}` was modified: {reason}", path.display())]
    Damaged {
        /// Path of the log's directory.
        path: PathBuf,
        /// What is wrong with the log.
        reason: String,
    },
    /// Another process holds the lock of the log and has not released it in time.
    #[error("the audit log `{}` is locked by another process", path.display())]
    Busy {
        /// Path of the log's directory.
        path: PathBuf,
    },
}

impl Coded for AuditError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unusable { .. } => &codes::R501,
            Self::Damaged { .. } => &codes::R502,
            Self::Busy { .. } => &codes::R503,
        }
    }
}

impl AuditError {
    /// Returns the path of the log's directory.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Unusable { path, .. } | Self::Damaged { path, .. } | Self::Busy { path } => path,
        }
    }
}

/// An error of a file of the log, to which [`Trouble::in_dir`] adds the directory.
#[derive(Debug)]
pub(super) enum Trouble {
    Io(io::Error),
    Damaged(String),
    Busy,
}

impl Trouble {
    pub(super) fn in_dir(self, path: &std::path::Path) -> AuditError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => AuditError::Unusable { path, source },
            Self::Damaged(reason) => AuditError::Damaged { path, reason },
            Self::Busy => AuditError::Busy { path },
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rustix::io::Errno> for Trouble {
    fn from(error: rustix::io::Errno) -> Self {
        Self::Io(error.into())
    }
}
