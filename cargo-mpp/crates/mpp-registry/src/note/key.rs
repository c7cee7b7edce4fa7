//! Verifier keys: the public keys of notes, in the form `name+hash+base64`.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_host::PublicKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::error::NoteError;

/// The kind of signature that a key makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519 over the text of the note, as logs sign.
    Ed25519,
    /// `cosignature/v1`: Ed25519 over a time and the text of the note, as witnesses sign.
    Cosignature,
}

impl Algorithm {
    /// Returns the byte that stands for the algorithm in keys and key ids.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A public key with the name of its owner: `tools.example.com/log+8a0c2f1d+AQ…`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: PublicKey,
}

impl VerifierKey {
    /// Creates a key.
    ///
    /// # Errors
    /// Returns [`NoteError::KeyName`] if `name` is empty or contains white space or `+`.
    pub fn new(name: &str, algorithm: Algorithm, key: PublicKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    /// Returns the name of the key's owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the kind of signature that the key makes.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the public key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Returns the id by which signatures refer to the key: the first four bytes of a hash of name, algorithm and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', self.algorithm.byte()]);
        hash.update(self.key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        [digest[0], digest[1], digest[2], digest[3]]
    }
}

/// Checks the name of a key: not empty, without white space, control characters and `+`.
pub(super) fn check_name(name: &str) -> Result<(), NoteError> {
    let valid = !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+');
    valid.then_some(()).ok_or_else(|| NoteError::KeyName { found: name.to_owned() })
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let malformed = |reason: &str| NoteError::Key { found: text.to_owned(), source: reason.into() };
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(data)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed("expected `name+hash+base64`"));
        };
        let data = STANDARD.decode(data).map_err(|_| malformed("its third part is not Base64"))?;
        let (algorithm, bytes) = data.split_first().ok_or_else(|| malformed("its third part is empty"))?;
        let algorithm = [Algorithm::Ed25519, Algorithm::Cosignature]
            .into_iter()
            .find(|known| known.byte() == *algorithm)
            .ok_or_else(|| malformed("it is for signatures of another kind than Ed25519 and `cosignature/v1`"))?;
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| malformed("its key does not have 32 bytes"))?;
        let key = PublicKey::from_bytes(bytes)
            .map_err(|error| NoteError::Key { found: text.to_owned(), source: error.into() })?;
        let found = Self::new(name, algorithm, key)?;
        match id == hex::encode(found.id()) {
            true => Ok(found),
            false => {
                Err(malformed("its hash does not belong to its name and key: a part of it was changed or cut off"))
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let data = [&[self.algorithm.byte()], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(data))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl Serialize for VerifierKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifierKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: NoteError| serde::de::Error::custom(mpp_host::causes::with_causes(&error)))
    }
}
