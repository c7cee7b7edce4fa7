//! Catching up: the commits of other servers, and the stored checkpoint.

use super::core::Core;
use super::{Fold, WriterError};
use crate::log::checkpoint::SignedCheckpoint;
use crate::log::commit::{self, Commit};
use crate::log::derived;
use crate::log::{LogError, ProofError};
use crate::protocol::Leaf;
use crate::protocol::paths::CHECKPOINT;

/// What a look at the stored checkpoint found.
pub(super) enum Stored {
    /// There is none, or it is smaller than the log, or a former key signed it.
    Behind,
    /// It is that of the log.
    Current,
    /// It is larger than the log that this server knows.
    Ahead,
}

impl<S: Fold> Core<S> {
    /// Reads commits until there are no more (step 1).
    pub(super) async fn catch_up(&mut self) -> Result<(), WriterError> {
        loop {
            let size = self.head.tree.size();
            let path = commit::path(size);
            let Some(object) = self.store.get(&path).await? else { return Ok(()) };
            let damaged = |reason| WriterError::Commit { path: path.clone(), reason };
            let commit = Commit::parse(&object.bytes, size).map_err(damaged)?;
            let mut growth = self.grow();
            for bytes in commit.leaves {
                let index = growth.head.tree.size();
                let leaf = Leaf::parse(&bytes)?;
                if leaf.time < growth.head.time {
                    return Err(damaged("a leaf is earlier than the one before it"));
                }
                growth.push(&leaf, bytes).map_err(|error| WriterError::Leaf { index, source: error.into() })?;
            }
            if growth.head.tree.root() != commit.header.root {
                return Err(damaged("its leaves do not lead to the root that it names"));
            }
            self.adopt(growth);
        }
    }

    /// Catches up and finishes whatever is unfinished.
    pub(super) async fn refresh(&mut self) -> Result<(), WriterError> {
        self.check_running()?;
        let result = match self.catch_up().await {
            Ok(()) => self.finish_in_time().await,
            error => error,
        };
        result.inspect_err(|error| self.note_failure(error))
    }

    /// Catches up, and finishes what is unfinished if it was so at the last look too: the server that committed it is given the
    /// time to do so itself.
    pub(super) async fn look_around(&mut self) -> Result<(), WriterError> {
        self.check_running()?;
        let result = self.look_again().await;
        result.inspect_err(|error| self.note_failure(error))
    }

    async fn look_again(&mut self) -> Result<(), WriterError> {
        self.catch_up().await?;
        let size = self.head.tree.size();
        let is_known = self.visible.as_ref().is_some_and(|view| view.checkpoint.checkpoint().size == size);
        if is_known {
            self.unfinished = None;
            return Ok(());
        }
        let was_seen = self.unfinished.replace(size) == Some(size);
        if !was_seen {
            let is_published = matches!(self.look_at_checkpoint().await?, Stored::Current);
            if !is_published || derived::marked(&self.store, self.keys.signer.verifier()).await? < size {
                return Ok(());
            }
            self.derived = size;
            self.effects = S::Effects::default();
        }
        self.finish_in_time().await
    }

    /// Reads the stored checkpoint, and checks that it belongs to the log.
    pub(super) async fn look_at_checkpoint(&mut self) -> Result<Stored, WriterError> {
        let Some(object) = self.store.get(CHECKPOINT).await? else {
            self.tag = None;
            return match &self.published {
                None => Ok(Stored::Behind),
                Some(published) => Err(rolled_back(published, 0)),
            };
        };
        let stored = self.keys.open(&object.bytes)?;
        // Once the new log key has signed, nothing that a former one signs counts.
        let has_taken_over = self.published.as_ref().is_some_and(|published| self.keys.signed(published));
        if has_taken_over && !self.keys.signed(&stored) {
            SignedCheckpoint::open(&object.bytes, self.keys.signer.verifier())?;
        }
        let (size, ours) = (stored.checkpoint().size, self.head.tree.size());
        if let Some(published) = self.published.as_ref().filter(|published| size < published.checkpoint().size) {
            return Err(rolled_back(published, size));
        }
        self.tag = Some(object.etag);
        if size > ours {
            return Ok(Stored::Ahead);
        }
        // Checkpoints are made for commits only.
        if self.roots.get(&size) != Some(&stored.checkpoint().root) {
            let newer = Box::new(self.checkpoint());
            let fork = ProofError::Fork { older: Box::new(stored.checkpoint().clone()), newer };
            return Err(LogError::from(fork).into());
        }
        let is_current = size == ours && self.keys.signed(&stored);
        self.set_published(stored);
        Ok(if is_current { Stored::Current } else { Stored::Behind })
    }

    pub(super) fn set_published(&mut self, checkpoint: SignedCheckpoint) {
        let size = checkpoint.checkpoint().size;
        self.roots = self.roots.split_off(&size);
        if size == self.head.tree.size() {
            self.unwritten.clear();
        }
        self.published = Some(checkpoint);
    }
}

fn rolled_back(published: &SignedCheckpoint, found: u64) -> WriterError {
    WriterError::Rollback { signed: Box::new(published.checkpoint().clone()), found }
}
