//! Replacing the log key: the root key, which is offline, signs a description that names the next one.
//!
//! The private log key never leaves the server, and the root key never comes to it: what travels is a [`SigningRequest`], and the
//! signed description back. The new key counts from the present size and root of the log. Those who follow the registry accept it
//! because the root key has signed it and the log goes on from there, and nothing that the old key signs counts any more.

use mpp_host::codes::{Code, Coded};
use mpp_host::keys::SigningKey;
use mpp_host::package::json;

use super::keys::{KeysDir, KeysError, RegistryKeys};
use crate::codes;
use crate::log::{self, Checkpoint, WriterError};
use crate::note::NoteError;
use crate::protocol::files::WellKnown;
use crate::protocol::{ProtocolError, Signed, SignedFile as _};
use crate::store::Store;

/// The error returned when the log key cannot be replaced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The keys of the registry cannot be read or written.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The log cannot be read, or does not contain the tree from which the new key counts.
    #[error(transparent)]
    Log(#[from] WriterError),
    /// A document is malformed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The origin of the registry cannot be the name of a key.
    #[error(transparent)]
    Name(#[from] NoteError),
    /// The log is empty.
    #[error("the store has no log yet, so no key has signed anything")]
    NoLog,
    /// The key is not the root key of the registry.
    #[error("the description was not signed by the root key of the registry, which is `{expected}`")]
    NotRoot {
        /// The root key, in Base64.
        expected: String,
    },
    /// The description is not a later one than the present one.
    #[error("the description has version {found}, and the registry has version {own} already")]
    Version {
        /// The version of the description.
        found: u64,
        /// The version of the registry's description.
        own: u64,
    },
    /// The description is for another registry or names another root key.
    #[error("the description is for the registry `{found}`, expected `{expected}` with the same root key")]
    OtherRegistry {
        /// The registry of the keys.
        expected: String,
        /// The registry of the description.
        found: String,
    },
    /// The description names another log key than the one that was made for it.
    #[error("the description names a log key whose private key is not here")]
    OtherLogKey,
}

impl Coded for ReplaceError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Keys(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Protocol(error) => error.code(),
            Self::Name(error) => error.code(),
            Self::NoLog
            | Self::NotRoot { .. }
            | Self::Version { .. }
            | Self::OtherRegistry { .. }
            | Self::OtherLogKey => &codes::N219,
        }
    }
}

/// A description that the root key is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningRequest {
    description: WellKnown,
}

impl SigningRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// Returns [`ReplaceError::Protocol`] if the bytes are not a description.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReplaceError> {
        let value = json::parse(bytes).map_err(|fault| ProtocolError::malformed(WellKnown::DOCUMENT, fault))?;
        let description = serde_json::from_value(value);
        let description = description.map_err(|error| ProtocolError::malformed(WellKnown::DOCUMENT, error))?;
        Ok(Self { description })
    }

    /// Returns the request as JSON that a person can read.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(&self.description).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Returns the description.
    #[must_use]
    pub const fn description(&self) -> &WellKnown {
        &self.description
    }

    /// Signs the description with the root key.
    ///
    /// # Errors
    /// Returns [`ReplaceError::NotRoot`] if it is another key.
    pub fn sign(&self, root: &SigningKey) -> Result<Signed<WellKnown>, ReplaceError> {
        if root.public() != self.description.root_key {
            return Err(ReplaceError::NotRoot { expected: self.description.root_key.to_base64() });
        }
        Ok(Signed::sign(self.description.clone(), root)?)
    }
}

/// Makes the next log key, unless it was made before, and returns the description that the root key has to sign. The registry goes on
/// with its present key meanwhile.
///
/// # Errors
/// Returns [`ReplaceError`] if the keys or the log cannot be read, or if the log is older than what the server has signed.
pub async fn request_log_key(dir: &KeysDir, store: &Store) -> Result<SigningRequest, ReplaceError> {
    let keys = dir.read()?;
    let head = log::head(store, &keys.log_keys(dir.memory_path())?).await?.ok_or(ReplaceError::NoLog)?;
    let next = dir.make_next_log_key(&keys)?;
    let own = keys.description.value();
    let description = WellKnown {
        version: own.version + 1,
        log_key: next.public(),
        from_size: head.size,
        from_root: head.root,
        ..own.clone()
    };
    Ok(SigningRequest { description })
}

/// Replaces the description and the log key beside the store, after checking that the log contains the tree from which the new key
/// counts. No server may use the store. The next one that is started signs with the new key, and signs everything again. Doing this
/// twice is no error.
///
/// # Errors
/// Returns [`ReplaceError`] if the description is not signed by the root key, not the one that was requested, or does not fit the log.
pub async fn replace_log_key(dir: &KeysDir, store: &Store, signed: &[u8]) -> Result<RegistryKeys, ReplaceError> {
    let keys = dir.read()?;
    let own = keys.description.value();
    if keys.description.bytes() == signed {
        return Ok(keys);
    }
    let description = match Signed::<WellKnown>::verify(signed, &own.root_key) {
        Err(ProtocolError::BadSignature { .. }) => {
            return Err(ReplaceError::NotRoot { expected: own.root_key.to_base64() });
        }
        description => description?,
    };
    let new = description.value();
    if new.registry != own.registry || new.root_key != own.root_key {
        let (expected, found) = (own.registry.to_string(), new.registry.to_string());
        return Err(ReplaceError::OtherRegistry { expected, found });
    }
    if new.version <= own.version {
        return Err(ReplaceError::Version { found: new.version, own: own.version });
    }
    if dir.next_log_key()?.is_none_or(|next| next.public() != new.log_key) {
        return Err(ReplaceError::OtherLogKey);
    }
    let mut log_keys = keys.log_keys(dir.memory_path())?;
    log_keys.start = Some(Checkpoint::new(new.registry.clone(), new.from_size, new.from_root));
    log::head(store, &log_keys).await?.ok_or(ReplaceError::NoLog)?;
    dir.install(&keys, &description)?;
    Ok(dir.read()?)
}
