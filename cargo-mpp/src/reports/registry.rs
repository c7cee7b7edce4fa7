//! Results of `mpp registry`, for those who run one.

use schemars::JsonSchema;
use serde::Serialize;

/// The keys of a new registry.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewRegistry {
    /// Name of the registry.
    pub(crate) origin: String,
    /// The root key that clients pin, as a verifier key.
    pub(crate) root_key: String,
    /// Path of the private root key, which is to be kept offline.
    pub(crate) root_key_path: String,
    /// Path of the directory of the registry.
    pub(crate) path: String,
}

/// A registry that is being served.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServedRegistry {
    /// Name of the registry.
    pub(crate) origin: String,
    /// Address at which clients reach it.
    pub(crate) url: String,
    /// Address that the server listens on.
    pub(crate) address: String,
    /// The root key that clients pin, as a verifier key.
    pub(crate) root_key: String,
    /// The key that signs checkpoints, as a verifier key: witnesses need it.
    pub(crate) log_key: String,
    /// Path of the private root key, if it is still beside the server's own key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) root_key_path: Option<String>,
    /// Whether the registry was made by this command.
    pub(crate) created: bool,
    /// Number of leaves in the log.
    pub(crate) leaves: u64,
    /// Number of packages.
    pub(crate) packages: u64,
    /// Number of versions.
    pub(crate) versions: u64,
}

/// The result of checking a registry.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckedRegistry {
    /// Number of leaves in the log.
    pub(crate) leaves: u64,
    /// Number of commit objects; a public copy has none.
    pub(crate) commits: u64,
    /// Number of tiles and bundles.
    pub(crate) tiles: u64,
    /// Number of packages, manifests and texts.
    pub(crate) objects: u64,
    /// Number of derived files.
    pub(crate) derived: u64,
    /// Everything that is not as it must be.
    pub(crate) faults: Vec<RegistryFault>,
}

/// A file of a registry that is not as it must be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RegistryFault {
    /// Path of the file in the store.
    pub(crate) path: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

/// What was written again.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RebuiltRegistry {
    /// Number of leaves in the log.
    pub(crate) leaves: u64,
    /// Number of tiles and bundles that were missing or different.
    pub(crate) tiles: u64,
    /// Number of derived files that were missing or different.
    pub(crate) derived: u64,
    /// Number of derived files that belong to nothing in the log, and were deleted.
    pub(crate) deleted: u64,
}

/// What was copied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CopiedRegistry {
    /// Name of the registry.
    pub(crate) origin: String,
    /// The root key of the registry, as a verifier key.
    pub(crate) root_key: String,
    /// Number of leaves in the log.
    pub(crate) leaves: u64,
    /// Number of files that were written; what the copy had already is not counted.
    pub(crate) files: u64,
    /// Number of commit objects that were written.
    pub(crate) commits: u64,
}

/// A step of replacing the log key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Replacement {
    /// The next log key was made, and the root key has to sign the description that names it.
    Requested,
    /// The root key has signed the description.
    Signed,
    /// The registry uses the new log key.
    Replaced,
}

/// A log key that replaces another one.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LogKeyReplaced {
    /// What was done.
    pub(crate) step: Replacement,
    /// Name of the registry.
    pub(crate) origin: String,
    /// Version of the description that names the new log key.
    pub(crate) version: u64,
    /// The new log key, as a verifier key: witnesses need it.
    pub(crate) log_key: String,
    /// Size of the log from which the new key counts.
    pub(crate) from_size: u64,
    /// Root of the log of that size.
    pub(crate) from_root: String,
    /// Path of the file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
}
