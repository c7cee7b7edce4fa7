//! A Merkle tree that grows: it keeps the hashes of its unfinished tiles only.

use bytes::Bytes;
use tlog_tiles::{Hash, Tile, node_hash, record_hash};

#[cfg(feature = "server")]
use super::bundle::encode_bundle;
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
    pub(crate) bytes: Bytes,
}

#[cfg(feature = "server")]
impl TileFile {
    /// Returns a bundle as a file.
    pub(crate) fn bundle(number: u64, entries: &[Bytes]) -> Self {
        let bytes = encode_bundle(entries.iter().map(|entry| &entry[..])).into();
        Self { path: paths::entries(number, entries.len() as u64), bytes }
    }
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
        self.push_hash(record_hash(leaf), finished);
    }

    /// Returns the tree over leaves with these hashes.
    #[cfg(feature = "server")]
    pub(crate) fn of_hashes(leaves: &[Digest]) -> Self {
        let mut tree = Self::new();
        leaves.iter().for_each(|leaf| tree.push_hash(Hash(*leaf.as_bytes()), &mut |_| {}));
        tree
    }

    fn push_hash(&mut self, mut hash: Hash, finished: &mut dyn FnMut(TileFile)) {
        self.size += 1;
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
            finished(TileFile { path: paths::tile(to_level(level), number, TILE_WIDTH), bytes: data.into() });
        }
    }

    /// Returns whether these are the hashes of the leaves in the unfinished bundle.
    #[cfg(feature = "server")]
    pub(crate) fn ends_in(&self, leaves: impl Iterator<Item = Digest>) -> bool {
        let tile = self.levels.first().map(Vec::as_slice).unwrap_or_default();
        leaves.eq(tile.iter().map(|hash| Digest::from_bytes(hash.0)))
    }

    /// Returns the unfinished tiles of the tree.
    #[cfg(feature = "server")]
    pub(crate) fn partial_tiles(&self) -> impl Iterator<Item = TileFile> {
        let tiles = self.levels.iter().enumerate().filter(|(_, tile)| !tile.is_empty());
        tiles.map(|(level, tile)| {
            let number = self.size >> (8 * (level + 1));
            TileFile { path: paths::tile(to_level(level), number, tile.len() as u64), bytes: data(tile).into() }
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

#[cfg(test)]
mod tests {
    use super::Tree;

    /// The reference vectors of RFC 6962 implementations: eight leaves, and the roots of the trees with the first 0 to 8 of them.
    const LEAVES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    #[test]
    fn gives_the_published_roots() {
        let mut tree = Tree::new();
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(tree.root().to_hex(), *root, "{size}");
            if let Some(leaf) = LEAVES.get(size) {
                tree.push(&hex::decode(leaf).unwrap_or_default());
            }
        }
    }

    #[test]
    fn agrees_with_another_way_to_compute_roots_beyond_two_levels_of_tiles() {
        // Roots from the leaves up, as the definition in RFC 6962 has them.
        fn root(leaves: &[Vec<u8>]) -> [u8; 32] {
            match leaves {
                [leaf] => tlog_tiles::record_hash(leaf).0,
                _ => {
                    let half = leaves.len().next_power_of_two() / 2;
                    let (left, right) = leaves.split_at(half);
                    tlog_tiles::node_hash(tlog_tiles::Hash(root(left)), tlog_tiles::Hash(root(right))).0
                }
            }
        }
        let leaves: Vec<Vec<u8>> = (0..66_000_u32).map(|n| n.to_le_bytes().to_vec()).collect();
        let (mut tree, mut finished) = (Tree::new(), 0);
        for (index, leaf) in leaves.iter().enumerate() {
            tree.push_and_finish(leaf, &mut |_| finished += 1);
            if [1, 255, 256, 257, 300, 65_535, 65_536, 65_537, 66_000].contains(&(index + 1)) {
                assert_eq!(*tree.root().as_bytes(), root(&leaves[..=index]), "{}", index + 1);
            }
        }
        assert_eq!(finished, 66_000 / 256 + 1);
    }
}
