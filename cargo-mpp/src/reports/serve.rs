//! Results of `mpp serve` that are not those of an MCP server.

use std::path::PathBuf;

use mpp_host::package::ContentHash;
use schemars::JsonSchema;
use serde::Serialize;

/// A server that was entered in the configuration of a client.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InstalledServer {
    /// Id of the client.
    pub(crate) client: &'static str,
    /// Name of the client.
    #[serde(skip)]
    pub(crate) title: &'static str,
    /// Path of the configuration.
    #[serde(rename = "path")]
    pub(crate) file: PathBuf,
    /// Name of the server in it.
    pub(crate) server: String,
    /// Whether the configuration was changed; it is not if the server was entered before in the same way.
    pub(crate) changed: bool,
    /// Path of a copy of the configuration before the change; absent if there was none.
    #[serde(rename = "backup_path", skip_serializing_if = "Option::is_none")]
    pub(crate) backup: Option<PathBuf>,
}

/// A change of a configuration, to be confirmed.
#[derive(Debug)]
pub(crate) struct ConfigurationChange<'a> {
    /// The file, as a user would type it.
    pub(crate) file: String,
    /// Its text.
    pub(crate) before: &'a str,
    /// Its text after the change.
    pub(crate) after: &'a str,
}

/// A bundle that was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bundle")]
pub(crate) struct Exported {
    /// Path of the bundle.
    pub(crate) path: PathBuf,
    /// Size of the bundle in bytes.
    #[serde(rename = "bundle_bytes")]
    pub(crate) bytes: u64,
    /// Id of the package in it.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Content hash of the package, which the bundle accepts.
    pub(crate) content_hash: ContentHash,
    /// The system for which the program in the bundle is built.
    pub(crate) platform: String,
}
