//! Comparing index files with the leaves of the log.

use std::collections::BTreeSet;

use mpp_host::PublicKey;
use mpp_host::causes::with_causes;

use super::packages::{Known, Package, Packages};
use crate::log::{Checkpoint, Files};
use crate::protocol::files::{IndexFile, VersionRecord};
use crate::protocol::{PackageId, Signed, paths};

/// An index file that does not show what the log has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexFault {
    /// The package.
    pub package_id: PackageId,
    /// The kind of fault.
    pub kind: IndexFaultKind,
}

/// The way in which an index file does not show what the log has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexFaultKind {
    /// It cannot be read or verified.
    Unreadable(String),
    /// It is older than the last change to the package. A registry may be some seconds late.
    Late {
        /// The tree that the file reflects.
        tree_size: u64,
        /// Index of the last leaf that changed the package.
        changed: u64,
    },
    /// It is newer than the checkpoint that the monitor has read. The next look shows whether the log contains what it says.
    Ahead {
        /// The tree that the file reflects.
        tree_size: u64,
    },
    /// It hides a version that the log has.
    Hidden {
        /// The version.
        version: String,
    },
    /// It shows a version that the log does not have.
    Invented {
        /// The version.
        version: String,
    },
    /// It shows something else about a version than the log.
    Different {
        /// The version.
        version: String,
        /// The member that differs.
        what: &'static str,
    },
    /// It shows other owners.
    Owners,
}

impl IndexFaultKind {
    /// Returns whether the fault can be gone at the next look, because files and checkpoints arrive at different times.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Late { .. } | Self::Ahead { .. })
    }
}

impl std::fmt::Display for IndexFaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "the index file cannot be read: {reason}"),
            Self::Late { tree_size, changed } => {
                write!(f, "the index file reflects {tree_size} leaves, but leaf {changed} changed the package")
            }
            Self::Ahead { tree_size } => {
                write!(f, "the index file reflects {tree_size} leaves, more than the checkpoint")
            }
            Self::Hidden { version } => write!(f, "the index file hides version {version}, which is in the log"),
            Self::Invented { version } => write!(f, "the index file shows version {version}, which is not in the log"),
            Self::Different { version, what } => {
                write!(f, "the index file shows another {what} of version {version} than the log")
            }
            Self::Owners => f.write_str("the index file shows other owners than the log"),
        }
    }
}

/// Compares the index files of all watched packages.
pub(super) async fn all(
    files: &dyn Files,
    head: &Checkpoint,
    log_key: &PublicKey,
    packages: &Packages,
) -> Vec<IndexFault> {
    let mut faults = Vec::new();
    for (id, package) in packages.iter() {
        let kinds = match read(files, head, log_key, id).await {
            Ok(index) => compare(&index, package, head),
            Err(reason) => vec![IndexFaultKind::Unreadable(reason)],
        };
        faults.extend(kinds.into_iter().map(|kind| IndexFault { package_id: id.clone(), kind }));
    }
    faults
}

async fn read(files: &dyn Files, head: &Checkpoint, log_key: &PublicKey, id: &PackageId) -> Result<IndexFile, String> {
    let bytes = files.read(&paths::index(id)).await.map_err(|error| with_causes(error.as_ref()))?;
    let bytes = bytes.ok_or("there is no such file")?;
    let index = Signed::<IndexFile>::verify(&bytes, log_key).map_err(|error| with_causes(&error))?.into_value();
    head.origin.check("the index file", &index.registry).map_err(|error| with_causes(&error))?;
    match index.package_id == *id {
        true => Ok(index),
        false => Err(format!("it is the file of `{}`", index.package_id)),
    }
}

fn compare(index: &IndexFile, package: &Package, head: &Checkpoint) -> Vec<IndexFaultKind> {
    let tree_size = index.tree_size;
    if tree_size > head.size {
        return vec![IndexFaultKind::Ahead { tree_size }];
    }
    if tree_size <= package.changed {
        return vec![IndexFaultKind::Late { tree_size, changed: package.changed }];
    }
    let mut kinds = Vec::new();
    for known in &package.versions {
        match index.versions.iter().find(|shown| shown.version == known.version) {
            None => kinds.push(IndexFaultKind::Hidden { version: known.version.to_string() }),
            Some(shown) => kinds.extend(
                difference(known, shown)
                    .map(|what| IndexFaultKind::Different { version: known.version.to_string(), what }),
            ),
        }
    }
    let is_invented = |shown: &&VersionRecord| !package.versions.iter().any(|known| known.version == shown.version);
    let invented = index.versions.iter().filter(is_invented);
    kinds.extend(invented.map(|shown| IndexFaultKind::Invented { version: shown.version.to_string() }));
    let owners = |owners: &[PublicKey]| owners.iter().copied().collect::<BTreeSet<_>>();
    if owners(&index.owners) != owners(&package.owners) {
        kinds.push(IndexFaultKind::Owners);
    }
    kinds
}

fn difference(known: &Known, shown: &VersionRecord) -> Option<&'static str> {
    let differences = [
        ("leaf index", known.leaf_index != shown.leaf_index),
        ("key", known.key != shown.key),
        ("content hash", known.content_hash != shown.content_hash),
        ("archive hash", known.archive_hash != shown.archive_hash),
        ("yank", known.yanked != shown.yanked),
        ("takedown", known.taken_down != shown.taken_down.is_some()),
    ];
    differences.into_iter().find_map(|(what, differs)| differs.then_some(what))
}
