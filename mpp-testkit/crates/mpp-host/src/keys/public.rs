//! Ed25519 public keys, with strict encoding and strict verification.

use std::fmt;
use std::hash::{Hash, Hasher};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef, der::asn1::BitStringRef};
use pkcs8::{Document, LineEnding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{KeyError, KeyId, KeyRole, pem};
use crate::causes::{BoxedError, with_causes};

/// An Ed25519 public key in canonical encoding that does not have a small order.
///
/// A key is serialised as the standard Base64 encoding of its 32 bytes.
#[derive(Clone, Copy)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Creates a key from its 32 raw bytes (RFC 8032).
    ///
    /// # Errors
    /// Returns [`KeyError::NotCanonical`] if the bytes are not the canonical encoding of a point on the curve, or
    /// [`KeyError::Weak`] if the point has a small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotCanonical)?;
        // `from_bytes` accepts a y coordinate that is not reduced; compressing its point then yields other bytes.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::NotCanonical);
        }
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// Parses a `PUBLIC KEY` PEM block (SPKI, RFC 8410).
    ///
    /// # Errors
    /// Returns a [`KeyError`] if `text` is not such a block, or if it holds a key of another algorithm, a weak key or a key
    /// that is not canonical.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let block = pem::block(text, &[pem::PUBLIC], pem::PUBLIC)?;
        let damaged = |source: BoxedError| KeyError::Malformed { label: pem::PUBLIC, source };
        let (_, document) = Document::from_pem(&block.text).map_err(|error| damaged(error.into()))?;
        let info = SubjectPublicKeyInfoRef::try_from(document.as_bytes()).map_err(|error| damaged(error.into()))?;
        pem::check_algorithm(info.algorithm.oid)?;
        if info.algorithm.parameters.is_some() {
            return Err(damaged("an Ed25519 key has no parameters".into()));
        }
        let raw = info.subject_public_key.as_bytes().unwrap_or_default();
        let bytes = raw.try_into().map_err(|_| damaged(format!("expected 32 bytes, found {}", raw.len()).into()))?;
        Self::from_bytes(bytes)
    }

    /// Returns the key as a `PUBLIC KEY` PEM block, which OpenSSL can read.
    #[must_use]
    pub fn to_pem(&self) -> String {
        self.document().and_then(|document| document.to_pem(pem::PUBLIC, LineEnding::LF).ok()).unwrap_or_default()
    }

    fn document(&self) -> Option<Document> {
        let algorithm = AlgorithmIdentifierRef { oid: pem::ED25519, parameters: None };
        let subject_public_key = BitStringRef::from_bytes(self.as_bytes()).ok()?;
        Document::try_from(SubjectPublicKeyInfoRef { algorithm, subject_public_key }).ok()
    }

    /// Returns the 32 raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Returns the key id, a short name for people to read.
    #[must_use]
    pub fn id(&self, role: KeyRole) -> KeyId {
        KeyId::of(role, self.as_bytes())
    }

    /// Returns whether `signature` is a valid signature of `message` by this key. The check is strict: it rejects malleable
    /// signatures (RFC 8032).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|signature| self.0.verify_strict(message, &signature).is_ok())
    }

    pub(super) fn from_dalek(key: VerifyingKey) -> Self {
        Self(key)
    }

    /// Returns the standard Base64 encoding of the 32 bytes.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.as_bytes())
    }

    /// Parses the standard Base64 encoding of the 32 bytes.
    ///
    /// # Errors
    /// Returns [`KeyError::Malformed`] if `text` is not the Base64 encoding of 32 bytes, and otherwise the errors of
    /// [`Self::from_bytes`].
    pub fn from_base64(text: &str) -> Result<Self, KeyError> {
        let malformed = |source: BoxedError| KeyError::Malformed { label: "public key", source };
        let bytes = STANDARD.decode(text).map_err(|error| malformed(error.into()))?;
        let found = bytes.len();
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| malformed(format!("expected 32 bytes, found {found}").into()))?;
        Self::from_bytes(&bytes)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}
impl Eq for PublicKey {}
impl Hash for PublicKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}
impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.to_base64())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).map_err(|error| serde::de::Error::custom(with_causes(&error)))
    }
}
