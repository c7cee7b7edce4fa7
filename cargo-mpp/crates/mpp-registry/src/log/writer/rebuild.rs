//! Rebuilding what follows from the commits: tiles, bundles and derived files.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::core::Core;
use super::{Fold, Options, WriterError};
use crate::log::LogError;
use crate::log::commit::{self, Commit};
use crate::log::derived;
use crate::log::keys::LogKeys;
use crate::log::tree::{TileFile, Tree};
use crate::protocol::paths::{CHECKPOINT, TILE_WIDTH};
use crate::store::Store;

/// What was rebuilt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rebuilt {
    /// The size of the log.
    pub leaves: u64,
    /// The number of tiles and bundles that were missing or different.
    pub tiles: u64,
    /// The number of derived files that were missing or different.
    pub derived: u64,
    /// The number of derived files that belong to nothing in the log, and were deleted.
    pub deleted: u64,
}

/// Writes every tile, bundle and derived file again that is missing or different. No other server should use the store meanwhile.
///
/// Tiles are made from the commit objects, which have to give the root of the signed checkpoint. A public copy has no commit
/// objects: there only derived files are rebuilt.
///
/// # Errors
/// Returns [`WriterError`] if the store fails, or if commits, checkpoint and leaves contradict each other.
pub async fn rebuild<S: Fold>(options: Options<S>) -> Result<Rebuilt, WriterError> {
    let store = options.store.clone();
    let tiles = rebuild_tiles(&store, &options.keys).await?;
    let core = Core::open(options).await?;
    let (state, head) = (&core.head.state, core.checkpoint());
    let files = core.derive.derive(state, &head, &state.all_effects()).await.map_err(WriterError::Derive)?;
    let mut rebuilt = Rebuilt { leaves: head.size, tiles, ..Rebuilt::default() };
    for file in &files {
        rebuilt.derived += u64::from(derived::replace(&store, file).await?);
    }
    let expected: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    rebuilt.deleted = derived::delete_others(&store, &expected).await?;
    Ok(rebuilt)
}

/// Rebuilds the tiles and bundles up to the checkpoint. What comes after it is written when the log is opened.
async fn rebuild_tiles(store: &Store, keys: &LogKeys) -> Result<u64, WriterError> {
    let Some(object) = store.get(CHECKPOINT).await? else { return Ok(0) };
    let head = keys.open(&object.bytes)?.checkpoint().clone();
    if store.head(&commit::path(0)).await?.is_none() {
        return Ok(0);
    }
    // The commits are believed only if they give the signed root.
    let mut files = Files::default();
    while files.tree.size() < head.size {
        files.read_commit(store).await?;
        files.finished.clear();
    }
    if files.tree.size() != head.size || files.tree.root() != head.root {
        return Err(LogError::Root { size: head.size }.into());
    }
    let (mut files, mut rebuilt) = (Files::default(), 0);
    while files.tree.size() < head.size {
        files.read_commit(store).await?;
        for file in files.finished.drain(..) {
            rebuilt += restore(store, file).await?;
        }
    }
    for file in files.partial() {
        rebuilt += restore(store, file).await?;
    }
    Ok(rebuilt)
}

/// The tiles and bundles that follow from commits.
#[derive(Default)]
struct Files {
    tree: Tree,
    bundle: Vec<Bytes>,
    finished: Vec<TileFile>,
}

impl Files {
    async fn read_commit(&mut self, store: &Store) -> Result<(), WriterError> {
        let path = commit::path(self.tree.size());
        let damaged = |reason| WriterError::Commit { path: path.clone(), reason };
        let object = store.get(&path).await?.ok_or_else(|| damaged("it does not exist"))?;
        for leaf in Commit::parse(&object.bytes, self.tree.size()).map_err(damaged)?.leaves {
            self.tree.push_and_finish(&leaf, &mut |tile| self.finished.push(tile));
            self.bundle.push(leaf);
            if self.bundle.len() as u64 == TILE_WIDTH {
                self.finished.push(TileFile::bundle(self.tree.size() / TILE_WIDTH - 1, &self.bundle));
                self.bundle.clear();
            }
        }
        Ok(())
    }

    fn partial(&self) -> Vec<TileFile> {
        let bundle = TileFile::bundle(self.tree.size() / TILE_WIDTH, &self.bundle);
        self.tree.partial_tiles().chain((!self.bundle.is_empty()).then_some(bundle)).collect()
    }
}

async fn restore(store: &Store, file: TileFile) -> Result<u64, WriterError> {
    let stored = store.get(&file.path).await?;
    if stored.as_ref().is_some_and(|stored| stored.bytes == file.bytes) {
        return Ok(0);
    }
    store.update(&file.path, file.bytes, stored.map(|stored| stored.etag).as_ref()).await?;
    Ok(1)
}
