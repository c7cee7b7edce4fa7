//! A Merkle tree that grows: it keeps the hashes of its unfinished tiles only.

use tlog_tiles::{Hash, Tile, node_hash, record_hash};

use super::checkpoint::Checkpoint;
use super::files::{Files, read_tile};
use super::proof_error::ProofError;
use crate::protocol::Digest;
use crate::protocol::paths::{self, TILE_WIDTH};

/// Returns the hash of a leaf (RFC 6962, section 2.1).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::from_bytes(record_hash(leaf).0)
}

/// A Merkle tree over the leaves of a log, which can only grow.
///
/// ```
/// use mpp_registry::log::Tree;
/// let mut tree = Tree::new();
/// tree.push(b"leaf");
/// assert_eq!(tree.size(), 1);
/// assert_eq!(tree.root(), mpp_registry::log::leaf_hash(b"leaf"));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tree {
    size: u64,
    /// For each level of tiles, the hashes of its last tile, which has fewer than 256.
    levels: Vec<Vec<Hash>>,
}

/// A tile that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TileFile {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

impl Tree {
    /// Creates the empty tree.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the unfinished tiles of the tree of a checkpoint, and checks that they give its root.
    ///
    /// # Errors
    /// Returns [`ProofError`] if a tile cannot be read, or if the tiles do not give the root.
    pub async fn load(files: &dyn Files, head: &Checkpoint) -> Result<Self, ProofError> {
        let mut tree = Self { size: head.size, levels: Vec::new() };
        let (mut level, mut count) = (0, head.size);
        while count > 0 {
            let (number, width) = (count / TILE_WIDTH, count % TILE_WIDTH);
            let tile = match width {
                0 => Vec::new(),
                _ => hashes(&read_tile(files, level, number, width).await?),
            };
            tree.levels.push(tile);
            (level, count) = (level + 1, number);
        }
        match tree.root() == head.root {
            true => Ok(tree),
            false => Err(ProofError::Tiles { size: head.size }),
        }
    }

    /// Returns the number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.push_and_finish(leaf, &mut |_| {});
    }

    /// Appends a leaf, and passes on each tile that it completes.
    pub(crate) fn push_and_finish(&mut self, leaf: &[u8], finished: &mut dyn FnMut(TileFile)) {
        self.size += 1;
        let mut hash = record_hash(leaf);
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let tile = &mut self.levels[level];
            tile.push(hash);
            if (tile.len() as u64) < TILE_WIDTH {
                return;
            }
            let data = data(tile);
            tile.clear();
            hash = Tile::subtree_hash(&data);
            let number = (self.size >> (8 * (level + 1))) - 1;
            finished(TileFile { path: paths::tile(to_level(level), number, TILE_WIDTH), bytes: data });
        }
    }

    /// Returns the unfinished tiles of the tree.
    pub(crate) fn partial_tiles(&self) -> impl Iterator<Item = TileFile> {
        let tiles = self.levels.iter().enumerate().filter(|(_, tile)| !tile.is_empty());
        tiles.map(|(level, tile)| {
            let number = self.size >> (8 * (level + 1));
            TileFile { path: paths::tile(to_level(level), number, tile.len() as u64), bytes: data(tile) }
        })
    }

    /// Returns the root of the tree; that of the empty tree is the SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Digest {
        // From left to right, the complete subtrees of the tree: the largest first.
        let mut subtrees = Vec::new();
        for tile in self.levels.iter().rev() {
            let mut rest = tile.as_slice();
            while !rest.is_empty() {
                let (subtree, behind) = rest.split_at(1 << rest.len().ilog2());
                subtrees.push(Tile::subtree_hash(&data(subtree)));
                rest = behind;
            }
        }
        let root = subtrees.into_iter().rev().reduce(|right, left| node_hash(left, right));
        root.map_or_else(|| Digest::of(b""), |root| Digest::from_bytes(root.0))
    }
}

fn to_level(level: usize) -> u8 {
    u8::try_from(level).unwrap_or(u8::MAX)
}

fn data(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

fn hashes(tile: &[u8]) -> Vec<Hash> {
    let (hashes, _) = tile.as_chunks::<32>();
    hashes.iter().map(|hash| Hash(*hash)).collect()
}
