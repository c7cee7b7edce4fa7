//! Results of `mpp lint`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::linting::Finding;

/// The findings about a package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Lints {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// The findings, in the order of the manifest's members.
    pub(crate) findings: Vec<Finding>,
}
