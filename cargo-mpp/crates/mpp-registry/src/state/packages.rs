//! What the state holds about publishers, packages and versions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpp_host::keys::PublicKey;
use semver::{BuildMetadata, Version};

use crate::protocol::{Digest, PackageId, TakedownReason, Timestamp};

/// A key that was registered, or that has replaced one that was.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Publisher {
    /// Index of the leaf that registered the key.
    pub leaf_index: u64,
    /// Digest of the side object with name and addresses.
    pub profile: Option<Digest>,
    /// Whether an operator has approved the key.
    pub approved: bool,
    /// The key that replaced this one, and the index of the rotation's leaf.
    pub rotated_to: Option<(PublicKey, u64)>,
    /// Ids of the packages that the key owns.
    pub packages: Arc<BTreeSet<PackageId>>,
    /// Sum of the sizes of the archives that were published with this key or its delegates.
    pub bytes: u64,
}

/// A package.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Package {
    /// The owners, among them revoked ones.
    pub owners: BTreeSet<PublicKey>,
    /// Index of the last leaf that changed the index file of the package.
    pub changed: u64,
    /// All delegations, in the order of the log.
    pub delegations: Vec<DelegationState>,
    pub(super) versions: Arc<BTreeMap<Version, VersionState>>,
}

/// The right of a key to publish versions of a package for a time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DelegationState {
    /// The owner who signed the delegation.
    pub owner: PublicKey,
    /// The key on whose behalf the delegate publishes: the owner, or its successor by rotation.
    pub acts_for: PublicKey,
    /// The key that may publish.
    pub delegate: PublicKey,
    /// The end of the delegation.
    pub expires: Timestamp,
    /// Index of the delegation's leaf.
    pub leaf_index: u64,
    /// Index of the leaf that ended the delegation before its time: the owner was removed, or the package was transferred.
    pub ended: Option<u64>,
}

/// A version of a package.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VersionState {
    /// The version, with its build metadata.
    pub version: Version,
    /// Index of the leaf that published it.
    pub leaf_index: u64,
    /// Time of that leaf in milliseconds since 1970.
    pub time: u64,
    /// The key that signed the statement: an owner or a delegate.
    pub key: Arc<PublicKey>,
    /// Hash of the archive without its signature.
    pub content_hash: Digest,
    /// Hash of the whole archive.
    pub archive_hash: Digest,
    /// Size of the archive in bytes.
    pub archive_size: u64,
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// Whether an owner has yanked the version.
    pub yanked: bool,
    /// Index of the leaf that took the version down, and the reason.
    pub taken_down: Option<(u64, TakedownReason)>,
    /// Digest of the explanation of the takedown.
    pub note: Option<Digest>,
}

impl Package {
    /// Returns the version that `version` names, whatever its build metadata.
    #[must_use]
    pub fn version(&self, version: &Version) -> Option<&VersionState> {
        self.versions.get(&without_build(version))
    }

    /// Returns the versions in the order of their precedence.
    pub fn versions(&self) -> impl DoubleEndedIterator<Item = &VersionState> {
        self.versions.values()
    }

    /// Returns the number of versions.
    #[must_use]
    pub fn version_count(&self) -> usize {
        self.versions.len()
    }

    /// Returns whether some version is still served. The ids of other packages must not resemble that of such a package.
    #[must_use]
    pub fn is_established(&self) -> bool {
        self.versions.values().any(|version| version.taken_down.is_none())
    }

    /// Returns the owner on whose behalf `key` may publish at `time`: the key itself, or the owner who delegated to it.
    pub(super) fn owner_for(&self, key: &PublicKey, time: Timestamp) -> Option<&PublicKey> {
        if let Some(owner) = self.owners.get(key) {
            return Some(owner);
        }
        let valid = self.delegations.iter().filter(|one| one.ended.is_none() && one.expires >= time);
        valid.filter(|one| one.delegate == *key && self.owners.contains(&one.acts_for)).map(|one| &one.acts_for).next()
    }

    pub(super) fn insert(&mut self, version: VersionState) {
        Arc::make_mut(&mut self.versions).insert(without_build(&version.version), version);
    }

    pub(super) fn version_mut(&mut self, version: &Version) -> Option<&mut VersionState> {
        Arc::make_mut(&mut self.versions).get_mut(&without_build(version))
    }
}

/// Build metadata makes no new version.
fn without_build(version: &Version) -> Version {
    Version { build: BuildMetadata::EMPTY, ..version.clone() }
}
