//! Pull-through mirrors: verified, unchanged copies of the files of another registry.
//!
//! A mirror follows the log of the registry and computes its tiles; packages, texts and derived files are fetched when somebody asks
//! for them, and kept. Everything is verified before it is served, and nothing is signed: clients check the same signatures and
//! proofs as if they had asked the registry itself. A checkpoint never moves back, also if the registry or something in front of
//! it serves an older one.

mod error;
mod http;
mod memory;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use mpp_host::causes::BoxedError;
use tokio::sync::{Mutex, RwLock};
use tokio::time::Instant;

pub use error::MirrorError;
pub use http::{MirrorOptions, MirrorServer};
use memory::Memory;

use crate::log::{
    Checkpoint, CheckpointError, Derived, Files, LogCopy, LogError, ProofError, SignedCheckpoint, proof, publish_copy,
    publish_forwards, tree_size,
};
use crate::note::{Algorithm, Note, VerifierKey};
use crate::protocol::files::{IndexFile, PublisherFile, Revocations, WellKnown};
use crate::protocol::{Digest, Origin, Signed, paths};
use crate::store::Store;

/// The time for which a file that can change is served without asking the registry again.
const FRESH: Duration = Duration::from_secs(3);
/// The number of files whose last look is remembered.
const MAX_LOOKS: usize = 10_000;

/// A mirror of one registry.
pub struct Mirror {
    upstream: Arc<dyn Files>,
    store: Store,
    root_key: VerifierKey,
    origin: Origin,
    known: RwLock<Known>,
    /// Only one request at a time asks for the checkpoint.
    turn: Mutex<Option<Instant>>,
    looks: std::sync::Mutex<HashMap<String, Instant>>,
    memory: Memory,
}

/// What the mirror has verified.
#[derive(Clone, Default)]
struct Known {
    description: Option<Arc<WellKnown>>,
    log: Arc<LogCopy>,
    size: u64,
}

impl Mirror {
    /// Opens a mirror of the registry with this root key. What its store contains already is verified again, except for the leaves
    /// that it has verified before and remembers in the directory `cache`.
    ///
    /// # Errors
    /// Returns [`MirrorError`] if the store cannot be read, or if it contains the files of another registry.
    pub async fn open(
        upstream: Arc<dyn Files>,
        store: Store,
        root_key: VerifierKey,
        cache: Option<PathBuf>,
    ) -> Result<Self, MirrorError> {
        let origin = Origin::parse(root_key.name())?;
        let mirror = Self {
            upstream,
            store,
            root_key,
            origin,
            known: RwLock::default(),
            turn: Mutex::default(),
            looks: std::sync::Mutex::default(),
            memory: Memory::new(cache),
        };
        if let Some(object) = mirror.store.get(paths::WELL_KNOWN).await? {
            let description = mirror.description(&object.bytes)?;
            let mut known = Known { description: Some(Arc::new(description)), ..Known::default() };
            if let Some(object) = mirror.store.get(paths::CHECKPOINT).await? {
                let head = mirror.stored_head(&known, &object.bytes)?;
                let mut log = mirror.memory.read(&mirror.store, &head).await;
                log.advance(&mirror.store, &mirror.store, &head).await?;
                log.erase(&mirror.store).await?;
                (known.log, known.size) = (Arc::new(log), head.size);
            }
            *mirror.known.write().await = known;
        }
        Ok(mirror)
    }

    /// Remembers what the leaves refer to, if that is worth it or if `is_last`, so that the next start need not read them again.
    pub(crate) async fn remember(&self, is_last: bool) {
        let log = Arc::clone(&self.known.read().await.log);
        self.memory.write(&self.origin, log, is_last).await;
    }

    /// Reads the stored checkpoint. Its signature was verified before it was stored; if a later description names another log key, then
    /// the next checkpoint of the registry has that signature.
    fn stored_head(&self, known: &Known, bytes: &[u8]) -> Result<Checkpoint, MirrorError> {
        if let Ok(signed) = SignedCheckpoint::open(bytes, &self.log_key(known)?) {
            return Ok(signed.checkpoint().clone());
        }
        let note = Note::parse(bytes).map_err(CheckpointError::from)?;
        let head = Checkpoint::parse(note.text())?;
        self.origin.check("the checkpoint", &head.origin)?;
        Ok(head)
    }

    /// Returns the origin of the registry.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the size of the log that the mirror has.
    pub async fn size(&self) -> u64 {
        self.known.read().await.size
    }

    /// Returns the store with the files that the mirror has.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Asks the registry for its description and its checkpoint, and copies the log up to it.
    ///
    /// # Errors
    /// Returns [`MirrorError`] if the registry cannot be reached, or serves something that cannot be verified or contradicts what it
    /// served before. The mirror goes on serving what it has.
    pub async fn refresh(&self) -> Result<(), MirrorError> {
        let mut turn = self.turn.lock().await;
        let result = self.refresh_now().await;
        *turn = Some(Instant::now());
        result
    }

    async fn refresh_now(&self) -> Result<(), MirrorError> {
        let mut known = self.known.read().await.clone();
        let bytes = self.fetch(paths::WELL_KNOWN).await?.ok_or(MirrorError::Missing(paths::WELL_KNOWN))?;
        let description = self.description(&bytes)?;
        let is_later = known.description.as_ref().is_none_or(|before| before.version < description.version);
        let description_bytes = is_later.then_some(bytes);
        if is_later {
            known.description = Some(Arc::new(description));
        }
        let bytes = self.fetch(paths::CHECKPOINT).await?.ok_or(MirrorError::Missing(paths::CHECKPOINT))?;
        let signed = SignedCheckpoint::open(&bytes, &self.log_key(&known)?)?;
        let head = signed.checkpoint();
        if head.size > known.size {
            let mut log = LogCopy::clone(&known.log);
            log.advance(&*self.upstream, &self.store, head).await?;
            log.erase(&self.store).await?;
            known.log = Arc::new(log);
        }
        if let Some(bytes) = description_bytes {
            self.check_start(&known, head).await?;
            self.replace(paths::WELL_KNOWN, bytes).await?;
        }
        // Writes nothing that is older, and is an error for what contradicts the stored checkpoint.
        publish_copy(&self.store, &signed).await?;
        known.size = known.size.max(head.size);
        *self.known.write().await = known;
        Ok(())
    }

    /// Checks that the log contains the tree from which the log key counts.
    async fn check_start(&self, known: &Known, head: &Checkpoint) -> Result<(), MirrorError> {
        let Some(description) = known.description.as_ref().filter(|description| description.from_size > 0) else {
            return Ok(());
        };
        let start = Checkpoint::new(self.origin.clone(), description.from_size, description.from_root);
        if head.size < start.size {
            // A cache has the checkpoint from before.
            return Err(LogError::from(ProofError::NotYet { index: start.size, size: head.size }).into());
        }
        Ok(proof::consistency(&self.store, &start, head).await.map_err(LogError::from)?)
    }

    /// Brings a file into the store, or up to date, if the registry has it. If the registry cannot be reached, the file stays as it
    /// is.
    ///
    /// # Errors
    /// Returns [`MirrorError`] if the store fails, or if the file of the registry cannot be verified.
    pub async fn prepare(&self, path: &str) -> Result<(), MirrorError> {
        let is_known = !matches!(path, paths::WELL_KNOWN | paths::CHECKPOINT) && !path.starts_with("log/tile/");
        if !is_known {
            return self.refresh_if_old().await;
        }
        let hashed = ["blobs/", "manifests/", "side/"].iter().any(|folder| path.starts_with(folder));
        if hashed { self.prepare_object(path).await } else { self.prepare_derived(path).await }
    }

    async fn refresh_if_old(&self) -> Result<(), MirrorError> {
        {
            let turn = self.turn.lock().await;
            if turn.is_some_and(|looked| looked.elapsed() < FRESH) {
                return Ok(());
            }
        }
        match self.refresh().await {
            Err(error) if error.is_upstream() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the registry cannot be reached");
                Ok(())
            }
            result => result,
        }
    }

    /// Fetches an object that a leaf names.
    async fn prepare_object(&self, path: &str) -> Result<(), MirrorError> {
        if self.store.head(path).await?.is_some() {
            return Ok(());
        }
        if self.known.read().await.log.references().find(path).is_none() {
            self.refresh_if_old().await?;
        }
        let Some(object) = self.known.read().await.log.references().find(path) else { return Ok(()) };
        let Some(bytes) = self.fetch(path).await? else { return Ok(()) };
        if Digest::of(&bytes) != object.digest || object.size.is_some_and(|size| size != bytes.len() as u64) {
            return Err(MirrorError::Object(path.to_owned()));
        }
        self.store.put(path, bytes).await?;
        let is_gone = self.known.read().await.log.references().find(path).is_none();
        if is_gone {
            // It was taken down meanwhile.
            self.store.delete(path).await?;
        }
        Ok(())
    }

    /// Fetches a derived file, verifies it, and replaces an older one.
    async fn prepare_derived(&self, path: &str) -> Result<(), MirrorError> {
        if !self.is_due(path) {
            return Ok(());
        }
        let bytes = match self.fetch(path).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, path, "the registry cannot be reached");
                return Ok(());
            }
        };
        self.verify_derived(path, &bytes).await?;
        let size = tree_size(&bytes).unwrap_or(u64::MAX);
        if size > self.size().await {
            self.refresh().await?;
        }
        // A file may lag behind the checkpoint that is served with it, but never lead it.
        if size <= self.size().await {
            publish_forwards(&self.store, &Derived::new(path.to_owned(), bytes)).await?;
        }
        Ok(())
    }

    async fn verify_derived(&self, path: &str, bytes: &Bytes) -> Result<(), MirrorError> {
        let known = self.known.read().await.clone();
        let key = *self.log_key(&known)?.key();
        let (registry, place) = if path.starts_with("index/") {
            let file = Signed::<IndexFile>::verify(bytes, &key)?.into_value();
            (file.registry, paths::index(&file.package_id))
        } else if path.starts_with("publishers/") {
            let file = Signed::<PublisherFile>::verify(bytes, &key)?.into_value();
            (file.registry, paths::publisher(&file.key))
        } else {
            (Signed::<Revocations>::verify(bytes, &key)?.into_value().registry, paths::REVOCATIONS.to_owned())
        };
        self.origin.check("the file", &registry)?;
        match place == path {
            true => Ok(()),
            false => Err(MirrorError::Object(path.to_owned())),
        }
    }

    /// Returns whether a file was last fetched long enough ago, and notes that it is fetched now.
    fn is_due(&self, path: &str) -> bool {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.get(path).is_some_and(|looked| looked.elapsed() < FRESH) {
            return false;
        }
        if looks.len() >= MAX_LOOKS {
            looks.clear();
        }
        looks.insert(path.to_owned(), Instant::now());
        true
    }

    fn description(&self, bytes: &[u8]) -> Result<WellKnown, MirrorError> {
        let description = Signed::<WellKnown>::verify(bytes, self.root_key.key())?.into_value();
        self.origin.check("the description of the registry", &description.registry)?;
        Ok(description)
    }

    fn log_key(&self, known: &Known) -> Result<VerifierKey, MirrorError> {
        let description = known.description.as_ref().ok_or(MirrorError::Missing(paths::WELL_KNOWN))?;
        VerifierKey::new(self.origin.as_str(), Algorithm::Ed25519, description.log_key)
            .map_err(|error| MirrorError::Log(CheckpointError::from(error).into()))
    }

    async fn replace(&self, path: &'static str, bytes: Bytes) -> Result<(), MirrorError> {
        let tag = self.store.head(path).await?.map(|meta| meta.etag);
        self.store.update(path, bytes, tag.as_ref()).await?;
        Ok(())
    }

    async fn fetch(&self, path: &str) -> Result<Option<Bytes>, MirrorError> {
        let failed = |source: BoxedError| MirrorError::Upstream { path: path.to_owned(), source };
        self.upstream.read(path).await.map_err(failed)
    }
}

impl std::fmt::Debug for Mirror {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mirror").field("origin", &self.origin).field("store", &self.store).finish_non_exhaustive()
    }
}
