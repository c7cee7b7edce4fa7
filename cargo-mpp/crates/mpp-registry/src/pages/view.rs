//! What a package page and a publisher page show, made from index files, manifests and profiles.

use mpp_host::PublicKey;
use mpp_host::keys::{KeyId, KeyRole};
use mpp_host::package::Manifest;
use mpp_host::policy::{New, Wants};
use semver::Version;

use crate::protocol::files::{Delegation, DomainProof, IndexFile, Profile, PublisherFile, VersionRecord};
use crate::protocol::{Digest, PackageId};
use crate::search::{Found, latest};

/// A package and one version of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PackageView {
    /// Id of the package.
    pub package_id: PackageId,
    /// The version that the page is about.
    pub shown: VersionRecord,
    /// Its manifest; `None` if it was erased.
    pub manifest: Option<Manifest>,
    /// Its README.
    pub readme: Option<String>,
    /// The highest version that can be installed; `None` if there is none.
    pub latest: Option<Version>,
    /// Versions, the highest first.
    pub versions: Vec<VersionView>,
    /// Number of lower versions, which are not among them.
    pub older: usize,
    /// The owners.
    pub owners: Vec<KeyView>,
    /// The owner who let the shown version's key publish, if that key is not an owner's.
    pub delegation: Option<Delegation>,
    /// The proof of the domain.
    pub domain: Option<DomainProof>,
    /// The size of the tree that the index file reflects.
    pub tree_size: u64,
}

/// A version in the list of versions.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VersionView {
    /// Its record.
    pub record: VersionRecord,
    /// How its capabilities differ from those of the next lower version.
    pub change: CapabilityChange,
}

/// The difference between the capabilities of two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CapabilityChange {
    /// There is no lower version.
    First,
    /// The manifest of one of both versions was erased, or cannot be read.
    Unknown,
    /// Both versions are known.
    Known {
        /// What the version requests and the lower one did not.
        wider: Vec<New>,
        /// What the lower version requested and this one does not.
        narrower: Vec<New>,
    },
}

/// A key and what is known about who holds it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct KeyView {
    /// The key.
    pub key: PublicKey,
    /// The name that the publisher claims.
    pub name: Option<String>,
}

impl KeyView {
    /// Creates the view of a key.
    #[must_use]
    pub const fn new(key: PublicKey, name: Option<String>) -> Self {
        Self { key, name }
    }

    /// Returns the key id, a short name for people.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.key.id(KeyRole::Publisher)
    }
}

/// A publisher and the packages that the key owns.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublisherView {
    /// The publisher's file.
    pub file: PublisherFile,
    /// The profile, if there is one that was not erased.
    pub profile: Option<Profile>,
    /// The packages that the key owns or signed, at most one page of them.
    pub packages: Found,
}

impl PublisherView {
    /// Creates the view of a publisher.
    #[must_use]
    pub const fn new(file: PublisherFile, profile: Option<Profile>, packages: Found) -> Self {
        Self { file, profile, packages }
    }
}

impl PackageView {
    /// Creates the view of a version of a package; without `version`, of the highest one that can be installed, or if there is
    /// none, of the highest one. `owners` are the index file's, `limit` is the number of versions in the list, and `wants`
    /// returns what the manifest with this hash requests.
    ///
    /// Returns `None` if there is no such version.
    #[must_use]
    pub fn of(
        index: &IndexFile,
        version: Option<&Version>,
        owners: Vec<KeyView>,
        limit: usize,
        mut wants: impl FnMut(&Digest) -> Option<Wants>,
    ) -> Option<Self> {
        let records = sorted(index);
        let latest = latest(&index.versions);
        let shown = match version {
            Some(version) => *records.iter().find(|record| record.version == *version)?,
            None => latest.or(records.first().copied())?,
        };
        let wanted: Vec<Option<Wants>> =
            records.iter().take(limit + 1).map(|record| wants(&record.manifest_hash)).collect();
        let change = |at: usize| match wanted.get(at + 1) {
            None => CapabilityChange::First,
            Some(lower) => CapabilityChange::between(lower.as_ref(), wanted[at].as_ref()),
        };
        let versions = records
            .iter()
            .take(limit)
            .enumerate()
            .map(|(at, record)| VersionView { record: (*record).clone(), change: change(at) });
        let is_owner = index.owners.contains(&shown.key);
        let mut delegations = index.delegations.iter().rev();
        let delegation = delegations.find(|delegation| !is_owner && delegation.delegate == shown.key).cloned();
        Some(Self {
            package_id: index.package_id.clone(),
            versions: versions.collect(),
            older: records.len().saturating_sub(limit),
            manifest: None,
            readme: None,
            latest: latest.map(|record| record.version.clone()),
            owners,
            delegation,
            domain: index.domain.clone(),
            tree_size: index.tree_size,
            shown: shown.clone(),
        })
    }

    /// Adds the manifest of the shown version.
    #[must_use]
    pub fn with_manifest(mut self, manifest: Option<Manifest>) -> Self {
        self.manifest = manifest;
        self
    }

    /// Adds the README of the shown version, as Markdown.
    #[must_use]
    pub fn with_readme(mut self, readme: Option<String>) -> Self {
        self.readme = readme;
        self
    }

    /// Returns whether the page shows the version that is installed by default.
    pub(super) fn is_latest(&self) -> bool {
        self.latest.as_ref() == Some(&self.shown.version)
    }
}

/// Returns the versions of a package, the highest first.
pub(super) fn sorted(index: &IndexFile) -> Vec<&VersionRecord> {
    let mut records: Vec<&VersionRecord> = index.versions.iter().collect();
    records.sort_by(|a, b| b.version.cmp(&a.version));
    records
}

impl CapabilityChange {
    /// Compares what two versions request, the lower one first.
    #[must_use]
    pub fn between(lower: Option<&Wants>, higher: Option<&Wants>) -> Self {
        let (Some(lower), Some(higher)) = (lower, higher) else { return Self::Unknown };
        // A pattern that the lower version did not redact is no lost ability of the higher one.
        let is_ability = |new: &New| matches!(new, New::Ability(_));
        Self::Known {
            wider: higher.beyond(Some(lower)),
            narrower: lower.beyond(Some(higher)).into_iter().filter(is_ability).collect(),
        }
    }
}
