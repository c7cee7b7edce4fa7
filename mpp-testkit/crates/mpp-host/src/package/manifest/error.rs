//! What is wrong with a manifest, and where.

use crate::codes::{Code, Coded};

/// Why a manifest was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", at(pointer))]
#[non_exhaustive]
pub struct ManifestError {
    /// The code of the mistake: `MPP-G6xx`, or `MPP-G7xx` for capabilities.
    pub code: &'static Code,
    /// JSON pointer (RFC 6901) to the value at fault; empty for the whole document.
    pub pointer: String,
    /// What was found and what was expected.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl ManifestError {
    pub(crate) fn new(code: &'static Code, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), message: message.into(), help: code.help.to_owned() }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl Coded for ManifestError {
    fn code(&self) -> &'static Code {
        self.code
    }

    fn help(&self) -> String {
        self.help.clone()
    }
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" (at `{pointer}`)") }
}
