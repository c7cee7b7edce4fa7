//! The languages in which a port can be written.

use super::python::Python;
use super::rust::Rust;
use super::script::Script;
use super::writer::Writer;

/// The language in which a port is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// Rust, with `#[mpp::tool]`.
    Rust,
    /// Python, with `@mpp.tool`.
    Python,
    /// TypeScript, with `tool` of the SDK for JavaScript.
    TypeScript,
    /// JavaScript, likewise.
    JavaScript,
}

impl Language {
    pub(super) fn writer(self) -> &'static dyn Writer {
        match self {
            Self::Rust => &Rust,
            Self::Python => &Python,
            Self::TypeScript => &Script { has_types: true },
            Self::JavaScript => &Script { has_types: false },
        }
    }
}
