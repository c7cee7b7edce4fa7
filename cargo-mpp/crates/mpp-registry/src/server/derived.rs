//! Makes the files that are derived from the state, and erases what was taken down.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use mpp_host::causes::BoxedError;
use mpp_host::clock::Clock;
use mpp_host::keys::SigningKey;
use mpp_host::package::Manifest;

use crate::log::{Checkpoint, Derive, Derived};
use crate::protocol::files::IndexFile;
use crate::protocol::{Digest, PackageId, Signed, Timestamp, paths};
use crate::state::{Effects, State, VersionTexts};
use crate::store::Store;

/// The time for which a revocation list proves something.
const VALID: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes derived files.
#[derive(Debug, Clone)]
pub struct DerivedFiles {
    store: Store,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    erases: bool,
}

impl DerivedFiles {
    /// Creates a maker that signs with the log key, and erases from the store what was taken down.
    #[must_use]
    pub fn new(store: Store, key: SigningKey, clock: Arc<dyn Clock>) -> Self {
        Self { store, key, clock, erases: true }
    }

    /// Makes files without erasing anything, for a check.
    #[must_use]
    pub fn without_erasing(self) -> Self {
        Self { erases: false, ..self }
    }

    /// Makes the revocation list, which is signed again every hour.
    ///
    /// # Errors
    /// Returns an error if the list cannot be written as JSON.
    pub(super) fn revocations(&self, state: &State, head: &Checkpoint) -> Result<Derived, BoxedError> {
        let issued = Timestamp::from(self.clock.now());
        let list = state.revocations(head.root, issued, issued.after(VALID));
        Ok(Derived::new(paths::REVOCATIONS.to_owned(), Signed::sign(list, &self.key)?.bytes().to_vec()))
    }

    async fn index(&self, state: &State, id: &PackageId) -> Result<Option<Derived>, BoxedError> {
        let mut texts = self.known_texts(id).await?;
        for hash in state.manifests_of(id.as_str()).collect::<Vec<_>>() {
            if let Entry::Vacant(entry) = texts.entry(hash) {
                entry.insert(self.texts(&hash).await?);
            }
        }
        let file = state.index_file(id.as_str(), |hash| texts.get(hash).cloned().unwrap_or_default());
        let Some(file) = file else { return Ok(None) };
        Ok(Some(Derived::new(paths::index(id), Signed::sign(file, &self.key)?.bytes().to_vec())))
    }

    /// Returns the texts of the versions that the present index file has, so that their manifests need not be read again.
    async fn known_texts(&self, id: &PackageId) -> Result<HashMap<Digest, VersionTexts>, BoxedError> {
        let Some(object) = self.store.get(&paths::index(id)).await? else { return Ok(HashMap::new()) };
        // A file that this key did not sign is made anew.
        let Ok(file) = Signed::<IndexFile>::verify(&object.bytes, &self.key.public()) else {
            return Ok(HashMap::new());
        };
        let records = file.value().versions.iter().filter(|record| record.taken_down.is_none());
        Ok(records.map(|record| (record.manifest_hash, VersionTexts::of_record(record))).collect())
    }

    /// Reads the texts of a manifest.
    async fn texts(&self, hash: &Digest) -> Result<VersionTexts, BoxedError> {
        let path = paths::manifest(hash);
        let object = self.store.get(&path).await?.ok_or_else(|| format!("the manifest `{path}` is missing"))?;
        if Digest::of(&object.bytes) != *hash {
            return Err(format!("the manifest `{path}` is damaged").into());
        }
        Ok(VersionTexts::of(&Manifest::parse(&object.bytes)?))
    }

    async fn derive_all(
        &self,
        state: &State,
        head: &Checkpoint,
        effects: &Effects,
    ) -> Result<Vec<Derived>, BoxedError> {
        let mut files = Vec::new();
        for id in &effects.packages {
            files.extend(self.index(state, id).await?);
        }
        for key in &effects.publishers {
            if let Some(file) = state.publisher_file(key) {
                files.push(Derived::new(paths::publisher(key), Signed::sign(file, &self.key)?.bytes().to_vec()));
            }
        }
        if effects.revocations {
            files.push(self.revocations(state, head)?);
        }
        if self.erases {
            for hash in &effects.erased_blobs {
                self.store.delete(&paths::blob(hash)).await?;
            }
            for hash in &effects.erased_manifests {
                self.store.delete(&paths::manifest(hash)).await?;
            }
            self.erase_profiles(state, &effects.erased_profiles).await?;
            for (id, version, note) in &effects.erased_notes {
                // A later leaf can have named it again.
                if state.version(id.as_str(), version).and_then(|version| version.note) != Some(*note) {
                    self.store.delete(&paths::side(note)).await?;
                }
            }
        }
        Ok(files)
    }
}

impl DerivedFiles {
    /// Erases profiles that no publisher has any more: profiles are public, so two keys can name the same one.
    async fn erase_profiles(&self, state: &State, erased: &[Digest]) -> Result<(), BoxedError> {
        if erased.is_empty() {
            return Ok(());
        }
        let kept: HashSet<Digest> = state.publishers().filter_map(|(_, publisher)| publisher.profile).collect();
        for digest in erased.iter().filter(|digest| !kept.contains(digest)) {
            self.store.delete(&paths::side(digest)).await?;
        }
        Ok(())
    }
}

impl Derive<State> for DerivedFiles {
    fn derive<'a>(
        &'a self,
        state: &'a State,
        head: &'a Checkpoint,
        effects: &'a Effects,
    ) -> BoxFuture<'a, Result<Vec<Derived>, BoxedError>> {
        Box::pin(self.derive_all(state, head, effects))
    }
}
