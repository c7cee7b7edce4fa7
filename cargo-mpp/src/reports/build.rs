//! Results of `mpp build` and `mpp sign`.

use mpp_host::keys::KeyId;
use mpp_host::package::ContentHash;
use mpp_host::package::manifest::{Capabilities, PrivacyFilters};
use mpp_sdk::wire::SecurityLevel;
use schemars::JsonSchema;
use serde::Serialize;

use super::shapes;

/// The packages that were built.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BuildResult {
    /// One package, or several with `--workspace`.
    pub(crate) packages: Vec<BuiltPackage>,
}

/// A package that was built.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BuiltPackage {
    /// Path of the package.
    pub(crate) path: String,
    /// Name of the package.
    pub(crate) name: String,
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Hash of the contents. Signing an unsigned package changes it if the key id is filled in.
    pub(crate) content_hash: ContentHash,
    /// Id of the key that signed the package; absent with `--no-sign`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<KeyId>,
    /// Size of the module in bytes.
    pub(crate) module_bytes: u64,
    /// Size of the package in bytes.
    pub(crate) package_bytes: u64,
    /// The tools, sorted by name.
    pub(crate) tools: Vec<Tool>,
    /// The capabilities that the package declares.
    #[schemars(schema_with = "shapes::capabilities")]
    pub(crate) capabilities: Capabilities,
    /// The settings of the privacy filter.
    #[schemars(schema_with = "shapes::privacy_filters")]
    pub(crate) privacy_filters: PrivacyFilters,
    /// Permissions of the package, one sentence each.
    #[serde(skip)]
    pub(crate) abilities: Vec<String>,
    /// Privacy filter settings, one sentence each.
    #[serde(skip)]
    pub(crate) privacy: Vec<String>,
    /// Path of the module with debug names, for backtraces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) symbols_path: Option<String>,
    /// With `--check-repro`: whether a second build in another directory gave the same bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reproducible: Option<bool>,
}

/// The summary of a tool.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Tool {
    /// Name of the tool.
    pub(crate) name: String,
    /// Description of the tool.
    pub(crate) description: String,
    /// Security level of the tool.
    #[schemars(schema_with = "shapes::security_level")]
    pub(crate) security_level: SecurityLevel,
}

/// A package that was signed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Signed {
    /// Path of the signed package.
    pub(crate) path: String,
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Hash of the signed contents.
    pub(crate) content_hash: ContentHash,
    /// Id of the key that signed the package.
    pub(crate) key_id: KeyId,
}
