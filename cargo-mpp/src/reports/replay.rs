//! The result of `mpp replay`.

use mpp_mcp::replay::ReplayReport;
use serde::Serialize;

/// A replay that has ended.
#[derive(Debug, Serialize)]
pub(crate) struct Replayed {
    /// The file of the capture.
    pub(crate) file: String,
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// The comparison.
    #[serde(flatten)]
    pub(crate) report: ReplayReport,
    /// Rules that were added to the file of volatile values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) added: Vec<String>,
    /// The file of volatile values.
    pub(crate) volatile_file: String,
}
