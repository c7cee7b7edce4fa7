//! Errors of reading files of test cases, and of preparing the surroundings of a case.

use std::io;
use std::path::PathBuf;

use mpp_host::codes::{Code, Coded};

use crate::codes;

/// A file of test cases that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be read.
    #[error("the file of test cases cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The file system's error.
        source: io::Error,
    },
    /// The content of the file is not valid.
    #[error("{message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line of the fault, counted from 1.
        line: usize,
        /// What is wrong, and what was expected.
        message: String,
    },
    /// The file has no cases.
    #[error("the file has no cases")]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

impl ReadError {
    /// Returns the file.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        match self {
            Self::Read { path, .. } | Self::Invalid { path, .. } | Self::Empty { path } => path,
        }
    }

    /// Returns the line of the fault, if it is in a line.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Invalid { line, .. } => Some(*line),
            _ => None,
        }
    }
}

impl Coded for ReadError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Read { .. } => &codes::R701,
            Self::Invalid { .. } => &codes::R702,
            Self::Empty { .. } => &codes::R703,
        }
    }
}

/// A reason for which a case cannot be run: what is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct NotPrepared {
    /// What is wrong.
    pub message: String,
    /// JSON pointer into the case to what is wrong; empty for the case as a whole.
    pub pointer: String,
}

impl NotPrepared {
    pub(crate) fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), pointer: pointer.into() }
    }
}

impl Coded for NotPrepared {
    fn code(&self) -> &'static Code {
        &codes::R706
    }
}
