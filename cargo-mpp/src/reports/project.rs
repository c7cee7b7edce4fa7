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
}
