//! The objects and files that leaves refer to.
//!
//! A mirror keeps this in memory for the whole log, so it consists of digests and not of paths, and clones of it share their parts.

mod object;
mod snapshot;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mpp_host::PublicKey;
use semver::{BuildMetadata, Version};

use crate::protocol::{Action, Digest, Leaf, PackageId, paths};
use crate::shards::Shards;

use object::Kind;
pub(crate) use object::Reference;

/// What the leaves of a log refer to, up to some size.
#[derive(Debug, Clone, Default)]
pub(crate) struct References {
    /// Every package that a leaf names, with its versions that were not taken down.
    packages: Shards<PackageId, Arc<BTreeMap<Version, Release>>>,
    /// Packages and manifests, also those that were taken down.
    objects: Shards<(Kind, Digest), Object>,
    /// The profiles of publishers.
    profiles: Shards<PublicKey, Digest>,
    /// Explanations of takedowns.
    notes: Shards<PackageId, Arc<BTreeMap<Version, Digest>>>,
    /// Texts that leaves name, with the number of publishers or versions that have them.
    texts: Shards<Digest, u32>,
    /// The keys that have a file of their own.
    publishers: Shards<PublicKey, ()>,
    /// Objects that later leaves have made obsolete since [`Self::take_erased`] was last called.
    to_erase: Vec<(Kind, Digest)>,
}

/// The objects of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Release {
    archive: Digest,
    size: u64,
    manifest: Digest,
}

impl Release {
    const fn objects(&self) -> [((Kind, Digest), Option<u64>); 2] {
        [((Kind::Blob, self.archive), Some(self.size)), ((Kind::Manifest, self.manifest), None)]
    }
}

/// A package or a manifest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Object {
    /// Size of the object, if a leaf says it.
    size: Option<u64>,
    /// The number of versions that have the object and were not taken down.
    uses: u32,
}

impl References {
    /// Adds what a leaf refers to.
    pub(crate) fn add(&mut self, leaf: &Leaf) {
        let Some(statement) = leaf.statement() else { return };
        let (key, action) = (statement.key(), &statement.statement().action);
        if let Some(package_id) = action.package_id()
            && !self.packages.contains(package_id)
        {
            self.packages.insert(package_id.clone(), Arc::default());
        }
        match action {
            Action::Register { profile } => self.register(*key, *profile),
            Action::Rotate { to } => {
                self.publishers.insert(*to, ());
                if let Some(profile) = self.profiles.get(key).copied()
                    && !self.profiles.contains(to)
                {
                    self.profiles.insert(*to, profile);
                    self.count(profile);
                }
            }
            Action::EraseProfile { publisher, .. } => {
                if let Some(erased) = self.profiles.get(publisher).copied() {
                    let before = self.profiles.len();
                    self.profiles.retain(|profile| *profile != erased);
                    (self.profiles.len()..before).for_each(|_| self.release_text(Some(erased)));
                }
            }
            Action::Publish { package_id, version, archive_hash, archive_size, manifest_hash, .. } => {
                let release = Release { archive: *archive_hash, size: *archive_size, manifest: *manifest_hash };
                self.publish(package_id, version, release);
            }
            Action::Takedown { package_id, version, note, .. } => {
                self.take_down(package_id, version);
                self.explain(package_id, version, *note);
            }
            _ => {}
        }
    }

    fn register(&mut self, key: PublicKey, profile: Option<Digest>) {
        self.publishers.insert(key, ());
        let former = self.profiles.remove(&key);
        if let Some(profile) = profile {
            self.profiles.insert(key, profile);
            self.count(profile);
        }
        self.release_text(former);
    }

    /// Replaces the explanation of a takedown.
    fn explain(&mut self, package_id: &PackageId, version: &Version, note: Option<Digest>) {
        if note.is_none() && !self.notes.contains(package_id) {
            return;
        }
        if !self.notes.contains(package_id) {
            self.notes.insert(package_id.clone(), Arc::default());
        }
        let Some(notes) = self.notes.get_mut(package_id).map(Arc::make_mut) else { return };
        let version = without_build(version);
        let former = match note {
            Some(note) => notes.insert(version, note),
            None => notes.remove(&version),
        };
        if let Some(note) = note {
            self.count(note);
        }
        self.release_text(former);
    }

    /// Counts one more publisher or version that has a text.
    fn count(&mut self, text: Digest) {
        match self.texts.get_mut(&text) {
            Some(uses) => *uses += 1,
            None => self.texts.insert(text, 1),
        }
    }

    fn release_text(&mut self, former: Option<Digest>) {
        if let Some(former) = former
            && let Some(uses) = self.texts.get_mut(&former)
        {
            *uses = uses.saturating_sub(1);
            if *uses == 0 {
                self.to_erase.push((Kind::Side, former));
            }
        }
    }

    fn publish(&mut self, package_id: &PackageId, version: &Version, release: Release) {
        let Some(versions) = self.packages.get_mut(package_id) else { return };
        let former = Arc::make_mut(versions).insert(without_build(version), release);
        for (name, size) in release.objects() {
            match self.objects.get_mut(&name) {
                Some(object) => object.uses += 1,
                None => self.objects.insert(name, Object { size, uses: 1 }),
            }
        }
        // No log has a version twice. If one had, the objects of the first would be like those of a version that was taken down.
        self.release(former);
    }

    fn take_down(&mut self, package_id: &PackageId, version: &Version) {
        let Some(versions) = self.packages.get_mut(package_id) else { return };
        let former = Arc::make_mut(versions).remove(&without_build(version));
        self.release(former);
    }

    fn release(&mut self, former: Option<Release>) {
        for (name, _) in former.iter().flat_map(Release::objects) {
            if let Some(object) = self.objects.get_mut(&name) {
                object.uses = object.uses.saturating_sub(1);
                if object.uses == 0 {
                    self.to_erase.push(name);
                }
            }
        }
    }

    /// Returns the objects that must exist.
    pub(crate) fn required(&self) -> impl Iterator<Item = Reference> {
        self.objects
            .iter()
            .filter(|(_, object)| object.uses > 0)
            .map(|(name, object)| Reference::new(name, object.size))
    }

    /// Returns the object at a path, if a leaf names it and it was not taken down.
    pub(crate) fn find(&self, path: &str) -> Option<Reference> {
        let name = object::parse(path)?;
        let size = match name.0 {
            Kind::Side => self.texts.get(&name.1).filter(|uses| **uses > 0).map(|_| None)?,
            _ => self.objects.get(&name).filter(|object| object.uses > 0)?.size,
        };
        Some(Reference::new(&name, size))
    }

    /// Returns the objects that may exist: texts that nobody has asked to erase. An operator can erase them all the same.
    pub(crate) fn optional(&self) -> impl Iterator<Item = Reference> {
        self.texts.iter().filter(|(_, uses)| **uses > 0).map(|(text, _)| Reference::new(&(Kind::Side, *text), None))
    }

    /// Returns the objects that must not exist any more.
    pub(crate) fn erased(&self) -> impl Iterator<Item = Reference> {
        let objects = self.objects.iter().filter(|(_, object)| object.uses == 0);
        let texts = self.texts.iter().filter(|(_, uses)| **uses == 0);
        let objects = objects.map(|(name, object)| Reference::new(name, object.size));
        objects.chain(texts.map(|(text, _)| Reference::new(&(Kind::Side, *text), None)))
    }

    /// Returns the paths of the objects that leaves have made obsolete since this was last called. An object that a version or a
    /// publisher has again is not among them.
    pub(crate) fn take_erased(&mut self) -> BTreeSet<String> {
        let named = std::mem::take(&mut self.to_erase);
        let paths = named.iter().map(object::path).collect::<BTreeSet<_>>();
        paths.into_iter().filter(|path| self.find(path).is_none()).collect()
    }

    /// Returns the places of derived files, the revocation list last.
    pub(crate) fn derived(&self) -> impl Iterator<Item = String> {
        let packages = self.packages.iter().map(|(package_id, _)| paths::index(package_id));
        let publishers = self.publishers.iter().map(|(key, ())| paths::publisher(key));
        packages.chain(publishers).chain([paths::REVOCATIONS.to_owned()])
    }
}

/// Build metadata makes no new version.
fn without_build(version: &Version) -> Version {
    Version { build: BuildMetadata::EMPTY, ..version.clone() }
}
