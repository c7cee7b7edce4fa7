//! What the search index knows about a package, made from its index file.

use mpp_host::PublicKey;
use mpp_host::package::manifest::Capabilities;

use super::query::CapabilityFilter;
use crate::protocol::files::{IndexFile, VersionRecord};
use crate::protocol::requests::SearchResult;
use crate::protocol::{Digest, DomainState};

/// A changed index file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    /// The index file.
    pub index: IndexFile,
    /// The name that the first owner claims in the publisher's profile.
    pub publisher: Option<String>,
}

impl Change {
    /// Creates a change.
    #[must_use]
    pub fn new(index: IndexFile, publisher: Option<String>) -> Self {
        Self { index, publisher }
    }
}

/// A package in the index.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) result: SearchResult,
    /// Time of the latest version that can be installed, in milliseconds since 1970.
    pub(super) updated: u64,
    /// Names, titles and descriptions of the tools.
    pub(super) tools: String,
    /// Sum of the bits of the declared capabilities.
    pub(super) capabilities: i64,
    /// Owners, and the key that signed the latest version.
    pub(super) keys: Vec<PublicKey>,
    /// Number of versions that can be installed.
    pub(super) versions: u64,
}

impl Entry {
    /// Returns the entry of a package. Returns `None` if none of its versions can be found: all are yanked or taken down.
    pub(super) fn of(change: &Change) -> Option<Self> {
        let index = &change.index;
        let latest = latest(&index.versions)?;
        let mut keys = index.owners.clone();
        if !keys.contains(&latest.key) {
            keys.push(latest.key);
        }
        let texts = latest.tools.iter().flat_map(|tool| {
            [Some(tool.name.as_str()), tool.title.as_deref(), Some(tool.description.as_str())].into_iter().flatten()
        });
        Some(Self {
            updated: latest.time,
            tools: texts.collect::<Vec<_>>().join("\n"),
            capabilities: bits(&latest.capabilities),
            keys,
            versions: index.versions.iter().filter(|version| can_be_found(version)).count() as u64,
            result: SearchResult {
                package_id: index.package_id.clone(),
                name: latest.name.clone(),
                description: latest.description.clone(),
                version: latest.version.clone(),
                key: latest.key,
                publisher: change.publisher.clone(),
                domain_verified: index.domain.as_ref().is_some_and(|proof| proof.state == DomainState::Proved),
                tools: latest.tools.iter().map(|tool| tool.name.clone()).collect(),
            },
        })
    }
}

/// Returns the archives whose texts have to be forgotten.
pub(super) fn taken_down(index: &IndexFile) -> impl Iterator<Item = &Digest> {
    index.versions.iter().filter(|version| version.taken_down.is_some()).map(|version| &version.archive_hash)
}

fn can_be_found(version: &VersionRecord) -> bool {
    !version.yanked && version.taken_down.is_none()
}

/// Returns the version that stands for a package: the highest one that can be installed, a pre-release only if there is no
/// other.
pub(crate) fn latest(versions: &[VersionRecord]) -> Option<&VersionRecord> {
    versions
        .iter()
        .filter(|version| can_be_found(version))
        .max_by(|a, b| (a.version.pre.is_empty(), &a.version).cmp(&(b.version.pre.is_empty(), &b.version)))
}

fn bits(capabilities: &Capabilities) -> i64 {
    let filesystem = &capabilities.filesystem;
    let declared = [
        (CapabilityFilter::Network, !capabilities.network.is_empty()),
        (CapabilityFilter::Filesystem, !filesystem.read.is_empty() || !filesystem.write.is_empty()),
        (CapabilityFilter::EnvVars, !capabilities.env_vars.is_empty()),
        (CapabilityFilter::Kv, capabilities.kv.is_some()),
    ];
    declared.into_iter().filter(|(_, declared)| *declared).map(|(filter, _)| filter.bit()).sum()
}
