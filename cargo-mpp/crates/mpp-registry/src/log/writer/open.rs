//! Opening a log: replay of its leaves up to the checkpoint, then of the commits after it.

use std::collections::BTreeMap;

use mpp_host::causes::BoxedError;

use super::core::{Core, Head};
use super::{Fold, Options, WriterError};
use crate::log::checkpoint::Checkpoint;
use crate::log::derived::{self, Forwards};
use crate::log::files::read_bundle;
use crate::log::follow::Follower;
use crate::log::tree::{Tree, leaf_hash};
use crate::log::{LogError, ProofError, proof};
use crate::protocol::paths::{CHECKPOINT, TILE_WIDTH};
use crate::protocol::{Body, Genesis, Leaf};
use crate::store::Store;

impl<S: Fold> Core<S> {
    pub(super) async fn open(options: Options<S>) -> Result<Self, WriterError> {
        let Options { store, keys, clock, genesis, empty, derive, cached, poll: _ } = options;
        store.probe().await?;
        let derived = derived::marked(&store, keys.signer.verifier()).await?;
        let (head, effects, published, tag) = match store.get(CHECKPOINT).await? {
            None => (
                Head { state: empty, tree: Tree::new(), time: 0, bundle: Vec::new() },
                S::Effects::default(),
                None,
                None,
            ),
            Some(object) => {
                let checkpoint = keys.open_stored(&object.bytes)?;
                // A cached state must not be behind the derived files, whose effects it does not know.
                let cached = cached.filter(|(_, cached)| cached.size > 0 && cached.size <= derived);
                let (head, effects) = replay(&store, checkpoint.checkpoint(), empty, cached, derived).await?;
                (head, effects, Some(checkpoint), Some(object.etag))
            }
        };
        let mut core = Self {
            origin: genesis.registry.clone(),
            roots: BTreeMap::from([(head.tree.size(), head.tree.root())]),
            store,
            keys,
            clock,
            derive,
            head,
            unwritten: Vec::new(),
            published,
            tag,
            derived,
            effects,
            forwards: Forwards::default(),
            visible: None,
            unfinished: None,
            stopped: None,
        };
        core.catch_up().await?;
        core.check_memory().await?;
        core.check_start().await?;
        if core.head.tree.size() == 0 {
            core.append_genesis(&genesis).await?;
        }
        core.finish_in_time().await?;
        core.check_genesis(&genesis).await?;
        Ok(core)
    }

    /// Checks that the log extends the last checkpoint that this server signed.
    async fn check_memory(&self) -> Result<(), WriterError> {
        let Some(signed) = self.keys.remembered().map_err(WriterError::Memory)? else { return Ok(()) };
        let found = self.head.tree.size();
        let rollback = || WriterError::Rollback { signed: Box::new(signed.clone()), found };
        let published = self.published.as_ref().map(|published| published.checkpoint());
        match published.filter(|published| signed.size <= published.size) {
            Some(published) => match proof::consistency(&self.store, &signed, published).await {
                Err(ProofError::Fork { .. }) => Err(rollback()),
                result => Ok(result?),
            },
            // It was signed for a commit, and not published.
            None if self.roots.get(&signed.size) == Some(&signed.root) => Ok(()),
            None => Err(rollback()),
        }
    }

    /// Checks that the log contains the tree from which the log key counts.
    async fn check_start(&self) -> Result<(), WriterError> {
        let Some(start) = self.keys.start.as_ref().filter(|start| start.size > 0) else { return Ok(()) };
        let other = || WriterError::Start { start: Box::new(start.clone()), found: self.head.tree.size() };
        match self.published.as_ref().map(|published| published.checkpoint()).filter(|head| start.size <= head.size) {
            Some(head) => match proof::consistency(&self.store, start, head).await {
                Err(ProofError::Fork { .. }) => Err(other()),
                result => Ok(result?),
            },
            None if self.roots.get(&start.size) == Some(&start.root) => Ok(()),
            None => Err(other()),
        }
    }

    /// Checks that the log is the one of the expected registry.
    async fn check_genesis(&self, expected: &Genesis) -> Result<(), WriterError> {
        let size = self.published_size().min(TILE_WIDTH);
        let first = read_bundle(&self.store, 0, size).await?.into_iter().next().unwrap_or_default();
        match Leaf::parse(&first)?.body {
            Body::Genesis(found) if found.registry == expected.registry && found.root_key == expected.root_key => {
                Ok(())
            }
            Body::Genesis(found) => Err(WriterError::OtherRegistry { expected: named(expected), found: named(&found) }),
            _ => Err(WriterError::Leaf { index: 0, source: "the first leaf is not the registry's own record".into() }),
        }
    }
}

fn named(genesis: &Genesis) -> String {
    format!("{}` with the root key `{}", genesis.registry, genesis.root_key.to_base64())
}

/// Reads the log up to a checkpoint, from the cached state on if it belongs to the log.
async fn replay<S: Fold>(
    store: &Store,
    head: &Checkpoint,
    empty: S,
    cached: Option<(S, Checkpoint)>,
    derived: u64,
) -> Result<(Head<S>, S::Effects), WriterError> {
    if let Some((state, from)) = cached {
        match resume(store, head, state, &from, derived).await {
            Ok(result) => return Ok(result),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the cached state is not used");
            }
        }
    }
    read(store, head, empty, Follower::new(), derived).await
}

async fn resume<S: Fold>(
    store: &Store,
    head: &Checkpoint,
    state: S,
    from: &Checkpoint,
    derived: u64,
) -> Result<(Head<S>, S::Effects), WriterError> {
    proof::consistency(store, from, head).await?;
    let follower = Follower::after(store, from).await?;
    read(store, head, state, follower, derived).await
}

async fn read<S: Fold>(
    store: &Store,
    head: &Checkpoint,
    mut state: S,
    mut follower: Follower,
    derived: u64,
) -> Result<(Head<S>, S::Effects), WriterError> {
    let mut effects = S::Effects::default();
    let sink = |index, bytes: bytes::Bytes| -> Result<(), WriterError> {
        let leaf = Leaf::parse(&bytes)?;
        let refused = |error: S::Refusal| WriterError::Leaf { index, source: BoxedError::from(error) };
        let changed = state.apply(index, &leaf).map_err(refused)?;
        if index >= derived {
            S::merge(&mut effects, changed);
        }
        Ok(())
    };
    follower.advance(store, head, sink).await?;
    let tree = follower.tree().clone();
    let (time, bundle) = last_bundle(store, &tree, head).await?;
    Ok((Head { state, tree, time, bundle }, effects))
}

/// Returns the time of the last leaf, and the entries of the unfinished bundle.
async fn last_bundle(store: &Store, tree: &Tree, head: &Checkpoint) -> Result<(u64, Vec<bytes::Bytes>), WriterError> {
    let Some(last) = head.size.checked_sub(1) else { return Ok((0, Vec::new())) };
    let (number, width) = (last / TILE_WIDTH, last % TILE_WIDTH + 1);
    let entries = read_bundle(store, number, width).await?;
    let is_unfinished = width < TILE_WIDTH;
    // A cached state skips the leaves before it, so these entries may not have been compared with the tree yet.
    if is_unfinished && !tree.ends_in(entries.iter().map(|entry| leaf_hash(entry))) {
        return Err(LogError::Root { size: head.size }.into());
    }
    let time = entries.last().map(|leaf| Leaf::parse(leaf)).transpose()?.map_or(0, |leaf| leaf.time);
    Ok((time, if is_unfinished { entries } else { Vec::new() }))
}
