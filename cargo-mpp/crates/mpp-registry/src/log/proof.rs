//! Proofs of inclusion and consistency, made from tiles that nobody vouches for and verified against signed checkpoints.

use std::cell::RefCell;
use std::collections::HashMap;

use bytes::Bytes;
use futures_util::future::try_join_all;
use tlog_tiles::{Hash, HashReader, Tile};

use super::checkpoint::Checkpoint;
use super::files::{Files, read_tile};
use super::proof_error::ProofError;
use super::tree::leaf_hash;
use crate::protocol::Digest;

/// The height of tiles: 2^8 hashes each.
const HEIGHT: u8 = 8;

/// Proves that the log has the leaf with these bytes at `index`.
///
/// # Errors
/// Returns [`ProofError::OtherLeaf`] if the log provably has another leaf there, [`ProofError::NotYet`] if the checkpoint is too
/// small, and otherwise an error that says why nothing is proved.
pub async fn inclusion(files: &dyn Files, head: &Checkpoint, index: u64, leaf: &[u8]) -> Result<(), ProofError> {
    let (proof, found) = inclusion_proof(files, head, index).await?;
    let tree = (head.size, hash(&head.root));
    let proof = proof.iter().map(hash).collect();
    // The hash in the tile is checked first: if it is in the tree, then a different leaf is not.
    if tlog_tiles::check_record(&proof, tree.0, tree.1, index, hash(&found)).is_err() {
        return Err(ProofError::Tiles { size: head.size });
    }
    match found == leaf_hash(leaf) {
        true => Ok(()),
        false => Err(ProofError::OtherLeaf { index }),
    }
}

/// Proves that `newer` extends `older`. Both must be checkpoints of the same log whose signatures have been verified.
///
/// # Errors
/// Returns [`ProofError::Fork`] if it provably does not, or if `newer` is smaller; otherwise an error that says why nothing is
/// proved.
pub async fn consistency(files: &dyn Files, older: &Checkpoint, newer: &Checkpoint) -> Result<(), ProofError> {
    let fork = || ProofError::Fork { older: Box::new(older.clone()), newer: Box::new(newer.clone()) };
    if older.size >= newer.size {
        return if older == newer { Ok(()) } else { Err(fork()) };
    }
    if older.size == 0 {
        return if older.root == Digest::of(b"") { Ok(()) } else { Err(fork()) };
    }
    let (proof, prefix) = consistency_proof(files, older.size, newer).await?;
    let proof = proof.iter().map(hash).collect();
    // If the tiles belong to the newer root, then the prefix that they give is the only one.
    if tlog_tiles::check_tree(&proof, newer.size, hash(&newer.root), older.size, hash(&prefix)).is_err() {
        return Err(ProofError::Tiles { size: newer.size });
    }
    if prefix == older.root { Ok(()) } else { Err(fork()) }
}

/// Returns the inclusion proof (RFC 6962, section 2.1.1) of the leaf at `index`, and the hash of that leaf, as the tiles give them.
///
/// # Errors
/// Returns a [`ProofError`] if tiles cannot be read.
pub async fn inclusion_proof(
    files: &dyn Files,
    head: &Checkpoint,
    index: u64,
) -> Result<(Vec<Digest>, Digest), ProofError> {
    if index >= head.size {
        return Err(ProofError::NotYet { index, size: head.size });
    }
    let stored = tlog_tiles::stored_hash_index(0, index);
    with_tiles(files, head.size, |tiles| {
        let leaf = tiles.read_hashes(&[stored])?;
        Ok((digests(&tlog_tiles::prove_record(head.size, index, tiles)?), Digest::from_bytes(leaf[0].0)))
    })
    .await
}

/// Returns the consistency proof (RFC 6962, section 2.1.2) between the tree of `size` leaves and `newer`, and the root of the
/// smaller tree, as the tiles give them.
///
/// # Errors
/// Returns a [`ProofError`] if tiles cannot be read, or [`ProofError::NotYet`] if `size` is 0 or larger than the newer size.
pub async fn consistency_proof(
    files: &dyn Files,
    size: u64,
    newer: &Checkpoint,
) -> Result<(Vec<Digest>, Digest), ProofError> {
    if size == 0 || size > newer.size {
        return Err(ProofError::NotYet { index: size, size: newer.size });
    }
    with_tiles(files, newer.size, |tiles| {
        let proof = tlog_tiles::prove_tree(newer.size, size, tiles)?;
        Ok((digests(&proof), Digest::from_bytes(tlog_tiles::tree_hash(size, tiles)?.0)))
    })
    .await
}

/// Verifies a consistency proof that somebody else made, for example a log that asks a witness.
#[must_use]
pub fn verifies_consistency(proof: &[Digest], older: &Checkpoint, newer: &Checkpoint) -> bool {
    if older.size == 0 {
        return proof.is_empty();
    }
    if older.size > newer.size {
        return false;
    }
    let proof: Vec<Hash> = proof.iter().map(hash).collect();
    tlog_tiles::check_tree(&proof, newer.size, hash(&newer.root), older.size, hash(&older.root)).is_ok()
}

/// Returns the root of the first `size` leaves of `newer`, as a consistency proof that somebody else made shows it. `None` if the
/// proof does not belong to `newer`, or if it leaves out that root, as it does where `size` is a power of two.
#[must_use]
pub fn proved_prefix(proof: &[Digest], size: u64, newer: &Checkpoint) -> Option<Digest> {
    let (first, rest) = proof.split_first()?;
    if size == 0 || size >= newer.size || size.is_power_of_two() {
        return None;
    }
    // RFC 9162, section 2.1.4.2.
    let (mut inner, mut outer) = (size - 1, newer.size - 1);
    let complete = inner.trailing_ones();
    (inner, outer) = (inner >> complete, outer >> complete);
    let (mut prefix, mut root) = (hash(first), hash(first));
    for sibling in rest.iter().map(hash) {
        if outer == 0 {
            return None;
        }
        if inner % 2 == 1 || inner == outer {
            prefix = tlog_tiles::node_hash(sibling, prefix);
            root = tlog_tiles::node_hash(sibling, root);
            while inner.is_multiple_of(2) && inner != 0 {
                (inner, outer) = (inner >> 1, outer >> 1);
            }
        } else {
            root = tlog_tiles::node_hash(root, sibling);
        }
        (inner, outer) = (inner >> 1, outer >> 1);
    }
    (outer == 0 && root == hash(&newer.root)).then(|| Digest::from_bytes(prefix.0))
}

/// Verifies an inclusion proof that somebody else made.
#[must_use]
pub fn verifies_inclusion(proof: &[Digest], head: &Checkpoint, index: u64, leaf: &[u8]) -> bool {
    let proof: Vec<Hash> = proof.iter().map(hash).collect();
    tlog_tiles::check_record(&proof, head.size, hash(&head.root), index, hash(&leaf_hash(leaf))).is_ok()
}

fn hash(digest: &Digest) -> Hash {
    Hash(*digest.as_bytes())
}

fn digests(hashes: &[Hash]) -> Vec<Digest> {
    hashes.iter().map(|hash| Digest::from_bytes(hash.0)).collect()
}

/// The tiles that have been read, and those that were asked for and are missing.
struct Tiles {
    size: u64,
    read: HashMap<Tile, Bytes>,
    missing: RefCell<Vec<Tile>>,
}

impl HashReader for Tiles {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let mut hashes = Vec::with_capacity(indexes.len());
        for index in indexes {
            let tile = Tile::from_index(HEIGHT, *index).parent(0, self.size);
            let tile = tile.ok_or(tlog_tiles::Error::IndexesNotInTree)?;
            match self.read.get(&tile) {
                Some(data) => hashes.push(tile.hash_at_index(data, *index)?),
                None if self.missing.borrow().contains(&tile) => {}
                None => self.missing.borrow_mut().push(tile),
            }
        }
        match hashes.len() == indexes.len() {
            true => Ok(hashes),
            false => Err(tlog_tiles::Error::InvalidTile),
        }
    }
}

/// Calls `make` until it has all the tiles that it asks for.
async fn with_tiles<T>(
    files: &dyn Files,
    size: u64,
    make: impl Fn(&Tiles) -> Result<T, tlog_tiles::Error>,
) -> Result<T, ProofError> {
    let mut tiles = Tiles { size, read: HashMap::new(), missing: RefCell::default() };
    loop {
        let made = make(&tiles);
        let missing = tiles.missing.take();
        if missing.is_empty() {
            return made.map_err(|_| ProofError::Tiles { size });
        }
        let reads = missing.iter().map(|tile| read_tile(files, tile.level(), tile.level_index(), tile.width().into()));
        let read = try_join_all(reads).await?;
        tiles.read.extend(missing.into_iter().zip(read));
    }
}
