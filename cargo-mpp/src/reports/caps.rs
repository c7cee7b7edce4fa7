//! Results of `mpp caps`.

use mpp_host::gatekeeper::Imports;
use serde::Serialize;

use crate::usage::{Recorded, Row};

/// The capabilities of a package: declared, importable and used.
#[derive(Debug, Serialize)]
pub(crate) struct Caps {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Imports of the module.
    pub(crate) imports: Imports,
    /// The capabilities that recorded runs of all versions signed by the same key used.
    pub(crate) recorded: Recorded,
    /// One row for each capability.
    pub(crate) capabilities: Vec<Row>,
}
