//! Results of the commands that find and install packages of registries.

use mpp_host::keys::KeyId;
use mpp_host::package::ContentHash;
use mpp_registry::client::{LockedPackage, Version};
use mpp_registry::protocol::requests::SearchResult;
use schemars::JsonSchema;
use serde::Serialize;

/// A registry that was added.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegistryAdded {
    /// The name under which commands know it.
    pub(crate) name: String,
    /// Origin of the registry, which names it wherever it is served; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// The pinned root key; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) root_key: Option<String>,
    /// URL of the registry, or the place in an OCI registry.
    pub(crate) url: String,
    /// Package ids that are looked up in this registry and nowhere else.
    pub(crate) prefixes: Vec<String>,
    /// Whether it is the registry of every package id that is not bound to another one.
    pub(crate) is_default: bool,
    /// Number of leaves of its log; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_size: Option<u64>,
}

/// The configured registries.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConfiguredRegistries {
    /// Path of the configuration.
    pub(crate) path: String,
    /// The registries, in the order of the configuration.
    pub(crate) registries: Vec<ConfiguredRegistry>,
}

/// A configured registry.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConfiguredRegistry {
    /// The name under which commands know it.
    pub(crate) name: String,
    /// Origin of the registry; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<String>,
    /// The pinned root key; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) root_key: Option<String>,
    /// URLs of the registry and its mirrors, the registry first; the place in an OCI registry.
    pub(crate) urls: Vec<String>,
    /// Package ids that are looked up in this registry and nowhere else.
    pub(crate) prefixes: Vec<String>,
    /// Whether it is the registry of every package id that is not bound to another one.
    pub(crate) is_default: bool,
    /// Number of leaves that its log had when it was last asked; absent before that, and for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_size: Option<u64>,
    /// Ids of the installed packages that came from it.
    pub(crate) packages: Vec<String>,
}

/// A registry that was removed from the configuration.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegistryRemoved {
    /// The name under which commands knew it.
    pub(crate) name: String,
    /// Whether it was the default registry; there is none now.
    pub(crate) was_default: bool,
    /// Ids of its packages that stay installed.
    pub(crate) packages: Vec<String>,
    /// Directory with what the registry has shown; absent if it was never asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<String>,
    /// Whether what the registry has shown was deleted. Evidence of contradictions stays in any case.
    pub(crate) is_forgotten: bool,
}

/// The packages that a search found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SearchResults {
    /// Name of the registry.
    pub(crate) registry: String,
    /// The results, best first.
    pub(crate) results: Vec<SearchResult>,
    /// Number of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_page: Option<u32>,
}

/// The packages that were installed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Installs {
    /// The packages.
    pub(crate) packages: Vec<Installed>,
    /// Path of the lock file that was written; absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lock_path: Option<String>,
}

/// A package that is installed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Installed {
    /// Package id.
    pub(crate) package_id: String,
    /// The installed version.
    pub(crate) version: String,
    /// The version that was installed before; absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous_version: Option<String>,
    /// Name of the publisher, as stated in the manifest.
    pub(crate) publisher: String,
    /// Id of the publisher's key: the key that signed the package, or the owner's who delegated publishing to it.
    pub(crate) key_id: KeyId,
    /// Id of the key that signed the package, if publishing was delegated to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delegate_key_id: Option<KeyId>,
    /// Origin of the registry, or the place in an OCI registry.
    pub(crate) registry: String,
    /// Index of the version's leaf in the registry's log; absent for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf_index: Option<u64>,
    /// Hash of the package's contents.
    pub(crate) content_hash: ContentHash,
    /// Hash of the whole archive.
    pub(crate) archive_hash: String,
    /// Path of the package file.
    pub(crate) path: String,
}

/// The installed packages compared with their registries.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Outdated {
    /// The packages.
    pub(crate) packages: Vec<OutdatedPackage>,
}

/// An installed package compared with its registry.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OutdatedPackage {
    /// Package id.
    pub(crate) package_id: String,
    /// The installed version.
    pub(crate) version: String,
    /// The requirement for which it was chosen.
    pub(crate) requirement: String,
    /// The newest version that satisfies the requirement, if it is newer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compatible_version: Option<String>,
    /// The newest version, if it is newer and does not satisfy the requirement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) newest_version: Option<String>,
    /// Whether the installed version can still be used.
    pub(crate) state: VersionState,
}

/// The state of an installed version in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VersionState {
    /// Nothing is known against it.
    Good,
    /// An owner has yanked it.
    Yanked,
    /// The registry has taken it down.
    TakenDown,
    /// The key that published it was revoked.
    Revoked,
    /// The registry does not list it.
    Unlisted,
}

/// The packages that were uninstalled.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Uninstalled {
    /// The packages.
    pub(crate) packages: Vec<UninstalledPackage>,
}

/// A package that was uninstalled.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct UninstalledPackage {
    /// Package id.
    pub(crate) package_id: String,
    /// The version that was installed.
    pub(crate) version: String,
}

impl OutdatedPackage {
    /// Whether there is something to do.
    pub(crate) fn is_outdated(&self) -> bool {
        self.compatible_version.is_some() || self.newest_version.is_some() || self.state != VersionState::Good
    }

    /// Compares an installed package with the versions that can be chosen.
    pub(crate) fn of(
        locked: &LockedPackage,
        compatible: Option<&Version>,
        newest: Option<&Version>,
        state: VersionState,
    ) -> Self {
        let newer =
            |version: Option<&Version>| version.filter(|version| **version > locked.version).map(Version::to_string);
        let (compatible_version, newest_version) = (newer(compatible), newer(newest));
        Self {
            package_id: locked.package_id.to_string(),
            version: locked.version.to_string(),
            requirement: locked.requirement.clone(),
            newest_version: newest_version.filter(|newest| Some(newest) != compatible_version.as_ref()),
            compatible_version,
            state,
        }
    }
}
