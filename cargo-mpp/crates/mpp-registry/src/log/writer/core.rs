//! What the writer knows: the tree, the state after its last leaf, and what of it has been published.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use mpp_host::clock::Clock;

use super::{Derive, Fold, View, WriterError};
use crate::log::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::log::derived::Forwards;
use crate::log::keys::LogKeys;
use crate::log::tree::{TileFile, Tree};
use crate::protocol::paths::TILE_WIDTH;
use crate::protocol::{Digest, Leaf, Origin};
use crate::store::{ETag, Store};

/// The knowledge of the writer.
pub(super) struct Core<S: Fold> {
    pub(super) store: Store,
    pub(super) keys: LogKeys,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) derive: Arc<dyn Derive<S>>,
    pub(super) origin: Origin,
    /// The log up to its last commit.
    pub(super) head: Head<S>,
    /// Tiles and bundles that were completed after the published checkpoint.
    pub(super) unwritten: Vec<TileFile>,
    /// The roots at the published checkpoint and after each commit since.
    pub(super) roots: BTreeMap<u64, Digest>,
    /// The stored checkpoint, as far as this server knows, and its tag.
    pub(super) published: Option<SignedCheckpoint>,
    pub(super) tag: Option<ETag>,
    /// The size up to which derived files have been written, and the effects of the leaves after it.
    pub(super) derived: u64,
    pub(super) effects: S::Effects,
    pub(super) forwards: Forwards,
    /// What readers see.
    pub(super) visible: Option<Arc<View<S>>>,
    /// The size of an unfinished commit of another server that was seen before.
    pub(super) unfinished: Option<u64>,
    /// The reason why the writer stopped.
    pub(super) stopped: Option<String>,
}

/// The log up to some leaf.
#[derive(Clone)]
pub(super) struct Head<S> {
    pub(super) state: S,
    pub(super) tree: Tree,
    /// The time of the last leaf.
    pub(super) time: u64,
    /// The entries of the unfinished bundle.
    pub(super) bundle: Vec<Bytes>,
}

/// A log that grows by leaves that are not committed yet.
pub(super) struct Growth<S: Fold> {
    pub(super) head: Head<S>,
    pub(super) leaves: Vec<Bytes>,
    finished: Vec<TileFile>,
    effects: S::Effects,
}

impl<S: Fold> Core<S> {
    /// Returns what readers see.
    pub(super) fn view(&self) -> Result<Arc<View<S>>, WriterError> {
        self.visible.clone().ok_or(WriterError::Closed)
    }

    /// Returns a log that can grow by a batch.
    pub(super) fn grow(&self) -> Growth<S> {
        Growth { head: self.head.clone(), leaves: Vec::new(), finished: Vec::new(), effects: S::Effects::default() }
    }

    /// Takes over a batch that has been committed.
    pub(super) fn adopt(&mut self, growth: Growth<S>) {
        self.head = growth.head;
        self.unwritten.extend(growth.finished);
        self.roots.insert(self.head.tree.size(), self.head.tree.root());
        S::merge(&mut self.effects, growth.effects);
    }

    /// Returns the checkpoint of the last commit.
    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint::new(self.origin.clone(), self.head.tree.size(), self.head.tree.root())
    }

    /// Returns the size of the stored checkpoint.
    pub(super) fn published_size(&self) -> u64 {
        self.published.as_ref().map_or(0, |published| published.checkpoint().size)
    }

    /// Remembers that the log accepts no changes any more, if the error is not one that passes.
    pub(super) fn note_failure(&mut self, error: &WriterError) {
        if !error.is_transient() {
            self.stopped = Some(mpp_host::causes::with_causes(error));
        }
    }

    /// Returns the error of a writer that has stopped.
    pub(super) fn check_running(&self) -> Result<(), WriterError> {
        self.stopped.as_ref().map_or(Ok(()), |reason| Err(WriterError::Stopped(reason.clone())))
    }
}

impl<S: Fold> Growth<S> {
    /// Appends a leaf, if it fits the state.
    pub(super) fn push(&mut self, leaf: &Leaf, bytes: Bytes) -> Result<(), S::Refusal> {
        let effects = self.head.state.apply(self.head.tree.size(), leaf)?;
        S::merge(&mut self.effects, effects);
        self.head.time = leaf.time;
        self.head.tree.push_and_finish(&bytes, &mut |tile| self.finished.push(tile));
        self.head.bundle.push(bytes.clone());
        if self.head.bundle.len() as u64 == TILE_WIDTH {
            let number = self.head.tree.size() / TILE_WIDTH - 1;
            self.finished.push(TileFile::bundle(number, &self.head.bundle));
            self.head.bundle.clear();
        }
        self.leaves.push(bytes);
        Ok(())
    }
}
