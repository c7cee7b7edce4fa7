//! Results of `mpp run`, and the introduction of a package before it runs.

use mpp_host::host::FilteredOutput;
use mpp_host::keys::KeyId;
use mpp_host::package::ContentHash;
use mpp_host::trust::Trust;
use schemars::JsonSchema;
use serde::Serialize;

/// A call and its filtered response.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CallResult {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Hash of the package's contents.
    pub(crate) content_hash: ContentHash,
    /// Id of the key that signed the package.
    pub(crate) key_id: KeyId,
    /// Name of the tool that was called.
    pub(crate) tool: String,
    /// `result` or `error`, the tool's log, and a report of the call, all of them filtered.
    pub(crate) call: FilteredOutput,
}

/// A package and its permissions, shown before it runs.
#[derive(Debug)]
pub(crate) struct Introduction {
    /// Name and version of the package.
    pub(crate) package: String,
    /// Package id.
    pub(crate) package_id: String,
    /// Name of the publisher, as claimed in the manifest.
    pub(crate) publisher: String,
    /// Id of the key that signed the package.
    pub(crate) key_id: KeyId,
    /// Whether the publisher is trusted.
    pub(crate) trust: Trust,
    /// Permissions of the package, with the paths on this machine that declared paths are mapped to.
    pub(crate) abilities: Vec<String>,
    /// Privacy filter settings, one sentence each.
    pub(crate) privacy: Vec<String>,
}
