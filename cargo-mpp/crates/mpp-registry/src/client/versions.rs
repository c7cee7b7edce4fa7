//! Index files, the choice of a version, and the proof that the log contains it.

use mpp_host::PublicKey;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::KeyRole;
use mpp_host::package::ContentHash;
use semver::{Version, VersionReq};

use super::error::ClientError;
use super::lock::{LockedDelegation, LockedPackage};
use super::registry::{Registry, SMALL, View};
use super::revocations::RevocationList;
use crate::protocol::files::{IndexFile, PublisherFile, VersionRecord};
use crate::protocol::{Action, Digest, PackageId, Signed, SignedFile as _, Timestamp, paths};

/// Largest index file.
const INDEX: u64 = 32 * SMALL;
/// How often an index that leads the checkpoint is read again.
const ATTEMPTS: u32 = 3;

/// A version that is proved to be in the log of its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProvenVersion {
    /// Id of the package.
    pub package_id: PackageId,
    /// The version.
    pub version: Version,
    /// Index of the leaf that published it.
    pub leaf_index: u64,
    /// Time of that leaf in milliseconds since 1970.
    pub time: u64,
    /// Hash of the archive without its signature.
    pub content_hash: Digest,
    /// Hash of the whole archive.
    pub archive_hash: Digest,
    /// Size of the archive in bytes.
    pub archive_size: u64,
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// The key that published.
    pub key: PublicKey,
    /// The delegation under which the key published, if it is not an owner's.
    pub delegation: Option<LockedDelegation>,
}

impl ProvenVersion {
    /// Returns the owner for whom the version was published.
    #[must_use]
    pub fn owner(&self) -> &PublicKey {
        self.delegation.as_ref().map_or(&self.key, |delegation| &delegation.owner)
    }

    /// Checks that a verified package is this version.
    ///
    /// # Errors
    /// Returns [`ClientError::OtherPackage`] if it is another one.
    pub fn check_package(&self, package: &VerifiedPackage) -> Result<(), ClientError> {
        let manifest = package.manifest();
        let differs = if manifest.package_id != self.package_id.as_str() {
            "package id"
        } else if manifest.version != self.version.to_string() {
            "version"
        } else if Digest::from(*package.content_hash()) != self.content_hash {
            "content hash"
        } else if Digest::of(package.manifest_bytes()) != self.manifest_hash {
            "manifest"
        } else if *package.signing_key() != self.key {
            "signing key"
        } else {
            return Ok(());
        };
        Err(ClientError::OtherPackage { what: differs })
    }

    /// Pins a package that is this version.
    ///
    /// # Errors
    /// Returns [`ClientError::OtherPackage`] if it is another one.
    pub fn lock(
        &self,
        registry: &Registry,
        package: &VerifiedPackage,
        requirement: &VersionReq,
    ) -> Result<LockedPackage, ClientError> {
        self.check_package(package)?;
        let content_hash: ContentHash = *package.content_hash();
        let mut locked = LockedPackage::in_log(
            self.package_id.clone(),
            self.version.clone(),
            requirement.to_string(),
            registry.root_key().clone(),
            self.leaf_index,
            content_hash,
            (self.archive_hash, self.archive_size),
            self.key,
        );
        locked.delegation.clone_from(&self.delegation);
        Ok(locked)
    }
}

/// Returns the newest version that satisfies the requirement and can be installed: not yanked, not taken down, and not published by
/// a key that had been revoked.
///
/// # Errors
/// Returns [`ClientError::NoVersion`] if there is none, and [`ClientError::TakenDown`] if the registry has taken those down that satisfy the
/// requirement.
pub fn choose<'a>(
    index: &'a IndexFile,
    requirement: &VersionReq,
    revocations: Option<&RevocationList>,
) -> Result<&'a VersionRecord, ClientError> {
    let is_good = |record: &&VersionRecord| {
        let bad = |list: &RevocationList| {
            list.is_taken_down(&index.package_id, &record.version) || list.is_revoked(&record.key, record.leaf_index)
        };
        !record.yanked && record.taken_down.is_none() && !revocations.is_some_and(bad)
    };
    let good = || index.versions.iter().filter(is_good);
    good().filter(|record| requirement.matches(&record.version)).max_by(|a, b| a.version.cmp(&b.version)).ok_or_else(
        || {
            // A version that was asked for and is gone is another matter than one that never was.
            let is_gone = |record: &&VersionRecord| {
                let listed = |list: &RevocationList| list.is_taken_down(&index.package_id, &record.version);
                record.taken_down.is_some() || revocations.is_some_and(listed)
            };
            let gone = index.versions.iter().filter(is_gone).map(|record| &record.version);
            if let Some(version) = gone.filter(|version| requirement.matches(version)).max() {
                return ClientError::TakenDown { package_id: index.package_id.clone(), version: version.clone() };
            }
            let yanked = index.versions.iter().filter(|record| record.yanked).map(|record| &record.version);
            let mut available: Vec<Version> = good().map(|record| record.version.clone()).collect();
            available.sort_by(|a, b| b.cmp(a));
            ClientError::NoVersion {
                package_id: index.package_id.clone(),
                requirement: requirement.to_string(),
                available,
                yanked: yanked.filter(|version| requirement.matches(version)).max().cloned(),
            }
        },
    )
}

impl Registry {
    /// Reads the index file of a package; `None` if the registry has no such package. The view is refreshed if the file is newer.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be reached, or if the file is not signed by it.
    pub async fn index(&self, view: &mut View, package_id: &PackageId) -> Result<Option<IndexFile>, ClientError> {
        let mut attempt = 1;
        loop {
            let Some(found) = self.remote.read(&paths::index(package_id), INDEX).await? else { return Ok(None) };
            let index = Signed::<IndexFile>::verify(&found.bytes, &view.description.log_key)?.into_value();
            self.check_origin(IndexFile::DOCUMENT, &index.registry)?;
            if index.package_id != *package_id {
                return Err(ClientError::OtherIndex { expected: package_id.clone(), found: index.package_id });
            }
            if index.tree_size <= view.head.size {
                return Ok(Some(index));
            }
            // The file is newer than the checkpoint, or the checkpoint comes from a cache.
            *view = self.refresh().await?;
            if index.tree_size <= view.head.size {
                return Ok(Some(index));
            }
            if attempt >= ATTEMPTS {
                return Err(ClientError::Behind { found: view.head.size, known: index.tree_size });
            }
            self.remote.retry().pause(attempt, None).await;
            attempt += 1;
        }
    }

    /// Reads the index file of a package that must exist, and of which the version in the leaf with the index `known` was seen
    /// before. A file from before that leaf comes from a cache or from a server that lags behind, and is read again a few times.
    ///
    /// # Errors
    /// Returns [`ClientError::NoPackage`] if the package does not exist, [`ClientError::OldIndex`] if the file stays older, and the
    /// errors of [`Registry::index`].
    pub async fn index_since(
        &self,
        view: &mut View,
        package_id: &PackageId,
        known: Option<u64>,
    ) -> Result<IndexFile, ClientError> {
        let mut attempt = 1;
        loop {
            let end = self.require_index(view, package_id).await;
            let Some(known) = known else { return end };
            let failed = match end {
                Ok(index) if index.tree_size > known => return Ok(index),
                Ok(index) => {
                    ClientError::OldIndex { package_id: package_id.clone(), found: index.tree_size, known: known + 1 }
                }
                Err(error @ ClientError::NoPackage { .. }) => error,
                Err(error) => return Err(error),
            };
            if attempt >= self.remote.retry().attempts {
                return Err(failed);
            }
            self.remote.retry().pause(attempt, None).await;
            attempt += 1;
        }
    }

    /// Reads the index file of a package that must exist.
    ///
    /// # Errors
    /// Returns [`ClientError::NoPackage`] if it does not, and the errors of [`Registry::index`].
    pub async fn require_index(&self, view: &mut View, package_id: &PackageId) -> Result<IndexFile, ClientError> {
        let missing = || ClientError::NoPackage { registry: self.name.clone(), package_id: package_id.clone() };
        self.index(view, package_id).await?.ok_or_else(missing)
    }

    /// Proves that the log contains a version as its index file describes it.
    ///
    /// # Errors
    /// Returns an error if the log says something else.
    pub async fn prove(
        &self,
        view: &View,
        index: &IndexFile,
        record: &VersionRecord,
    ) -> Result<ProvenVersion, ClientError> {
        const DOCUMENT: &str = "index file";
        let mut proven = self.published(view, record.leaf_index, DOCUMENT).await?;
        let expected = ProvenVersion {
            package_id: index.package_id.clone(),
            version: record.version.clone(),
            leaf_index: record.leaf_index,
            time: record.time,
            content_hash: record.content_hash,
            archive_hash: record.archive_hash,
            archive_size: record.archive_size,
            manifest_hash: record.manifest_hash,
            key: record.key,
            delegation: None,
        };
        compare(&proven, &expected, DOCUMENT)?;
        if !index.owners.contains(&record.key) {
            let before = |leaf: u64| leaf < record.leaf_index;
            let delegations = index.delegations.iter().filter(|known| known.delegate == record.key);
            if let Some(known) =
                delegations.filter(|known| before(known.leaf_index)).max_by_key(|known| known.leaf_index)
            {
                let delegation = LockedDelegation::new(known.owner, known.leaf_index);
                self.check_delegation(view, &proven, &delegation).await?;
                proven.delegation = Some(delegation);
            }
        }
        Ok(proven)
    }

    /// Proves that the log contains a version as a lock file pins it.
    ///
    /// # Errors
    /// Returns an error if the log says something else.
    pub async fn prove_locked(&self, view: &View, locked: &LockedPackage) -> Result<ProvenVersion, ClientError> {
        const DOCUMENT: &str = "lock file";
        let leaf_index = locked.leaf_index.unwrap_or(u64::MAX);
        let mut proven = self.published(view, leaf_index, DOCUMENT).await?;
        let expected = ProvenVersion {
            package_id: locked.package_id.clone(),
            version: locked.version.clone(),
            leaf_index,
            time: proven.time,
            content_hash: Digest::from(locked.content_hash),
            archive_hash: locked.archive_hash,
            archive_size: locked.archive_size,
            manifest_hash: proven.manifest_hash,
            key: locked.publisher_key,
            delegation: None,
        };
        compare(&proven, &expected, DOCUMENT)?;
        if let Some(delegation) = &locked.delegation {
            self.check_delegation(view, &proven, delegation).await?;
            proven.delegation = Some(delegation.clone());
        }
        Ok(proven)
    }

    /// Proves that the leaf with this index published a version, and returns what it says.
    pub(crate) async fn published(
        &self,
        view: &View,
        leaf_index: u64,
        document: &'static str,
    ) -> Result<ProvenVersion, ClientError> {
        let (time, statement) = self.statement(view, leaf_index, document).await?;
        let key = *statement.key();
        match statement.statement().action.clone() {
            Action::Publish { package_id, version, content_hash, archive_hash, archive_size, manifest_hash } => {
                Ok(ProvenVersion {
                    package_id,
                    version,
                    leaf_index,
                    time,
                    content_hash,
                    archive_hash,
                    archive_size,
                    manifest_hash,
                    key,
                    delegation: None,
                })
            }
            _ => Err(ClientError::LeafDiffers { index: leaf_index, document, what: "its type" }),
        }
    }

    /// Proves that an owner had permitted the key to publish the version. What counts is the time of the version's leaf.
    async fn check_delegation(
        &self,
        view: &View,
        version: &ProvenVersion,
        delegation: &LockedDelegation,
    ) -> Result<(), ClientError> {
        let refused = |reason| Err(ClientError::Delegation { delegate: version.key.id(KeyRole::Publisher), reason });
        let (_, statement) = self.statement(view, delegation.leaf_index, "index file").await?;
        let Action::Delegate { delegate, package_ids, expires } = &statement.statement().action else {
            return refused("the leaf that is named is not a delegation");
        };
        if *statement.key() != delegation.owner {
            return refused("the delegation is by another owner");
        }
        if *delegate != version.key {
            return refused("the delegation is for another key");
        }
        if !package_ids.contains(&version.package_id) {
            return refused("the delegation is for other packages");
        }
        if delegation.leaf_index >= version.leaf_index {
            return refused("the delegation was made later");
        }
        if *expires < Timestamp::from_secs(version.time / 1000) {
            return refused("the delegation had ended");
        }
        Ok(())
    }

    /// Returns the key that replaced `key`, as the log proves; `None` if it was not replaced, or not by this registry's log.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be reached, or if its log does not contain what it says.
    pub async fn successor(
        &self,
        view: &View,
        key: &PublicKey,
        revocations: &RevocationList,
    ) -> Result<Option<PublicKey>, ClientError> {
        let Some(found) = self.remote.read(&paths::publisher(key), SMALL).await? else { return Ok(None) };
        let file = Signed::<PublisherFile>::verify(&found.bytes, &view.description.log_key)?.into_value();
        self.check_origin(PublisherFile::DOCUMENT, &file.registry)?;
        let Some(rotation) = file.rotated_to.filter(|_| file.key == *key) else { return Ok(None) };
        let (_, statement) = self.statement(view, rotation.leaf_index, "publisher's file").await?;
        let differs =
            |what| ClientError::LeafDiffers { index: rotation.leaf_index, document: "publisher's file", what };
        if statement.key() != key {
            return Err(differs("the key"));
        }
        if statement.statement().action != (Action::Rotate { to: rotation.to }) {
            return Err(differs("the new key"));
        }
        // A thief of the old key could have named a key of their own.
        let is_void = revocations.is_revoked(key, rotation.leaf_index);
        Ok((!is_void).then_some(rotation.to))
    }
}

fn compare(found: &ProvenVersion, expected: &ProvenVersion, document: &'static str) -> Result<(), ClientError> {
    let what = if found.package_id != expected.package_id {
        "the package id"
    } else if found.version != expected.version {
        "the version"
    } else if found.content_hash != expected.content_hash {
        "the content hash"
    } else if found.archive_hash != expected.archive_hash {
        "the archive hash"
    } else if found.archive_size != expected.archive_size {
        "the size"
    } else if found.manifest_hash != expected.manifest_hash {
        "the hash of the manifest"
    } else if found.key != expected.key {
        "the key"
    } else if found.time != expected.time {
        "the time"
    } else {
        return Ok(());
    };
    Err(ClientError::LeafDiffers { index: found.leaf_index, document, what })
}
