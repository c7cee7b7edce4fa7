//! The error returned when a note or a key of notes cannot be read or verified.

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;

/// The error returned when a note or a key of notes cannot be read or verified.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// The bytes are not a note.
    #[error("the signed note is malformed: {0}")]
    Malformed(&'static str),
    /// The name cannot be the name of a key.
    #[error("`{found}` cannot be the name of a key: expected text without white space and `+`")]
    KeyName {
        /// The text.
        found: String,
    },
    /// The text is not a verifier key.
    #[error("`{found}` is not a verifier key")]
    Key {
        /// The text.
        found: String,
        /// The fault.
        source: BoxedError,
    },
    /// A signature that refers to a known key is not valid.
    #[error("the signature by `{name}` is not valid")]
    BadSignature {
        /// Name of the key.
        name: String,
    },
    /// None of the signatures is by a known key.
    #[error("the note is signed by none of the expected keys; its signatures are by {found}")]
    UnknownKeys {
        /// The names of the keys that signed.
        found: String,
    },
}

impl Coded for NoteError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Malformed(_) => &codes::N101,
            Self::KeyName { .. } | Self::Key { .. } => &codes::N102,
            Self::BadSignature { .. } => &codes::N103,
            Self::UnknownKeys { .. } => &codes::N104,
        }
    }
}
