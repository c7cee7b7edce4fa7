//! The objects and files that leaves refer to.

use std::collections::{BTreeMap, BTreeSet};

use mpp_host::PublicKey;
use semver::Version;

use crate::protocol::{Action, Digest, Leaf, PackageId, paths};

/// What the leaves of a log refer to, up to some size.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// The packages and manifests of each version, unless it was taken down: paths, digests, and the size of the package.
    versions: BTreeMap<(PackageId, Version), Vec<Reference>>,
    /// The profiles of publishers.
    profiles: BTreeMap<PublicKey, Digest>,
    /// Every profile that a publisher ever had.
    former: BTreeSet<Digest>,
    /// Explanations of takedowns.
    notes: BTreeSet<Digest>,
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

fn side(digest: &Digest) -> Reference {
    Reference { path: paths::side(digest), digest: *digest, size: None }
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
                match profile {
                    Some(profile) => drop(self.profiles.insert(*statement.key(), *profile)),
                    None => drop(self.profiles.remove(statement.key())),
                }
                self.former.extend(profile);
            }
            Action::Rotate { to } => {
                self.derived.insert(paths::publisher(to));
                if let Some(profile) = self.profiles.get(statement.key()).copied() {
                    self.profiles.entry(*to).or_insert(profile);
                }
            }
            Action::EraseProfile { publisher, .. } => {
                if let Some(erased) = self.profiles.get(publisher).copied() {
                    self.profiles.retain(|_, profile| *profile != erased);
                }
            }
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
                self.notes.extend(note);
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

    /// Returns the objects that may exist: texts that nobody has asked to erase. An operator can erase them all the same.
    pub(crate) fn optional(&self) -> impl Iterator<Item = Reference> {
        self.texts().into_iter().map(|digest| side(&digest))
    }

    /// Returns the objects that must not exist any more.
    pub(crate) fn erased(&self) -> impl Iterator<Item = Reference> {
        let kept: BTreeSet<&str> = self.required().map(|object| object.path.as_str()).collect();
        let objects = self.taken_down.values().flatten().filter(move |object| !kept.contains(object.path.as_str()));
        let texts = self.texts();
        let erased = self.former.iter().filter(move |profile| !texts.contains(profile)).map(side);
        objects.cloned().chain(erased)
    }

    fn texts(&self) -> BTreeSet<Digest> {
        self.profiles.values().chain(&self.notes).copied().collect()
    }

    /// Returns the places of derived files, the revocation list last.
    pub(crate) fn derived(&self) -> impl Iterator<Item = &str> {
        self.derived.iter().map(String::as_str).chain([paths::REVOCATIONS])
    }
}
