//! Ed25519 private keys and their PKCS#8 PEM encoding, with or without a passphrase; key material is wiped from memory.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey as DalekKey};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use pkcs8::pkcs5::pbes2;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use super::{KeyError, KeyId, KeyRole, PublicKey, pem};
use crate::causes::BoxedError;
use crate::random;

/// An Ed25519 private key and its role. `Debug` shows only the key id.
#[derive(Clone)]
pub struct SigningKey {
    key: DalekKey,
    role: KeyRole,
}

impl SigningKey {
    /// Generates a key from random bytes of the operating system.
    ///
    /// # Errors
    /// Returns [`KeyError::NoRandomness`] if the operating system returns no random bytes.
    pub fn generate(role: KeyRole) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        random::fill(seed.as_mut()).map_err(|source| KeyError::NoRandomness { source })?;
        Ok(Self::from_seed(&seed, role))
    }

    /// Creates the key that belongs to a 32-byte seed (RFC 8032).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32], role: KeyRole) -> Self {
        Self { key: DalekKey::from_bytes(seed), role }
    }

    /// Parses a `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` PEM block. The key has the role [`KeyRole::Publisher`].
    ///
    /// # Errors
    /// Returns a [`KeyError`] if `text` is not such a block, if the passphrase is missing or wrong, or if the key is damaged,
    /// of another algorithm, or encrypted in a way that is not supported.
    pub fn from_pem(text: &str, passphrase: Option<&str>) -> Result<Self, KeyError> {
        let block = pem::block(text, &[pem::PRIVATE, pem::ENCRYPTED], pem::PRIVATE)?;
        let (_, document) = SecretDocument::from_pem(&block.text).map_err(|error| damaged(pem::PRIVATE, error))?;
        if block.label == pem::ENCRYPTED {
            let passphrase = passphrase.ok_or(KeyError::PassphraseNeeded)?;
            return Self::from_der(decrypt(&document, passphrase)?.as_bytes());
        }
        Self::from_der(document.as_bytes())
    }

    fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(der).map_err(|error| damaged(pem::PRIVATE, error))?;
        pem::check_algorithm(info.algorithm.oid)?;
        let malformed = |reason: &str| damaged(pem::PRIVATE, reason);
        if info.algorithm.parameters.is_some() {
            return Err(malformed("an Ed25519 key has no parameters"));
        }
        let inner =
            <&OctetStringRef>::from_der(info.private_key.as_bytes()).map_err(|error| damaged(pem::PRIVATE, error))?;
        let seed: Zeroizing<[u8; 32]> =
            Zeroizing::new(inner.as_bytes().try_into().map_err(|_| malformed("expected a seed of 32 bytes"))?);
        let key = Self::from_seed(&seed, KeyRole::Publisher);
        if let Some(public) = info.public_key
            && public.as_bytes() != Some(key.public().as_bytes())
        {
            return Err(malformed("its public half does not belong to its private half"));
        }
        Ok(key)
    }

    /// Returns the key as a PKCS#8 PEM block, encrypted (PBES2: scrypt, AES-256-CBC) if a passphrase is given. OpenSSL can
    /// read both forms.
    ///
    /// # Errors
    /// Returns [`KeyError::NoRandomness`] if the operating system returns no random bytes, or [`KeyError::Malformed`] if the
    /// key cannot be encoded.
    pub fn to_pem(&self, passphrase: Option<&str>) -> Result<Zeroizing<String>, KeyError> {
        let encode = |error| damaged(pem::PRIVATE, error);
        let seed = OctetStringRef::new(self.key.as_bytes())
            .and_then(|seed| seed.to_der())
            .map(Zeroizing::new)
            .map_err(encode)?;
        let algorithm = AlgorithmIdentifierRef { oid: pem::ED25519, parameters: None };
        let info = PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(&seed).map_err(encode)?);
        let (label, document) = match passphrase {
            None => (pem::PRIVATE, SecretDocument::try_from(&info).map_err(|error| damaged(pem::PRIVATE, error))?),
            Some(passphrase) => {
                let parameters = parameters()?;
                let document = info.encrypt_with_params(parameters, passphrase);
                (pem::ENCRYPTED, document.map_err(|error| damaged(pem::ENCRYPTED, error))?)
            }
        };
        document.to_pem(label, LineEnding::LF).map_err(|error| damaged(label, error))
    }

    /// Returns the same key with another role. PEM files do not record the role of a key.
    #[must_use]
    pub fn with_role(self, role: KeyRole) -> Self {
        Self { role, ..self }
    }

    /// Returns the role of the key.
    #[must_use]
    pub fn role(&self) -> KeyRole {
        self.role
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::from_dalek(self.key.verifying_key())
    }

    /// Returns the key id, a short name for people to read.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.public().id(self.role)
    }

    /// Signs the bytes of `message` as they are. The caller ensures that messages of different kinds cannot be confused, as the
    /// envelopes of [`dsse`](crate::signature::dsse) do.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id())
    }
}

fn damaged(label: &'static str, error: impl Into<BoxedError>) -> KeyError {
    KeyError::Malformed { label, source: error.into() }
}

fn parameters() -> Result<pbes2::Parameters, KeyError> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    random::fill(&mut salt).map_err(|source| KeyError::NoRandomness { source })?;
    random::fill(&mut iv).map_err(|source| KeyError::NoRandomness { source })?;
    // The highest cost that OpenSSL accepts within its default limits.
    let cost = pkcs8::pkcs5::scrypt::Params::new(14, 8, 1).map_err(|error| damaged(pem::ENCRYPTED, error))?;
    pbes2::Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(|error| damaged(pem::ENCRYPTED, error))
}

/// Decrypts a private key with the PBES2 scheme that it names, which must stay within limits of time and memory.
fn decrypt(document: &SecretDocument, passphrase: &str) -> Result<SecretDocument, KeyError> {
    let info = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|error| {
        // The structure is whole if its first part can be read: only the algorithm is unknown.
        match encryption_algorithm(document.as_bytes()) {
            Some(algorithm) => unsupported(format!("expected PBES2 with AES, found the algorithm {algorithm}")),
            None => damaged(pem::ENCRYPTED, error),
        }
    })?;
    let scheme = info.encryption_algorithm.pbes2().ok_or_else(|| unsupported("expected PBES2"))?;
    let affordable = match &scheme.kdf {
        pbes2::Kdf::Scrypt(scrypt) => {
            scrypt.cost_parameter.saturating_mul(u64::from(scrypt.block_size)) <= 1 << 23
                && scrypt.parallelization <= 16
        }
        pbes2::Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= 10_000_000,
        _ => return Err(unsupported("expected scrypt or PBKDF2")),
    };
    if !affordable {
        return Err(unsupported("its key derivation needs too much time or memory"));
    }
    match info.decrypt(passphrase) {
        Ok(document) => Ok(document),
        Err(pkcs8::Error::EncryptedPrivateKey(error)) if !matches!(error, pkcs8::pkcs5::Error::DecryptFailed) => {
            Err(unsupported(error))
        }
        Err(_) => Err(KeyError::WrongPassphrase),
    }
}

/// Returns the object identifier of the algorithm that encrypted the key; `None` if the DER is damaged.
fn encryption_algorithm(der: &[u8]) -> Option<ObjectIdentifier> {
    let mut reader = SliceReader::new(der).ok()?;
    let found = reader.sequence(|reader| {
        let algorithm = AlgorithmIdentifierRef::decode(reader)?;
        <&OctetStringRef>::decode(reader)?;
        Ok::<_, pkcs8::der::Error>(algorithm.oid)
    });
    found.ok()
}

fn unsupported(error: impl Into<BoxedError>) -> KeyError {
    KeyError::UnsupportedEncryption { source: error.into() }
}
