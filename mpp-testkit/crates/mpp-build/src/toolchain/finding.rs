//! What is found of a tool chain on this machine.

use std::path::PathBuf;

/// A program, a library or a directory that a language needs, as far as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked for, for example `go` or `the C library for WASI`.
    pub part: String,
    /// Whether it was found and is usable.
    pub state: FindingState,
    /// Its version, if it is known.
    pub version: Option<String>,
    /// Its path, if it is known.
    pub path: Option<PathBuf>,
    /// How to install it; absent if it is usable.
    pub install: Option<String>,
}

/// Whether a part of a tool chain is usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingState {
    /// It is there.
    Usable,
    /// It is there, but older than required.
    TooOld,
    /// It is not there, or does not work.
    Missing,
}

impl Finding {
    /// A part that is usable.
    pub(crate) fn usable(part: impl Into<String>, version: Option<String>, path: Option<PathBuf>) -> Self {
        Self { part: part.into(), state: FindingState::Usable, version, path, install: None }
    }

    /// A part that is missing.
    pub(crate) fn missing(part: impl Into<String>, install: impl Into<String>) -> Self {
        let install = Some(install.into());
        Self { part: part.into(), state: FindingState::Missing, version: None, path: None, install }
    }

    /// A part that is too old.
    pub(crate) fn too_old(
        part: impl Into<String>,
        version: String,
        path: Option<PathBuf>,
        install: impl Into<String>,
    ) -> Self {
        let install = Some(install.into());
        Self { part: part.into(), state: FindingState::TooOld, version: Some(version), path, install }
    }
}
