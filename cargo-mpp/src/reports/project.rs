//! Results of `mpp new`.

use serde::Serialize;

/// A new project.
#[derive(Debug, Serialize)]
pub(crate) struct NewResult {
    /// Name of the project.
    pub(crate) name: String,
    /// Directory of the project.
    pub(crate) dir: String,
    /// The files that its author edits.
    pub(crate) files: Vec<String>,
    /// Files of the template that were not written, because the directory has its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) kept: Vec<String>,
}
