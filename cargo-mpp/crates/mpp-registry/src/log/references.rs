//! The objects and files that leaves refer to.

use std::collections::{BTreeMap, BTreeSet};

use semver::Version;

use crate::protocol::{Action, Digest, Leaf, PackageId, paths};

/// What the leaves of a log refer to, up to some size.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// The packages and manifests of each version, unless it was taken down: paths, digests, and the size of the package.
    versions: BTreeMap<(PackageId, Version), Vec<Reference>>,
    /// Texts that may have been erased.
    sides: BTreeSet<Digest>,
    /// Versions that were taken down.
    taken_down: BTreeMap<(PackageId, Version), Vec<Reference>>,
    /// The places of derived files.
    derived: BTreeSet<String>,
}

/// An object that a leaf names by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) path: String,
    pub(crate) digest: Digest,
    pub(crate) size: Option<u64>,
}

impl References {
    /// Adds what a leaf refers to.
    pub(crate) fn add(&mut self, leaf: &Leaf) {
        let Some(statement) = leaf.statement() else { return };
        if let Some(package_id) = statement.statement().action.package_id() {
            self.derived.insert(paths::index(package_id));
        }
        match &statement.statement().action {
            Action::Register { profile } => {
                self.derived.insert(paths::publisher(statement.key()));
                self.sides.extend(profile);
            }
            Action::Rotate { to } => drop(self.derived.insert(paths::publisher(to))),
            Action::Publish { package_id, version, archive_hash, archive_size, manifest_hash, .. } => {
                let blob =
                    Reference { path: paths::blob(archive_hash), digest: *archive_hash, size: Some(*archive_size) };
                let manifest = Reference { path: paths::manifest(manifest_hash), digest: *manifest_hash, size: None };
                self.versions.insert((package_id.clone(), version.clone()), vec![blob, manifest]);
            }
            Action::Takedown { package_id, version, note, .. } => {
                let key = (package_id.clone(), version.clone());
                if let Some(objects) = self.versions.remove(&key) {
                    self.taken_down.insert(key, objects);
                }
                self.sides.extend(note);
            }
            _ => {}
        }
    }

    /// Returns the objects that must exist.
    pub(crate) fn required(&self) -> impl Iterator<Item = &Reference> {
        self.versions.values().flatten()
    }

    /// Returns the object at a path, if a leaf names it and it was not taken down.
    pub(crate) fn find(&self, path: &str) -> Option<Reference> {
        let found = self.required().find(|object| object.path == path).cloned();
        found.or_else(|| self.optional().find(|object| object.path == path))
    }

    /// Returns the objects that may exist: texts that have not been erased.
    pub(crate) fn optional(&self) -> impl Iterator<Item = Reference> {
        self.sides.iter().map(|digest| Reference { path: paths::side(digest), digest: *digest, size: None })
    }

    /// Returns the objects that must not exist any more.
    pub(crate) fn erased(&self) -> impl Iterator<Item = &Reference> {
        let kept: BTreeSet<&str> = self.required().map(|object| object.path.as_str()).collect();
        self.taken_down.values().flatten().filter(move |object| !kept.contains(object.path.as_str()))
    }

    /// Returns the places of derived files, the revocation list last.
    pub(crate) fn derived(&self) -> impl Iterator<Item = &str> {
        self.derived.iter().map(String::as_str).chain([paths::REVOCATIONS])
    }
}
