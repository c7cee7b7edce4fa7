//! Reading every leaf of a log, and checking that they give the roots of its checkpoints.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::checkpoint::Checkpoint;
use super::error::LogError;
use super::files::{Files, read_bundle};
use super::tree::Tree;
use crate::protocol::paths::TILE_WIDTH;

/// The number of bundles that are read ahead.
const AT_ONCE: usize = 8;

/// Reads the leaves of a log from one checkpoint to the next.
#[derive(Debug, Clone, Default)]
pub struct Follower {
    tree: Tree,
}

impl Follower {
    /// Creates a follower that begins with the first leaf.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a follower that begins after a checkpoint whose leaves it has read before.
    ///
    /// # Errors
    /// Returns [`LogError::Proof`] if the tiles cannot be read or do not give the root of the checkpoint.
    pub async fn after(files: &dyn Files, head: &Checkpoint) -> Result<Self, LogError> {
        Ok(Self { tree: Tree::load(files, head).await? })
    }

    /// Returns the number of leaves that have been read.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Returns the tree over the leaves that have been read.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Reads the leaves up to a checkpoint and passes them to `sink`. They are verified only when this function returns `Ok`:
    /// nothing may be done with them before.
    ///
    /// After an error, the follower is where it was, and can try again.
    ///
    /// # Errors
    /// Returns [`LogError::Proof`] if bundles cannot be read, [`LogError::Root`] if the leaves do not give the root of the
    /// checkpoint, or the error of `sink`.
    pub async fn advance<E: From<LogError>>(
        &mut self,
        files: &dyn Files,
        head: &Checkpoint,
        mut sink: impl FnMut(u64, Bytes) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut tree = self.tree.clone();
        let first = tree.size() / TILE_WIDTH;
        let end = if tree.size() < head.size { head.size.div_ceil(TILE_WIDTH) } else { first };
        let bundles = stream::iter(first..end).map(|number| {
            let width = (head.size - number * TILE_WIDTH).min(TILE_WIDTH);
            async move { (number, read_bundle(files, number, width).await) }
        });
        let mut bundles = bundles.buffered(AT_ONCE);
        while let Some((number, entries)) = bundles.next().await {
            let entries = entries.map_err(LogError::from)?;
            let known = usize::try_from(tree.size() - number * TILE_WIDTH).unwrap_or(usize::MAX);
            for entry in entries.into_iter().skip(known) {
                let index = tree.size();
                tree.push(&entry);
                sink(index, entry)?;
            }
        }
        drop(bundles);
        if tree.size() != head.size || tree.root() != head.root {
            return Err(LogError::Root { size: head.size }.into());
        }
        self.tree = tree;
        Ok(())
    }
}
