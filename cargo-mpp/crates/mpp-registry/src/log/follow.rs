//! Reading every leaf of a log, and checking that they give the roots of its checkpoints.

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::checkpoint::Checkpoint;
use super::error::LogError;
use super::files::{Files, read_bundle};
use super::proof;
use super::proof_error::ProofError;
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
        sink: impl FnMut(u64, Bytes) -> Result<(), E>,
    ) -> Result<(), E> {
        self.advance_to(files, head, head.size, sink).await
    }

    /// Reads the leaves of a checkpoint up to the first `end` of them, and passes them to `sink` as [`Self::advance`] does. So a
    /// reader need not hold a whole log until it is verified.
    ///
    /// # Errors
    /// As for [`Self::advance`].
    pub async fn advance_to<E: From<LogError>>(
        &mut self,
        files: &dyn Files,
        head: &Checkpoint,
        end: u64,
        mut sink: impl FnMut(u64, Bytes) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut tree = self.tree.clone();
        let first = tree.size() / TILE_WIDTH;
        let last = if tree.size() < end { end.div_ceil(TILE_WIDTH) } else { first };
        let bundles = stream::iter(first..last).map(|number| {
            let width = (end - number * TILE_WIDTH).min(TILE_WIDTH);
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
        check(files, head, end, &tree).await?;
        self.tree = tree;
        Ok(())
    }
}

/// Checks that a tree has the first `end` leaves of a checkpoint.
async fn check(files: &dyn Files, head: &Checkpoint, end: u64, tree: &Tree) -> Result<(), LogError> {
    let failed = LogError::Root { size: head.size };
    if tree.size() != end || end > head.size {
        return Err(failed);
    }
    if end == head.size {
        return if tree.root() == head.root { Ok(()) } else { Err(failed) };
    }
    let part = Checkpoint::new(head.origin.clone(), end, tree.root());
    match proof::consistency(files, &part, head).await {
        // That is no contradiction between two checkpoints: nobody has signed the smaller one.
        Err(ProofError::Fork { .. }) => Err(failed),
        proved => Ok(proved?),
    }
}
