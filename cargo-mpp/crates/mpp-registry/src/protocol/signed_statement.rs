//! Signed statements: a statement and the envelope that proves who made it.

use mpp_host::PublicKey;
use mpp_host::keys::SigningKey;
use mpp_host::signature::dsse::Envelope;

use super::digest::Digest;
use super::envelope::open;
use super::error::ProtocolError;
use super::statement::{STATEMENT_TYPE, Statement};

/// A statement whose signature has been verified, with the bytes of its DSSE envelope.
///
/// It is created by signing, or by strict verification of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    envelope: Vec<u8>,
    statement: Statement,
}

impl SignedStatement {
    /// Signs `statement`.
    ///
    /// # Errors
    /// Returns [`ProtocolError::OtherKey`] if `key` is not the key that the statement names.
    pub fn sign(statement: Statement, key: &SigningKey) -> Result<Self, ProtocolError> {
        if statement.key != key.public() {
            return Err(ProtocolError::OtherKey {
                document: "the statement",
                expected: statement.key.to_base64(),
                found: key.public().to_base64(),
            });
        }
        let envelope = Envelope::sign(STATEMENT_TYPE, &statement.to_json(), key);
        Ok(Self { envelope: serde_json::to_vec(&envelope).unwrap_or_default(), statement })
    }

    /// Parses an envelope and verifies its only signature with the key that the statement names.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Malformed`] if the bytes are not an envelope with exactly one signature and a statement, or
    /// [`ProtocolError::BadSignature`] if the signature is not valid.
    pub fn verify(bytes: &[u8]) -> Result<Self, ProtocolError> {
        const DOCUMENT: &str = "the statement";
        let envelope = open(DOCUMENT, bytes, STATEMENT_TYPE)?;
        let statement = Statement::parse(&envelope.payload)?;
        envelope.check(DOCUMENT, &statement.key)?;
        Ok(Self { envelope: bytes.to_owned(), statement })
    }

    /// Returns the statement.
    #[must_use]
    pub const fn statement(&self) -> &Statement {
        &self.statement
    }

    /// Returns the key that signed the statement.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.statement.key
    }

    /// Returns the bytes of the envelope, which the log keeps.
    #[must_use]
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// Returns the digest of the statement in its canonical form. A registry accepts each of them once: envelope and payload could
    /// be written with other white space, but the statement with its nonce stays the same.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.statement.to_json())
    }
}
