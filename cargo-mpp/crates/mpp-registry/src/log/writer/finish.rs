//! Finishing a commit: tiles, checkpoint and derived files (steps 5 to 7). Any server can do it, and all do the same.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::catch_up::Stored;
use super::core::Core;
use super::{Fold, View, WriterError};
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::derived::Derived;
use crate::log::tree::TileFile;
use crate::note::NoteSignature;
use crate::protocol::paths::{CHECKPOINT, TILE_WIDTH};
use crate::store::{StoreError, Updated, pause};

/// The number of objects that are written at the same time.
const AT_ONCE: usize = 8;
/// The number of attempts to write something that other servers write too.
const ATTEMPTS: u32 = 8;

impl<S: Fold> Core<S> {
    /// Finishes the log, and tries again for some seconds if the store fails.
    pub(super) async fn finish_in_time(&mut self) -> Result<(), WriterError> {
        let mut attempt = 0;
        loop {
            match self.finish().await {
                Err(error) if error.is_transient() && attempt < ATTEMPTS => pause(attempt).await,
                result => return result,
            }
            attempt += 1;
        }
    }

    async fn finish(&mut self) -> Result<(), WriterError> {
        let is_signed = self.published.as_ref().is_some_and(|published| self.keys.signed(published));
        if self.published_size() < self.head.tree.size() || !is_signed {
            self.write_tiles().await?;
            self.publish_checkpoint().await?;
        }
        let size = self.head.tree.size();
        if self.derived < size {
            let files = self.derive.derive(&self.head.state, &self.checkpoint(), &self.effects).await;
            let files = files.map_err(WriterError::Derive)?;
            self.publish(&files).await?;
            self.forwards.mark(&self.store, size, self.keys.signer.verifier()).await?;
            self.derived = size;
            self.effects = S::Effects::default();
        }
        self.show();
        Ok(())
    }

    /// Shows the log to readers.
    fn show(&mut self) {
        let Some(published) = self.published.clone() else { return };
        let is_shown = self.visible.as_ref().is_some_and(|view| view.checkpoint == published);
        if !is_shown {
            self.visible = Some(Arc::new(View { state: self.head.state.clone(), checkpoint: published }));
        }
    }

    /// Writes the tiles and bundles between the published checkpoint and the last commit (step 5).
    async fn write_tiles(&self) -> Result<(), WriterError> {
        let tree = &self.head.tree;
        let mut files: Vec<_> = self.unwritten.iter().cloned().chain(tree.partial_tiles()).collect();
        if !self.head.bundle.is_empty() {
            files.push(TileFile::bundle(tree.size() / TILE_WIDTH, &self.head.bundle));
        }
        let writes = stream::iter(files).map(|file| async move { self.store.put(&file.path, file.bytes).await });
        Ok(writes.buffer_unordered(AT_ONCE).try_collect::<()>().await?)
    }

    /// Publishes the checkpoint of the last commit, unless the stored one is as large (step 6).
    async fn publish_checkpoint(&mut self) -> Result<(), WriterError> {
        let signed = self.keys.sign(&self.checkpoint())?;
        self.keys.remember(&signed).await.map_err(WriterError::Memory)?;
        for attempt in 0..ATTEMPTS {
            if self.tag.is_none() {
                match self.look_at_checkpoint().await? {
                    Stored::Current => return Ok(()),
                    Stored::Behind => {}
                    Stored::Ahead => return self.follow_checkpoint().await,
                }
            }
            match self.replace_checkpoint(signed.clone()).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // The checkpoint may have been written: the next look tells.
                Err(error) if error.is_transient() && attempt + 1 < ATTEMPTS => pause(attempt).await,
                Err(error) => return Err(error),
            }
        }
        Err(contended(CHECKPOINT))
    }

    /// Replaces the checkpoint whose tag is known. Returns whether it was still the one.
    async fn replace_checkpoint(&mut self, signed: SignedCheckpoint) -> Result<bool, WriterError> {
        // If this fails, the tag is read again.
        let expected = self.tag.take();
        match self.store.update(CHECKPOINT, signed.bytes().into(), expected.as_ref()).await? {
            Updated::Conflict => Ok(false),
            Updated::Done(tag) => {
                self.tag = Some(tag);
                self.set_published(signed);
                Ok(true)
            }
        }
    }

    /// Follows another server that has published a larger checkpoint. Its commits are already there.
    async fn follow_checkpoint(&mut self) -> Result<(), WriterError> {
        for _ in 0..ATTEMPTS {
            self.catch_up().await?;
            match self.look_at_checkpoint().await? {
                Stored::Current => return Ok(()),
                Stored::Ahead => {}
                // Another server has committed and not published yet, or will not: the next attempt does it.
                Stored::Behind => return Err(contended(CHECKPOINT)),
            }
        }
        let stored = self.store.get(CHECKPOINT).await?;
        let stored = stored.and_then(|stored| self.keys.open(&stored.bytes).ok());
        let checkpoint = stored.map_or(0, |stored| stored.checkpoint().size);
        Err(WriterError::MissingCommit { checkpoint, commits: self.head.tree.size() })
    }

    /// Writes derived files that do not follow from a leaf, unless the log has been taken over with another log key.
    pub(super) async fn publish_more(&mut self, files: &[Derived]) -> Result<(), WriterError> {
        self.check_running()?;
        self.look_at_checkpoint().await.inspect_err(|error| self.note_failure(error))?;
        self.publish(files).await
    }

    /// Writes derived files, unless the stored ones are as new (step 7).
    async fn publish(&mut self, files: &[Derived]) -> Result<(), WriterError> {
        for file in files {
            self.forwards.write(&self.store, file).await?;
        }
        Ok(())
    }

    /// Adds cosignatures to the checkpoint of this size, if it still is the published one.
    pub(super) async fn cosign(&mut self, size: u64, signatures: Vec<NoteSignature>) -> Result<(), WriterError> {
        for _ in 0..ATTEMPTS {
            if self.tag.is_none() && !matches!(self.look_at_checkpoint().await?, Stored::Current) {
                return Ok(());
            }
            let published = self.published.as_ref().filter(|published| published.checkpoint().size == size);
            let Some(published) = published else { return Ok(()) };
            let cosigned = published.with(&signatures);
            if self.replace_checkpoint(cosigned).await? {
                self.show();
                return Ok(());
            }
        }
        Err(contended(CHECKPOINT))
    }
}

fn contended(path: &str) -> WriterError {
    WriterError::Store(StoreError::Contended { path: path.to_owned() })
}
