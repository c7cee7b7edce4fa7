//! Rotation: a publisher's old key names the new one.

use serde::{Deserialize, Serialize};

use crate::codes::{self, Code, Coded};
use crate::keys::{KeyRole, PublicKey, SigningKey};
use crate::package::json;
use crate::signature::dsse::{Envelope, EnvelopeError};

/// The DSSE payload type of a rotation.
pub const ROTATION: &str = "application/vnd.mpp.key-rotation+json";

/// A rotation whose signature by the old key holds. Only [`Rotation::verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation(Body);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    old_key: PublicKey,
    new_key: PublicKey,
    issued: String,
}

/// Why a rotation is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// No envelope around a rotation.
    #[error("not a rotation statement: {0}")]
    Malformed(String),
    /// It is not signed by the key that it would replace.
    #[error("the rotation is not signed by the key that it replaces")]
    NotByOldKey,
    /// The old key was revoked, so nobody knows who signed with it.
    #[error("the key that the rotation replaces was revoked")]
    Revoked,
    /// The new key was revoked.
    #[error("the key that the rotation names was revoked")]
    NewKeyRevoked,
}

impl Coded for RotationError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Malformed(_) => &codes::K203,
            Self::NotByOldKey => &codes::K204,
            Self::Revoked | Self::NewKeyRevoked => &codes::K205,
        }
    }
}

impl From<EnvelopeError> for RotationError {
    fn from(error: EnvelopeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl Rotation {
    /// A statement by `old` that `new` takes its place; `issued` is RFC 3339 text.
    ///
    /// # Errors
    /// [`RotationError::Malformed`] where the statement cannot be written.
    pub fn sign(old: &SigningKey, new: PublicKey, issued: &str) -> Result<Envelope, RotationError> {
        let body = Body { old_key: old.public(), new_key: new, issued: issued.to_owned() };
        let payload = serde_json::to_vec(&body).map_err(|error| RotationError::Malformed(error.to_string()))?;
        Ok(Envelope::sign(ROTATION, &payload, old))
    }

    /// Reads a statement and checks that the old key signed it.
    ///
    /// # Errors
    /// [`RotationError::Malformed`] and [`RotationError::NotByOldKey`].
    pub fn verify(envelope: &[u8]) -> Result<Self, RotationError> {
        let decoded = Envelope::parse(envelope)?.decode(ROTATION)?;
        let value = json::parse(&decoded.payload).map_err(|fault| RotationError::Malformed(fault.to_string()))?;
        let body: Body = serde_json::from_value(value).map_err(|error| RotationError::Malformed(error.to_string()))?;
        if body.old_key == body.new_key {
            return Err(RotationError::Malformed("the new key is the old one".to_owned()));
        }
        let by_old = [KeyRole::Publisher, KeyRole::Development]
            .iter()
            .any(|role| decoded.verifies(body.old_key.id(*role).as_str(), &body.old_key));
        if by_old { Ok(Self(body)) } else { Err(RotationError::NotByOldKey) }
    }

    /// The key that is replaced.
    #[must_use]
    pub fn old_key(&self) -> &PublicKey {
        &self.0.old_key
    }

    /// The key that takes its place.
    #[must_use]
    pub fn new_key(&self) -> &PublicKey {
        &self.0.new_key
    }

    /// When it was issued, as the signer said.
    #[must_use]
    pub fn issued(&self) -> &str {
        &self.0.issued
    }
}
