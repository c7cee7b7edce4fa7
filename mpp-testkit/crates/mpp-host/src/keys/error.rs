//! Why a key cannot be used.

use crate::codes::{self, Code, Coded};

/// Why a key cannot be read, used or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no PEM block, or it is damaged.
    #[error("not a PEM file: expected a block `-----BEGIN {expected}-----`")]
    NotPem {
        /// The label of the block that was wanted.
        expected: &'static str,
    },
    /// A PEM block of another sort.
    #[error("expected a PEM block `{expected}`, found `{found}`")]
    WrongLabel {
        /// The label of the block that was wanted.
        expected: &'static str,
        /// The label of the block that is there.
        found: String,
    },
    /// The block's contents are not what its label says.
    #[error("the `{label}` block is damaged: {reason}")]
    Malformed {
        /// The block's label.
        label: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The key is for another algorithm.
    #[error("expected an Ed25519 key, found {found}")]
    WrongType {
        /// The algorithm's name, or its object identifier.
        found: String,
    },
    /// The private key is encrypted, and no passphrase was given.
    #[error("the key is encrypted and no passphrase was given")]
    PassphraseNeeded,
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the key")]
    WrongPassphrase,
    /// The key is encrypted in a way that is not supported.
    #[error("the key is encrypted in a way that is not supported: {reason}")]
    UnsupportedEncryption {
        /// What is not supported.
        reason: String,
    },
    /// The public key is of small order: anybody can sign for it.
    #[error("the public key is weak: it has a small order")]
    Weak,
    /// The public key's bytes are no point, or not the one way to write it.
    #[error("the public key is not a canonical Ed25519 point")]
    NotCanonical,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
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
            Self::NoRandomness => &codes::K010,
        }
    }
}
