//! Checking a whole registry: every commit, tile, object and derived file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use mpp_host::PublicKey;
use mpp_host::causes::with_causes;
use mpp_host::signature::dsse::Envelope;

use super::bundle::decode_bundle;
use super::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use super::commit::{self, Commit};
use super::derived::{content, order, others};
use super::error::LogError;
use super::follow::Follower;
use super::references::{Reference, References};
use super::tree::{TileFile, Tree, leaf_hash};
use super::writer::{Derive, Fold, WriterError};
use crate::note::{Algorithm, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::paths::{self, CHECKPOINT, TILE_WIDTH, WELL_KNOWN};
use crate::protocol::{Digest, Leaf, Signed};
use crate::store::{Store, StoreError};

/// The result of checking a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// The size of the log.
    pub leaves: u64,
    /// The number of commit objects; 0 in a public copy, which has none.
    pub commits: u64,
    /// The number of tiles and bundles.
    pub tiles: u64,
    /// The number of packages, manifests and texts.
    pub objects: u64,
    /// The number of derived files.
    pub derived: u64,
    /// Everything that is not as it must be.
    pub faults: Vec<Fault>,
}

/// A file or object that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The place of the file.
    pub path: String,
    /// The kind of fault.
    pub kind: FaultKind,
}

/// The way in which a file is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// It does not exist.
    Missing,
    /// It has another content.
    Different,
    /// It cannot be read, or contradicts what came before it.
    Invalid(String),
    /// It is a commit that no checkpoint contains yet. The next server that is started finishes it.
    Unfinished,
    /// It was taken down, and still exists.
    NotErased,
    /// It belongs to nothing in the log.
    Unexpected,
    /// It reflects a larger tree than the checkpoint.
    Ahead,
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is missing"),
            Self::Different => f.write_str("it has another content"),
            Self::Invalid(reason) => f.write_str(reason),
            Self::Unfinished => f.write_str("the checkpoint does not contain this commit yet"),
            Self::NotErased => f.write_str("it was taken down and still exists"),
            Self::Unexpected => f.write_str("it belongs to nothing in the log"),
            Self::Ahead => f.write_str("it reflects a larger tree than the checkpoint"),
        }
    }
}

/// Checks everything in a store of the registry with this description. Faults are in the result; only a store that cannot be read is an
/// error.
///
/// # Errors
/// Returns [`WriterError::Store`] if the store fails, or [`WriterError::Derive`] if derived files cannot be made for comparison.
pub async fn check<S: Fold>(
    store: &Store,
    description: &Signed<WellKnown>,
    empty: S,
    derive: Arc<dyn Derive<S>>,
) -> Result<Checked, WriterError> {
    let mut check = Check { store, checked: Checked::default() };
    match store.get(WELL_KNOWN).await? {
        None => check.fault(WELL_KNOWN, FaultKind::Missing),
        Some(stored) if stored.bytes != description.bytes() => check.fault(WELL_KNOWN, FaultKind::Different),
        Some(_) => {}
    }
    let description = description.value();
    let log = VerifierKey::new(description.registry.as_str(), Algorithm::Ed25519, description.log_key);
    let log = log.map_err(CheckpointError::from)?;
    let Some(object) = store.get(CHECKPOINT).await? else {
        check.fault(CHECKPOINT, FaultKind::Missing);
        return Ok(check.checked);
    };
    let head = match SignedCheckpoint::open(&object.bytes, &log) {
        Ok(signed) => signed.checkpoint().clone(),
        Err(error) => {
            check.fault(CHECKPOINT, FaultKind::Invalid(with_causes(&error)));
            return Ok(check.checked);
        }
    };
    check.checked.leaves = head.size;
    let Some(leaves) = check.leaves(&head, empty).await else { return Ok(check.checked) };
    if description.from_size > 0 && !leaves.begins_with(description.from_size, description.from_root) {
        let reason = "the log does not have the tree from which it says that the log key counts";
        check.fault(WELL_KNOWN, FaultKind::Invalid(reason.to_owned()));
    }
    check.tiles(&leaves).await?;
    check.commits(&head, &leaves).await?;
    check.objects(&leaves.references).await?;
    let files = derive.derive(&leaves.state, &head, &leaves.state.all_effects()).await;
    let files: BTreeMap<String, Bytes> =
        files.map_err(WriterError::Derive)?.into_iter().map(|file| (file.path, file.bytes)).collect();
    check.derived(&head, &files, log.key()).await?;
    Ok(check.checked)
}

struct Check<'a> {
    store: &'a Store,
    checked: Checked,
}

/// What follows from the leaves.
struct Leaves<S> {
    state: S,
    references: References,
    hashes: Vec<Digest>,
    /// The full tiles of hashes, and the unfinished ones of the checkpoint.
    tiles: BTreeMap<String, Bytes>,
}

impl<S> Leaves<S> {
    /// Returns whether the first `size` leaves have this root.
    fn begins_with(&self, size: u64, root: Digest) -> bool {
        let first = usize::try_from(size).ok().and_then(|size| self.hashes.get(..size));
        first.is_some_and(|first| Tree::of_hashes(first).root() == root)
    }
}

impl Check<'_> {
    fn fault(&mut self, path: &str, kind: FaultKind) {
        self.checked.faults.push(Fault { path: path.to_owned(), kind });
    }

    /// Reads the leaves. Returns `None` if they do not give the root of the checkpoint: nothing else can then be checked.
    async fn leaves<S: Fold>(&mut self, head: &Checkpoint, empty: S) -> Option<Leaves<S>> {
        let mut leaves =
            Leaves { state: empty, references: References::default(), hashes: Vec::new(), tiles: BTreeMap::new() };
        let (mut tree, mut faults) = (Tree::new(), Vec::new());
        let mut keep = |tile: TileFile| drop(leaves.tiles.insert(tile.path, tile.bytes));
        let sink = |index: u64, bytes: Bytes| -> Result<(), LogError> {
            leaves.hashes.push(leaf_hash(&bytes));
            tree.push_and_finish(&bytes, &mut keep);
            let applied = match Leaf::parse(&bytes) {
                Ok(leaf) => {
                    leaves.references.add(&leaf);
                    leaves.state.apply(index, &leaf).map(drop).map_err(|error| with_causes(&error))
                }
                Err(error) => Err(with_causes(&error)),
            };
            if let Err(reason) = applied {
                faults.push(Fault { path: format!("leaf {index}"), kind: FaultKind::Invalid(reason) });
            }
            Ok(())
        };
        let read = Follower::new().advance(self.store, head, sink).await;
        self.checked.faults.extend(faults);
        if let Err(error) = read {
            self.fault(CHECKPOINT, FaultKind::Invalid(with_causes(&error)));
            return None;
        }
        leaves.tiles.extend(tree.partial_tiles().map(|tile| (tile.path, tile.bytes)));
        Some(leaves)
    }

    /// Checks the tiles of hashes, and every partial tile and bundle that is kept.
    async fn tiles<S>(&mut self, leaves: &Leaves<S>) -> Result<(), StoreError> {
        for (path, expected) in &leaves.tiles {
            match self.store.get(path).await? {
                None => self.fault(path, FaultKind::Missing),
                Some(tile) if tile.bytes != *expected => self.fault(path, FaultKind::Different),
                Some(_) => {}
            }
        }
        let store = self.store;
        let mut listed = store.list("log/tile");
        while let Some(file) = listed.try_next().await? {
            self.checked.tiles += 1;
            if leaves.tiles.contains_key(&file.path) {
                continue;
            }
            let Some(bytes) = store.get(&file.path).await? else { continue };
            let is_good = match file.path.strip_prefix("log/tile/entries/") {
                Some(place) => is_bundle(place, &bytes.bytes, &leaves.hashes),
                None => is_part(&file.path, &bytes.bytes, &leaves.tiles),
            };
            match is_good {
                Some(true) => {}
                Some(false) => self.fault(&file.path, FaultKind::Different),
                None => self.fault(&file.path, FaultKind::Unexpected),
            }
        }
        Ok(())
    }

    /// Checks the chain of commits from the first to the last.
    async fn commits<S>(&mut self, head: &Checkpoint, leaves: &Leaves<S>) -> Result<(), StoreError> {
        let mut tree = Tree::new();
        loop {
            let path = commit::path(tree.size());
            let Some(object) = self.store.get(&path).await? else {
                if self.checked.commits > 0 && tree.size() < head.size {
                    self.fault(&path, FaultKind::Missing);
                }
                return Ok(());
            };
            let commit = match Commit::parse(&object.bytes, tree.size()) {
                Ok(commit) => commit,
                Err(reason) => {
                    self.fault(&path, FaultKind::Invalid(reason.to_owned()));
                    return Ok(());
                }
            };
            self.checked.commits += 1;
            if tree.size() >= head.size {
                self.fault(&path, FaultKind::Unfinished);
            }
            let start = usize::try_from(tree.size()).unwrap_or(usize::MAX);
            let known = leaves.hashes.get(start..).unwrap_or_default();
            let is_same = commit.leaves.iter().zip(known).all(|(leaf, hash)| leaf_hash(leaf) == *hash);
            commit.leaves.iter().for_each(|leaf| tree.push(leaf));
            if !is_same || tree.root() != commit.header.root {
                self.fault(&path, FaultKind::Different);
                return Ok(());
            }
        }
    }

    /// Checks packages, manifests and texts.
    async fn objects(&mut self, references: &References) -> Result<(), StoreError> {
        let required = references.required().map(|object| (object.clone(), true));
        for (object, is_required) in required.chain(references.optional().map(|object| (object, false))) {
            match self.store.get(&object.path).await? {
                None if is_required => self.fault(&object.path, FaultKind::Missing),
                None => continue,
                Some(found) if !is_object(&object, &found.bytes) => self.fault(&object.path, FaultKind::Different),
                Some(_) => {}
            }
            self.checked.objects += 1;
        }
        for object in references.erased() {
            if self.store.head(&object.path).await?.is_some() {
                self.fault(&object.path, FaultKind::NotErased);
            }
        }
        Ok(())
    }

    /// Compares the derived files with those that follow from the state.
    async fn derived(
        &mut self,
        head: &Checkpoint,
        expected: &BTreeMap<String, Bytes>,
        key: &PublicKey,
    ) -> Result<(), StoreError> {
        let bound = order(format!("{{\"tree_size\":{},\"issued\":\"9999-12-31T23:59:59Z\"}}", head.size).as_bytes());
        for (path, file) in expected {
            self.checked.derived += 1;
            let Some(stored) = self.store.get(path).await? else {
                self.fault(path, FaultKind::Missing);
                continue;
            };
            if Envelope::parse(file).is_ok() && !is_signed(&stored.bytes, key) {
                self.fault(path, FaultKind::Invalid("it is not signed by the log key".to_owned()));
            } else if order(&stored.bytes) > bound {
                self.fault(path, FaultKind::Ahead);
            } else if content(&stored.bytes) != content(file) {
                self.fault(path, FaultKind::Different);
            }
        }
        let expected: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        for path in others(self.store, &expected).await? {
            self.fault(&path, FaultKind::Unexpected);
        }
        Ok(())
    }
}

fn is_object(object: &Reference, bytes: &Bytes) -> bool {
    Digest::of(bytes) == object.digest && object.size.is_none_or(|size| size == bytes.len() as u64)
}

fn is_signed(bytes: &[u8], key: &PublicKey) -> bool {
    let Ok(envelope) = Envelope::parse(bytes) else { return false };
    let Ok(decoded) = envelope.decode(&envelope.payload_type) else { return false };
    decoded.signatures.len() == 1 && decoded.verifies(&envelope.signatures[0].keyid, key)
}

/// Returns whether a partial tile has the first hashes of the tile; `None` if there is no such tile.
fn is_part(path: &str, bytes: &Bytes, tiles: &BTreeMap<String, Bytes>) -> Option<bool> {
    let (tile, width) = path.split_once(".p/")?;
    let width: usize = width.parse().ok()?;
    let full = tiles.get(tile).or_else(|| {
        let start = format!("{tile}.p/");
        let (_, unfinished) = tiles.range(start.clone()..).next().filter(|(path, _)| path.starts_with(&start))?;
        Some(unfinished).filter(|unfinished| unfinished.len() >= width * 32)
    })?;
    Some(full.get(..width * 32) == Some(bytes))
}

/// Returns whether a bundle has the leaves of its place; `None` if the log is not as long.
fn is_bundle(place: &str, bytes: &Bytes, hashes: &[Digest]) -> Option<bool> {
    let (number, width) = match place.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (place, usize::try_from(TILE_WIDTH).ok()?),
    };
    let number: String = number.chars().filter(char::is_ascii_digit).collect();
    let number: usize = number.parse().ok()?;
    let start = number.checked_mul(256)?;
    let expected = hashes.get(start..start.checked_add(width)?)?;
    // The path must be the only one of this bundle.
    let canonical = paths::entries(number as u64, width as u64);
    if canonical.strip_prefix("log/tile/entries/") != Some(place) {
        return None;
    }
    let entries = decode_bundle(bytes).unwrap_or_default();
    Some(entries.iter().map(|entry| leaf_hash(entry)).eq(expected.iter().copied()))
}
