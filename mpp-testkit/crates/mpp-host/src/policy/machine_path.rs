//! Declared paths that lead to the same path of this machine, which only a person can permit.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::package::ContentHash;

/// A declared path that has no mapping, and the file or directory that this machine has under the same path.
///
/// A package receives it only if a person has seen this path and agreed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct MachinePath {
    /// The path as the tool sees it.
    pub guest: String,
    /// The path on this machine, with links resolved.
    pub host: PathBuf,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Whether the package may change it.
    pub writable: bool,
}

impl MachinePath {
    /// Returns the declared path `guest`, which leads to `host`, a path without links.
    #[must_use]
    pub fn new(guest: impl Into<String>, host: impl Into<PathBuf>, is_dir: bool, writable: bool) -> Self {
        Self { guest: guest.into(), host: host.into(), is_dir, writable }
    }
}

impl fmt::Display for MachinePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_dir { "directory" } else { "file" };
        let access = if self.writable { "read and change" } else { "read" };
        write!(f, "`{}` will be the {kind} {} of THIS machine ({access})", self.guest, self.host.display())
    }
}

/// A path of this machine that one version of a package may use under the same path, as part of an [`super::Approval`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ApprovedPath {
    /// Content hash of the package.
    pub content_hash: ContentHash,
    /// The path as the tool sees it.
    pub guest: String,
    /// The path on this machine, with links resolved.
    pub host: PathBuf,
    /// Whether the package may change it.
    pub writable: bool,
}

impl ApprovedPath {
    pub(super) fn new(content_hash: &ContentHash, path: &MachinePath) -> Self {
        let MachinePath { guest, host, writable, .. } = path.clone();
        Self { content_hash: *content_hash, guest, host, writable }
    }

    /// Returns whether this is an approval of `path` for the package with this content hash.
    #[must_use]
    pub fn covers(&self, content_hash: &ContentHash, path: &MachinePath) -> bool {
        *self == Self::new(content_hash, path)
    }
}
