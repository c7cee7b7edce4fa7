//! The trust store: the user's own keys, trusted publishers and revoked keys.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Rotation, RotationError, TrustedPublisher};
use crate::codes::{self, Code, Coded, Remedy};
use crate::gatekeeper::VerifiedPackage;
use crate::keys::{KeyId, PublicKey};
use crate::package::ContentHash;

/// Whether the publisher of a package is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The package is signed by one of the user's own keys.
    Own,
    /// The package is signed by a publisher that the user trusts for this package id.
    Trusted,
    /// The user has not accepted the publisher for this package id.
    UnknownPublisher,
    /// The key was revoked.
    Revoked,
}

/// The error returned when a package is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The publisher is not trusted for this package id.
    #[error("`{publisher}` ({key_id}) is not a publisher you trust for `{package_id}`")]
    UnknownPublisher {
        /// Name of the publisher in the manifest, which is a claim.
        publisher: String,
        /// Id of the key that signed the package.
        key_id: KeyId,
        /// Id of the package.
        package_id: String,
    },
    /// The key was revoked.
    #[error("the key `{key_id}` that signed `{package_id}` was revoked: {reason}")]
    Revoked {
        /// Id of the key that signed the package.
        key_id: KeyId,
        /// Id of the package.
        package_id: String,
        /// Reason that was given for the revocation.
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

    fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::UnknownPublisher { publisher, key_id, package_id } => Some(Remedy::TrustPublisher {
                package_id: package_id.clone(),
                publisher: publisher.clone(),
                key_id: key_id.to_string(),
            }),
            Self::Revoked { .. } => None,
        }
    }
}

/// The permission to run one package. Only [`TrustStore::admit`] returns one, and it is valid for that package only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    content_hash: ContentHash,
    key: PublicKey,
    trust: Trust,
}

impl Admission {
    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }

    /// Returns the key that signed the package.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Returns why the package is trusted: [`Trust::Own`] or [`Trust::Trusted`].
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.trust
    }

    /// Returns whether this permission is for `package`.
    #[must_use]
    pub fn is_for(&self, package: &VerifiedPackage) -> bool {
        self.content_hash == *package.content_hash() && self.key == *package.publisher_key()
    }
}

/// The user's own keys, trusted publishers and revoked keys.
#[derive(Debug, Clone, Default)]
pub struct TrustStore {
    own: BTreeSet<PublicKey>,
    publishers: Vec<TrustedPublisher>,
    revoked: BTreeMap<PublicKey, String>,
}

impl TrustStore {
    /// Returns a store that trusts no publisher.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one of the user's own keys.
    pub fn add_own(&mut self, key: PublicKey) {
        self.own.insert(key);
    }

    /// Adds a publisher that the user trusts.
    pub fn add(&mut self, publisher: TrustedPublisher) {
        self.publishers.push(publisher);
    }

    /// Revokes a key. A revoked key is not trusted, even if it is one of the user's own or a trusted publisher's.
    pub fn revoke(&mut self, key: PublicKey, reason: impl Into<String>) {
        self.revoked.insert(key, reason.into());
    }

    /// Trusts the new key for everything that the old key is trusted for, and returns the publishers with the new key. The old
    /// key stays trusted, for the packages that it signed.
    ///
    /// # Errors
    /// Returns [`RotationError`] if either key was revoked, because a stolen key could have signed the rotation.
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

    /// Returns the trusted publishers.
    #[must_use]
    pub fn publishers(&self) -> &[TrustedPublisher] {
        &self.publishers
    }

    /// Returns whether the publisher of `package` is trusted for its package id.
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

    /// Returns the permission to run `package`.
    ///
    /// # Errors
    /// Returns [`TrustError`] if the publisher is not trusted for this package id, or the key was revoked.
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
