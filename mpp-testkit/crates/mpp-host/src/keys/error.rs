//! The error of reading, using and writing keys.

use std::io;

use crate::causes::BoxedError;
use crate::codes::{self, Code, Coded};

/// The error returned when a key cannot be read, used or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text contains no PEM block, or its first line is damaged.
    #[error("not a PEM file: expected a block `-----BEGIN {expected}-----`")]
    NotPem {
        /// Label of the expected block.
        expected: &'static str,
    },
    /// The PEM block has another label.
    #[error("expected a PEM block `{expected}`, found `{found}`")]
    WrongLabel {
        /// Label of the expected block.
        expected: &'static str,
        /// Label of the block in the text.
        found: String,
    },
    /// The contents of the block do not match its label.
    #[error("the `{label}` block is damaged")]
    Malformed {
        /// Label of the block.
        label: &'static str,
        /// The damage.
        source: BoxedError,
    },
    /// The key is for another algorithm.
    #[error("expected an Ed25519 key, found {found}")]
    WrongType {
        /// The kind of key, or the object identifier of its algorithm.
        found: String,
    },
    /// The private key is encrypted, and no passphrase was given.
    #[error("the key is encrypted, but no passphrase was given")]
    PassphraseNeeded,
    /// The passphrase does not decrypt the key.
    #[error("the passphrase does not decrypt the key")]
    WrongPassphrase,
    /// The key is encrypted in a way that is not supported.
    #[error("the encryption of the key is not supported")]
    UnsupportedEncryption {
        /// What is not supported.
        source: BoxedError,
    },
    /// The public key has a small order, so that anyone can forge its signatures.
    #[error("the public key is weak: it has a small order")]
    Weak,
    /// The bytes of the public key are not the canonical encoding of a point on the curve.
    #[error("the public key is not a canonical Ed25519 point")]
    NotCanonical,
    /// The operating system returned no random bytes.
    #[error("the system provided no random bytes")]
    NoRandomness {
        /// The operating system's error.
        source: io::Error,
    },
}

impl Coded for KeyError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotPem { .. } => &codes::K001,
            Self::WrongLabel { .. } => &codes::K002,
            Self::Malformed { .. } => &codes::K003,
            Self::WrongType { .. } => &codes::K004,
            Self::PassphraseNeeded => &codes::K005,
            Self::WrongPassphrase => &codes::K006,
            Self::UnsupportedEncryption { .. } => &codes::K007,
            Self::Weak => &codes::K008,
            Self::NotCanonical => &codes::K009,
            Self::NoRandomness { .. } => &codes::K010,
        }
    }
}
