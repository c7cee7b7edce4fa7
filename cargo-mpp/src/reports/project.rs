//! Results of `mpp new`.

use schemars::JsonSchema;
use serde::Serialize;

/// A new project.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewResult {
    /// Name of the project.
    pub(crate) name: String,
    /// Directory of the project.
    pub(crate) path: String,
    /// The files that its author edits.
    pub(crate) files: Vec<String>,
    /// Files of the template that were not written, because the directory has its own.
    pub(crate) kept: Vec<String>,
    /// The tools of the MCP server that the project continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) port: Option<PortResult>,
}

/// The port of an MCP server.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PortResult {
    /// Name of the server, or where its definitions come from.
    pub(crate) server: String,
    /// Number of tools.
    pub(crate) tools: usize,
    /// Number of their arguments.
    pub(crate) arguments: usize,
    /// Number of JSON values in the types of arguments and results.
    pub(crate) values: usize,
    /// Number of places where the port accepts other values than the original, apart from unknown keys.
    pub(crate) differences: usize,
    /// Number of recorded calls.
    pub(crate) calls: usize,
}
