//! Signers of notes: private keys with the name under which they sign.

use mpp_host::keys::SigningKey;

use super::error::NoteError;
use super::key::{Algorithm, VerifierKey};
use super::text::{NoteSignature, cosigned};

/// A private key with the name under which it signs notes. `Debug` shows only its verifier key.
#[derive(Clone)]
pub struct NoteSigner {
    key: SigningKey,
    verifier: VerifierKey,
}

impl NoteSigner {
    /// Creates the signer of a log, which signs the text of notes.
    ///
    /// # Errors
    /// Returns [`NoteError::KeyName`] if `name` cannot be the name of a key.
    pub fn log(name: &str, key: SigningKey) -> Result<Self, NoteError> {
        let verifier = VerifierKey::new(name, Algorithm::Ed25519, key.public())?;
        Ok(Self { key, verifier })
    }

    /// Creates the signer of a witness, which makes `cosignature/v1` signatures.
    ///
    /// # Errors
    /// Returns [`NoteError::KeyName`] if `name` cannot be the name of a key.
    pub fn witness(name: &str, key: SigningKey) -> Result<Self, NoteError> {
        let verifier = VerifierKey::new(name, Algorithm::Cosignature, key.public())?;
        Ok(Self { key, verifier })
    }

    /// Returns the public half.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Returns the private key.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Signs the text of a note. `seconds` is the time since 1970, which only cosignatures contain.
    #[must_use]
    pub fn sign(&self, text: &str, seconds: u64) -> NoteSignature {
        let bytes = match self.verifier.algorithm() {
            Algorithm::Ed25519 => self.key.sign(text.as_bytes()).to_vec(),
            Algorithm::Cosignature => {
                let signature = self.key.sign(cosigned(text, seconds).as_bytes());
                [seconds.to_be_bytes().as_slice(), &signature].concat()
            }
        };
        NoteSignature::new(self.verifier.name().to_owned(), self.verifier.id(), bytes)
    }
}

impl std::fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NoteSigner({})", self.verifier)
    }
}
