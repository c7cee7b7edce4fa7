//! Why a record could not be kept, or a log not be read.

use std::io;
use std::path::PathBuf;

use crate::codes::{self, Code, Coded};

/// Why a record could not be kept, or a log not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A file of the log cannot be read or written: a full disk, a missing right.
    #[error("the audit log `{}` cannot be used: {reason}", path.display())]
    Unusable {
        /// The log's directory.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The log is not as its last writer left it.
    #[error("the audit log `{}` is not as it was left: {reason}", path.display())]
    Damaged {
        /// The log's directory.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Somebody else holds the log and does not let go.
    #[error("the audit log `{}` is held by another process", path.display())]
    Busy {
        /// The log's directory.
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
    /// The path of the log's directory.
    #[must_use]
    pub fn path(&self) -> &PathBuf {
        match self {
            Self::Unusable { path, .. } | Self::Damaged { path, .. } | Self::Busy { path } => path,
        }
    }
}

/// What went wrong with a file, before the directory's name is put to it.
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
            Self::Io(error) => {
                let text = error.to_string();
                let reason = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
                AuditError::Unusable { path, reason }
            }
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
