//! The trust store: own keys, accepted publishers, revoked keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Rotation, RotationError, TrustedPublisher};
use crate::codes::{self, Code, Coded};
use crate::gatekeeper::VerifiedPackage;
use crate::keys::{KeyId, PublicKey};
use crate::package::ContentHash;

/// Whether a package's publisher is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Signed by one of the user's own keys.
    Own,
    /// Signed by a publisher that the user accepted for this package id.
    Trusted,
    /// Nobody has accepted this publisher for this package id.
    UnknownPublisher,
    /// The key was revoked.
    Revoked,
}

/// Why a package is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The publisher is not known for this package id.
    #[error("`{publisher}` ({key_id}) is not a publisher you trust for `{package_id}`")]
    UnknownPublisher {
        /// The name in the manifest: a claim.
        publisher: String,
        /// The id of the key.
        key_id: KeyId,
        /// The package.
        package_id: String,
    },
    /// The key was revoked.
    #[error("the key `{key_id}` that signed `{package_id}` was revoked: {reason}")]
    Revoked {
        /// The id of the key.
        key_id: KeyId,
        /// The package.
        package_id: String,
        /// Why, as it was said.
        reason: String,
    },
}

impl Coded for TrustError {
    fn code(&self) -> &'static Code {
        match self {
            Self::UnknownPublisher { .. } => &codes::K201,
            Self::Revoked { .. } => &codes::K202,
        }
    }
}

/// The permission to run one package: only [`TrustStore::admit`] makes it, for that package alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    content_hash: ContentHash,
    key: PublicKey,
    trust: Trust,
}

impl Admission {
    /// The package's content hash.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }

    /// The key that signed it.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// [`Trust::Own`] or [`Trust::Trusted`].
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Whether this permission is for `package`.
    #[must_use]
    pub fn is_for(&self, package: &VerifiedPackage) -> bool {
        self.content_hash == *package.content_hash() && self.key == *package.publisher_key()
    }
}

/// Own keys, accepted publishers, revoked keys.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    own: BTreeSet<PublicKey>,
    publishers: Vec<TrustedPublisher>,
    revoked: BTreeMap<PublicKey, String>,
}

impl TrustStore {
    /// A store that trusts nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key of the user's own.
    pub fn add_own(&mut self, key: PublicKey) {
        self.own.insert(key);
    }

    /// Adds a publisher that the user accepted.
    pub fn add(&mut self, publisher: TrustedPublisher) {
        self.publishers.push(publisher);
    }

    /// Trusts a key no longer, whatever else is said about it.
    pub fn revoke(&mut self, key: PublicKey, reason: impl Into<String>) {
        self.revoked.insert(key, reason.into());
    }

    /// Trusts the new key for what the old one was trusted for, and returns what was added; the old key stays as it is,
    /// for the packages that it signed.
    ///
    /// # Errors
    /// [`RotationError`] where either key was revoked: a thief could have signed with a stolen one.
    pub fn rotate(&mut self, rotation: &Rotation) -> Result<Vec<TrustedPublisher>, RotationError> {
        if self.revoked.contains_key(rotation.old_key()) {
            return Err(RotationError::Revoked);
        }
        if self.revoked.contains_key(rotation.new_key()) {
            return Err(RotationError::NewKeyRevoked);
        }
        let old = self.publishers.iter().filter(|publisher| publisher.key == *rotation.old_key());
        let added: Vec<TrustedPublisher> =
            old.map(|publisher| TrustedPublisher { key: *rotation.new_key(), ..publisher.clone() }).collect();
        for publisher in &added {
            if !self.publishers.contains(publisher) {
                self.publishers.push(publisher.clone());
            }
        }
        Ok(added)
    }

    /// The accepted publishers.
    #[must_use]
    pub fn publishers(&self) -> &[TrustedPublisher] {
        &self.publishers
    }

    /// Whether the package's publisher is trusted for its id.
    #[must_use]
    pub fn decide(&self, package: &VerifiedPackage) -> Trust {
        self.decide_key(package.publisher_key(), &package.manifest().package_id)
    }

    pub(super) fn decide_key(&self, key: &PublicKey, package_id: &str) -> Trust {
        if self.revoked.contains_key(key) {
            Trust::Revoked
        } else if self.own.contains(key) {
            Trust::Own
        } else if self.publishers.iter().any(|publisher| publisher.key == *key && publisher.covers(package_id)) {
            Trust::Trusted
        } else {
            Trust::UnknownPublisher
        }
    }

    /// The permission to run `package`.
    ///
    /// # Errors
    /// [`TrustError`] where the publisher is unknown or revoked.
    pub fn admit(&self, package: &VerifiedPackage) -> Result<Admission, TrustError> {
        let package_id = package.manifest().package_id.clone();
        let (key, key_id) = (*package.publisher_key(), package.key_id().clone());
        match self.decide(package) {
            trust @ (Trust::Own | Trust::Trusted) => {
                Ok(Admission { content_hash: *package.content_hash(), key, trust })
            }
            Trust::UnknownPublisher => {
                let publisher = package.manifest().publisher.name.clone();
                Err(TrustError::UnknownPublisher { publisher, key_id, package_id })
            }
            Trust::Revoked => {
                let reason = self.revoked.get(&key).cloned().unwrap_or_default();
                Err(TrustError::Revoked { key_id, package_id, reason })
            }
        }
    }
}
