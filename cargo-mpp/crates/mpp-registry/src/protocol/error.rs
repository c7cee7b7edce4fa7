//! The error returned when a document of the protocol cannot be read or verified.

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;

/// The error returned when a document of the protocol cannot be read or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The document does not have the form of its type.
    #[error("{document} is malformed")]
    Malformed {
        /// The kind of document, with its article.
        document: &'static str,
        /// The fault.
        source: BoxedError,
    },
    /// A signature is missing or not valid.
    #[error("the signature of {document} is not valid")]
    BadSignature {
        /// The kind of document, with its article.
        document: &'static str,
    },
    /// The document names another registry.
    #[error("{document} is for the registry `{found}`, expected `{expected}`")]
    OtherRegistry {
        /// The kind of document, with its article.
        document: &'static str,
        /// The expected origin.
        expected: String,
        /// The origin in the document.
        found: String,
    },
    /// The document is signed by another key.
    #[error("{document} is signed by `{found}`, expected `{expected}`")]
    OtherKey {
        /// The kind of document, with its article.
        document: &'static str,
        /// The expected key.
        expected: String,
        /// The key that is named in the document.
        found: String,
    },
    /// A leaf does not have the form of leaves.
    #[error("the leaf is malformed")]
    MalformedLeaf(#[source] BoxedError),
    /// A leaf has a type or version that this release does not know.
    #[error("the leaf has the type `{kind}` in version {version}, which this release does not know")]
    UnknownLeaf {
        /// The version in the leaf's header.
        version: u64,
        /// The type in the leaf's header.
        kind: String,
    },
    /// A name does not have the form of its kind.
    #[error("`{found}` is not {expected}")]
    Name {
        /// The expected kind of name, with its article and its form.
        expected: &'static str,
        /// The text.
        found: String,
    },
    /// The operating system returned no random bytes.
    #[error("the system returned no random bytes")]
    NoRandomness(#[source] BoxedError),
}

impl ProtocolError {
    /// Returns the error for a document that does not have the form of its type.
    pub(crate) fn malformed(document: &'static str, source: impl Into<BoxedError>) -> Self {
        Self::Malformed { document, source: source.into() }
    }
}

impl Coded for ProtocolError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Malformed { .. } => &codes::N001,
            Self::BadSignature { .. } => &codes::N002,
            Self::OtherRegistry { .. } => &codes::N003,
            Self::OtherKey { .. } => &codes::N004,
            Self::MalformedLeaf(_) => &codes::N005,
            Self::UnknownLeaf { .. } => &codes::N006,
            Self::Name { .. } => &codes::N007,
            Self::NoRandomness(_) => &codes::N008,
        }
    }
}
