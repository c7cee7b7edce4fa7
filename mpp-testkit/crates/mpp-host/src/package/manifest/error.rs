//! The error of manifest validation, with a code and a JSON pointer.

use std::error::Error;
use std::sync::Arc;

use crate::codes::{Code, Coded};

/// The error returned when a manifest is not valid.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}{}", at(pointer))]
#[non_exhaustive]
pub struct ManifestError {
    /// Code of the error: `MPP-G6xx`, or `MPP-G7xx` for capabilities.
    pub code: &'static Code,
    /// JSON pointer (RFC 6901) to the value at fault; empty for the whole document.
    pub pointer: String,
    /// Description of what was found and what was expected.
    pub message: String,
    /// Instructions for the next step to take.
    pub help: String,
    /// The error of the parser that refused the value, if there is one.
    pub source: Option<Arc<dyn Error + Send + Sync>>,
}

impl ManifestError {
    pub(crate) fn new(code: &'static Code, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.into(), message: message.into(), help: code.help.to_owned(), source: None }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    pub(crate) fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
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
