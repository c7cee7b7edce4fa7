//! A log in memory for tests of those who read it.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use bytes::Bytes;
use mpp_host::keys::{KeyRole, SigningKey};

use super::bundle::encode_bundle;
use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::tree::Tree;
use crate::note::{Note, NoteSigner};
use crate::protocol::paths::{self, TILE_WIDTH};
use crate::protocol::{Action, Body, Genesis, Leaf, Origin, SignedStatement, Statement, Timestamp};

pub(crate) const ORIGIN: &str = "tools.example.com/log";

/// Returns one of several keys.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&[seed; 32], KeyRole::Publisher)
}

pub(crate) fn origin() -> Origin {
    Origin::parse(ORIGIN).unwrap()
}

/// Returns a statement that the key with this seed signed.
pub(crate) fn statement(seed: u8, action: Action) -> Body {
    let statement = Statement::new(origin(), Timestamp::from_secs(1_772_366_400), key(seed).public(), action);
    Body::Statement(SignedStatement::sign(statement.unwrap(), &key(seed)).unwrap())
}

/// A log whose files are all in memory. The log key has the seed 1.
#[derive(Debug, Clone)]
pub(crate) struct SampleLog {
    pub(crate) files: HashMap<String, Bytes>,
    pub(crate) leaves: Vec<Bytes>,
    tree: Tree,
    signer: NoteSigner,
}

impl SampleLog {
    /// Creates a log with its first leaf.
    pub(crate) fn new() -> Self {
        let signer = NoteSigner::log(ORIGIN, key(1)).unwrap();
        let mut log = Self { files: HashMap::new(), leaves: Vec::new(), tree: Tree::new(), signer };
        log.append(Body::Genesis(Genesis::new(origin(), key(2).public(), key(1).public())));
        log
    }

    /// Appends a leaf at a later second than the one before, and writes all files. Returns its index.
    pub(crate) fn append(&mut self, body: Body) -> u64 {
        self.extend([body]);
        self.tree.size() - 1
    }

    /// Appends leaves as one batch, so that no partial files are written between them.
    pub(crate) fn extend(&mut self, bodies: impl IntoIterator<Item = Body>) {
        for body in bodies {
            let time = 1_772_366_400_000 + self.tree.size() * 1000;
            let leaf = Bytes::from(Leaf::new(time, body).to_bytes().unwrap());
            let files = &mut self.files;
            self.tree.push_and_finish(&leaf, &mut |tile| drop(files.insert(tile.path, tile.bytes)));
            self.leaves.push(leaf);
            if self.tree.size().is_multiple_of(TILE_WIDTH) {
                self.write_bundle();
            }
        }
        for tile in self.tree.partial_tiles() {
            self.files.insert(tile.path, tile.bytes);
        }
        if !self.tree.size().is_multiple_of(TILE_WIDTH) {
            self.write_bundle();
        }
        self.files.insert(paths::CHECKPOINT.to_owned(), self.signed().bytes().into());
    }

    /// Writes the bundle with the last leaf.
    fn write_bundle(&mut self) {
        let last = self.tree.size() - 1;
        let entries = &self.leaves[usize::try_from(last - last % TILE_WIDTH).unwrap()..];
        let bundle = encode_bundle(entries.iter().map(|entry| &entry[..]));
        self.files.insert(paths::entries(last / TILE_WIDTH, entries.len() as u64), bundle.into());
    }

    pub(crate) fn head(&self) -> Checkpoint {
        Checkpoint::new(origin(), self.tree.size(), self.tree.root())
    }

    pub(crate) fn signed(&self) -> SignedCheckpoint {
        let mut note = Note::new(self.head().to_text()).unwrap();
        note.add(self.signer.sign(note.text(), 0));
        SignedCheckpoint::open(&note.to_bytes(), self.signer.verifier()).unwrap()
    }
}
