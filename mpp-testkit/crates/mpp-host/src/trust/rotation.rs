//! Key rotation: a statement, signed with a publisher's old key, that names the new key.

use serde::{Deserialize, Serialize};

use crate::causes::BoxedError;
use crate::codes::{self, Code, Coded};
use crate::keys::{KeyRole, PublicKey, SigningKey};
use crate::package::json;
use crate::signature::dsse::{Envelope, EnvelopeError};

/// The DSSE payload type of a rotation statement.
pub const ROTATION: &str = "application/vnd.mpp.key-rotation+json";

/// A key rotation whose signature by the old key was verified. Only [`Rotation::verify`] returns one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation(Body);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    old_key: PublicKey,
    new_key: PublicKey,
    issued: String,
}

/// The error returned when a rotation is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The data is not an envelope with a rotation statement.
    #[error("not a rotation statement")]
    Malformed(#[source] BoxedError),
    /// The rotation is not signed by the key that it replaces.
    #[error("the rotation is not signed by the key that it replaces")]
    NotByOldKey,
    /// The old key was revoked, so the rotation could have been signed by someone who stole it.
    #[error("the old key that the rotation replaces was revoked")]
    Revoked,
    /// The new key was revoked.
    #[error("the new key that the rotation names was revoked")]
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
        Self::Malformed(error.into())
    }
}

impl Rotation {
    /// Signs a statement with `old` that `new` replaces it. `issued` is the current time as RFC 3339 text.
    ///
    /// # Errors
    /// Returns [`RotationError::Malformed`] if the statement cannot be serialized.
    pub fn sign(old: &SigningKey, new: PublicKey, issued: &str) -> Result<Envelope, RotationError> {
        let body = Body { old_key: old.public(), new_key: new, issued: issued.to_owned() };
        let payload = serde_json::to_vec(&body).map_err(|error| RotationError::Malformed(error.into()))?;
        Ok(Envelope::sign(ROTATION, &payload, old))
    }

    /// Parses a rotation statement and verifies that the old key signed it.
    ///
    /// # Errors
    /// Returns [`RotationError::Malformed`] if `envelope` does not hold a valid statement, and [`RotationError::NotByOldKey`]
    /// if it is not signed by the old key.
    pub fn verify(envelope: &[u8]) -> Result<Self, RotationError> {
        let decoded = Envelope::parse(envelope)?.decode(ROTATION)?;
        let value = json::parse(&decoded.payload).map_err(|fault| RotationError::Malformed(fault.into()))?;
        let body: Body = serde_json::from_value(value).map_err(|error| RotationError::Malformed(error.into()))?;
        if body.old_key == body.new_key {
            return Err(RotationError::Malformed("the new key is the same as the old key".into()));
        }
        let by_old = [KeyRole::Publisher, KeyRole::Development]
            .iter()
            .any(|role| decoded.verifies(body.old_key.id(*role).as_str(), &body.old_key));
        if by_old { Ok(Self(body)) } else { Err(RotationError::NotByOldKey) }
    }

    /// Returns the key that is replaced.
    #[must_use]
    pub fn old_key(&self) -> &PublicKey {
        &self.0.old_key
    }

    /// Returns the key that replaces it.
    #[must_use]
    pub fn new_key(&self) -> &PublicKey {
        &self.0.new_key
    }

    /// Returns the time at which the rotation was issued, as the signer stated it.
    #[must_use]
    pub fn issued(&self) -> &str {
        &self.0.issued
    }
}
