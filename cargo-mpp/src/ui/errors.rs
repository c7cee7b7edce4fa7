//! Errors of the terminal.

use std::io;

use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::error::Explain;

/// The error returned when the terminal cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UiError {
    /// stdout or stderr cannot be written.
    #[error("cannot print the result")]
    Output {
        /// The operating system's error.
        source: io::Error,
    },
    /// An answer cannot be read.
    #[error("cannot read an answer from the terminal")]
    Question {
        /// The operating system's error.
        source: io::Error,
    },
}

impl UiError {
    /// Creates the error of a result that cannot be printed.
    pub(crate) fn output(source: impl Into<io::Error>) -> Self {
        Self::Output { source: source.into() }
    }
}

impl Coded for UiError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Output { .. } => &codes::C014,
            Self::Question { .. } => &codes::C015,
        }
    }
}

impl Explain for UiError {
    fn advice(&self) -> String {
        String::new()
    }
}
