//! A copy of the log itself: its tiles and bundles, and what its leaves refer to.

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::checkpoint::Checkpoint;
use super::error::LogError;
use super::files::{Files, read_bundle};
use super::follow::Follower;
use super::proof_error::ProofError;
use super::references::References;
use super::tree::{TileFile, leaf_hash};
use crate::protocol::paths::TILE_WIDTH;
use crate::protocol::{Leaf, Origin};
use crate::store::{Store, StoreError};

/// The number of files that are written at the same time.
const AT_ONCE: usize = 8;
/// The number of leaves that are read, verified and written together, so that a long log does not fill the memory. Parts end where
/// bundles do.
const PART: u64 = 16 * TILE_WIDTH;

/// The error returned when a log cannot be read, or its copy cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogCopyError {
    /// The log of the source cannot be read or verified.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The destination cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies the tiles and bundles of a log, which are computed from its leaves, and keeps what the leaves refer to. A clone shares what
/// is large.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogCopy {
    follower: Follower,
    /// The entries of the unfinished bundle.
    bundle: Vec<Bytes>,
    references: References,
}

impl LogCopy {
    /// Returns a copy that goes on after a checkpoint whose leaves are in `store`, with what [`Self::to_document`] returned for it.
    /// `None` if the document is damaged, or if the store does not have the log up to the checkpoint.
    pub(crate) async fn resume(store: &Store, head: &Checkpoint, document: &[u8]) -> Option<Self> {
        let references = References::from_snapshot(document)?;
        let follower = Follower::after(store, head).await.ok()?;
        let (number, width) = (head.size / TILE_WIDTH, head.size % TILE_WIDTH);
        let bundle = match width {
            0 => Vec::new(),
            _ => read_bundle(store, number, width).await.ok()?,
        };
        let is_same = follower.tree().ends_in(bundle.iter().map(|entry| leaf_hash(entry)));
        is_same.then_some(Self { follower, bundle, references })
    }

    /// Returns the checkpoint of the leaves that were read.
    pub(crate) fn head(&self, origin: Origin) -> Checkpoint {
        Checkpoint::new(origin, self.follower.size(), self.follower.tree().root())
    }

    /// Returns what the leaves refer to as a document for [`Self::resume`].
    pub(crate) fn to_document(&self) -> Vec<u8> {
        self.references.to_snapshot()
    }

    /// Returns what the leaves that were read refer to.
    pub(crate) const fn references(&self) -> &References {
        &self.references
    }

    /// Erases what the leaves have made obsolete since this was last called.
    pub(crate) async fn erase(&mut self, store: &Store) -> Result<(), StoreError> {
        for path in self.references.take_erased() {
            store.delete(&path).await?;
        }
        Ok(())
    }

    /// Reads the leaves of `source` up to a checkpoint, and writes what `destination` does not have. Returns the number of files
    /// that were written. After an error, the copy is where it was, or later: nothing that was not verified is in it.
    pub(crate) async fn advance(
        &mut self,
        source: &dyn Files,
        destination: &Store,
        head: &Checkpoint,
    ) -> Result<u64, LogCopyError> {
        let mut written = 0;
        loop {
            let end = ((self.follower.size() / PART + 1) * PART).min(head.size);
            written += self.advance_to(source, destination, head, end).await?;
            if self.follower.size() >= head.size {
                return Ok(written);
            }
        }
    }

    async fn advance_to(
        &mut self,
        source: &dyn Files,
        destination: &Store,
        head: &Checkpoint,
        end: u64,
    ) -> Result<u64, LogCopyError> {
        let mut next = self.clone();
        let mut tree = next.follower.tree().clone();
        let mut files: Vec<TileFile> = Vec::new();
        let sink = |_, bytes: Bytes| -> Result<(), LogError> {
            next.references.add(&Leaf::parse(&bytes)?);
            tree.push_and_finish(&bytes, &mut |tile| files.push(tile));
            next.bundle.push(bytes);
            if next.bundle.len() as u64 == TILE_WIDTH {
                files.push(TileFile::bundle(tree.size() / TILE_WIDTH - 1, &next.bundle));
                next.bundle.clear();
            }
            Ok(())
        };
        next.follower.advance_to(source, head, end, sink).await?;
        if end == head.size {
            files.extend(tree.partial_tiles());
            if !next.bundle.is_empty() {
                files.push(TileFile::bundle(tree.size() / TILE_WIDTH, &next.bundle));
            }
        }
        let written = stream::iter(files).map(|file| async move {
            if destination.head(&file.path).await?.is_some() {
                return Ok::<u64, LogCopyError>(0);
            }
            destination.put(&file.path, file.bytes).await?;
            Ok(1)
        });
        let written = written.buffer_unordered(AT_ONCE).try_fold(0, |sum, one| async move { Ok(sum + one) }).await?;
        *self = next;
        Ok(written)
    }
}

impl From<ProofError> for LogCopyError {
    fn from(error: ProofError) -> Self {
        Self::Log(error.into())
    }
}
