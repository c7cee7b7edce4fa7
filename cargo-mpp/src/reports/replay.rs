//! The result of `mpp replay`.

use mpp_mcp::replay::ReplayReport;
use schemars::JsonSchema;
use serde::Serialize;

/// A replay that has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Replayed {
    /// Path of the capture.
    #[serde(rename = "path")]
    pub(crate) file: String,
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// The comparison.
    #[serde(flatten)]
    pub(crate) report: ReplayReport,
    /// Rules that were added to the file of volatile values.
    pub(crate) added: Vec<String>,
    /// Path of the file of volatile values.
    #[serde(rename = "volatile_path")]
    pub(crate) volatile_file: String,
}
