//! The errors of the home directory.

use std::path::{Path, PathBuf};

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::KeyError;

use crate::codes;
use crate::files::FileError;

/// An error of reading or changing the home directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A key file cannot be used.
    #[error("the key file cannot be used")]
    Key {
        /// The path of the key file.
        path: PathBuf,
        /// Why it cannot be used.
        source: KeyError,
    },
    /// A private key is readable by others.
    #[error("the private key is readable by others: its mode is {mode:03o}, expected 600")]
    LooseKey {
        /// The path of the key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The policy contains a mistake.
    #[error("the policy cannot be used")]
    Policy {
        /// The path of the file.
        path: PathBuf,
        /// Number of the line with the mistake, from 1.
        line: usize,
        /// Number of the character in the line, from 1.
        column: usize,
        /// The mistake.
        source: BoxedError,
    },
    /// A file of the home directory is damaged.
    #[error("the file is damaged")]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with it.
        source: BoxedError,
    },
}

impl HomeError {
    pub(crate) fn key(path: &Path, source: KeyError) -> Self {
        Self::Key { path: path.to_owned(), source }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<BoxedError>) -> Self {
        Self::Damaged { path: path.to_owned(), source: reason.into() }
    }

    /// The path of the file that the error is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::File(error) => error.path(),
            Self::Key { path, .. }
            | Self::LooseKey { path, .. }
            | Self::Policy { path, .. }
            | Self::Damaged { path, .. } => path,
        }
    }
}

impl Coded for HomeError {
    fn code(&self) -> &'static Code {
        match self {
            Self::File(error) => error.code(),
            Self::Key { source, .. } => source.code(),
            Self::LooseKey { .. } => &codes::C017,
            Self::Policy { .. } | Self::Damaged { .. } => &codes::C016,
        }
    }
}
