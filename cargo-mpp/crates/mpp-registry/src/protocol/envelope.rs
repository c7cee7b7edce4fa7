//! DSSE envelopes with exactly one signature, and served files that are signed in this way.

use mpp_host::PublicKey;
use mpp_host::keys::SigningKey;
use mpp_host::package::json;
use mpp_host::signature::dsse::{Envelope, pae};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::ProtocolError;

/// The maximum size of a statement's envelope in bytes: it must fit into a leaf together with the leaf's header.
pub const MAX_ENVELOPE: usize = 64_000;

/// An envelope whose signature has not been checked.
pub(super) struct Opened {
    pub(super) payload: Vec<u8>,
    payload_type: &'static str,
    signature: Vec<u8>,
}

/// Parses an envelope that has the given payload type and exactly one signature.
pub(super) fn open(document: &'static str, bytes: &[u8], payload_type: &'static str) -> Result<Opened, ProtocolError> {
    let decoded = Envelope::parse(bytes)
        .and_then(|envelope| envelope.decode(payload_type))
        .map_err(|error| ProtocolError::malformed(document, error))?;
    match <[_; 1]>::try_from(decoded.signatures) {
        Ok([(_, signature)]) => Ok(Opened { payload: decoded.payload, payload_type, signature }),
        Err(other) => {
            Err(ProtocolError::malformed(document, format!("it has {} signatures, expected exactly one", other.len())))
        }
    }
}

impl Opened {
    /// Verifies the signature strictly. The key id in the envelope is a hint and plays no part.
    pub(super) fn check(&self, document: &'static str, key: &PublicKey) -> Result<(), ProtocolError> {
        match key.verifies(&pae(self.payload_type, &self.payload), &self.signature) {
            true => Ok(()),
            false => Err(ProtocolError::BadSignature { document }),
        }
    }
}

/// A type of file that a registry signs and serves.
pub trait SignedFile: Serialize + DeserializeOwned {
    /// The DSSE payload type.
    const PAYLOAD_TYPE: &'static str;
    /// The kind of file for error messages, with its article.
    const DOCUMENT: &'static str;
}

/// A file whose signature has been verified, or was just made, with the bytes of its DSSE envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<T> {
    bytes: Vec<u8>,
    value: T,
}

impl<T: SignedFile> Signed<T> {
    /// Signs a file.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Malformed`] if the value cannot be written as JSON.
    pub fn sign(value: T, key: &SigningKey) -> Result<Self, ProtocolError> {
        let payload = serde_json::to_vec(&value).map_err(|error| ProtocolError::malformed(T::DOCUMENT, error))?;
        let envelope = Envelope::sign(T::PAYLOAD_TYPE, &payload, key);
        let bytes = serde_json::to_vec(&envelope).map_err(|error| ProtocolError::malformed(T::DOCUMENT, error))?;
        Ok(Self { bytes, value })
    }

    /// Verifies that `key` signed the file, and parses the signed bytes. Members that this release does not know are ignored, so
    /// that files can grow; duplicate keys are refused.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Malformed`] or [`ProtocolError::BadSignature`].
    pub fn verify(bytes: &[u8], key: &PublicKey) -> Result<Self, ProtocolError> {
        let envelope = open(T::DOCUMENT, bytes, T::PAYLOAD_TYPE)?;
        envelope.check(T::DOCUMENT, key)?;
        let value = json::parse(&envelope.payload).map_err(|fault| ProtocolError::malformed(T::DOCUMENT, fault))?;
        let value = serde_json::from_value(value).map_err(|error| ProtocolError::malformed(T::DOCUMENT, error))?;
        Ok(Self { bytes: bytes.to_owned(), value })
    }
}

impl<T> Signed<T> {
    /// Returns the file.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// Returns the bytes of the envelope, which are served.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the file without its envelope.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}
