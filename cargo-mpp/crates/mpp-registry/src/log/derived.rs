//! Derived files: written only forwards, so that a delayed server cannot replace a newer file by an older one.

use std::collections::{BTreeSet, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use mpp_host::package::json;
use mpp_host::signature::dsse::Envelope;
use serde::Deserialize;

use crate::note::VerifierKey;
use crate::protocol::Timestamp;
use crate::store::{ETag, Store, StoreError, Updated, pause};

/// The object that says up to which tree size the derived files have been written.
pub(super) const MARKER: &str = "log/derived";

/// A derived file that is to be written: a signed file, or any JSON document with a `tree_size`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Derived {
    /// The place of the file.
    pub path: String,
    /// The bytes of the file.
    pub bytes: Bytes,
}

impl Derived {
    /// Creates a file.
    #[must_use]
    pub fn new(path: String, bytes: impl Into<Bytes>) -> Self {
        Self { path, bytes: bytes.into() }
    }
}

/// The order of the versions of a file: by the tree that they reflect, then by their time of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(super) struct Order {
    tree_size: u64,
    issued: Option<Timestamp>,
}

/// Returns the order of a file; the signature is not checked.
pub(super) fn order(bytes: &[u8]) -> Option<Order> {
    let payload = match Envelope::parse(bytes) {
        Ok(envelope) => STANDARD.decode(&envelope.payload).ok()?,
        Err(_) => bytes.to_owned(),
    };
    serde_json::from_slice(&payload).ok()
}

/// Returns the size of the tree that a file reflects; the signature is not checked.
pub(crate) fn tree_size(bytes: &[u8]) -> Option<u64> {
    order(bytes).map(|order| order.tree_size)
}

/// Returns who has signed a file: the key ids of an envelope, or the log key that the marker names. A file that another key has signed
/// than the stored one is a newer one: the log key was replaced.
fn signers(bytes: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Marker {
        log_key: String,
    }
    match Envelope::parse(bytes) {
        Ok(envelope) => envelope.signatures.into_iter().map(|signature| signature.keyid).collect(),
        Err(_) => serde_json::from_slice(bytes).map(|marker: Marker| vec![marker.log_key]).unwrap_or_default(),
    }
}

/// Writes one file, unless the stored one is at least as new.
pub(crate) async fn publish_forwards(store: &Store, file: &Derived) -> Result<bool, StoreError> {
    Forwards::default().write(store, file).await
}

/// Writes derived files, and remembers the tags of those that it wrote.
#[derive(Debug, Default)]
pub(super) struct Forwards {
    known: HashMap<String, ETag>,
}

/// The number of tags that are remembered.
const MAX_KNOWN: usize = 10_000;
/// The number of attempts to write a file.
const ATTEMPTS: u32 = 6;

impl Forwards {
    /// Writes a file, unless the stored one is at least as new. Returns whether it was written. A write that fails is tried again
    /// a few times.
    pub(super) async fn write(&mut self, store: &Store, file: &Derived) -> Result<bool, StoreError> {
        let mut attempt = 0;
        loop {
            match self.write_once(store, file).await {
                Err(error) if attempt < ATTEMPTS && !matches!(error, StoreError::TimedOut { .. }) => {
                    pause(attempt).await
                }
                result => return result,
            }
            attempt += 1;
        }
    }

    async fn write_once(&mut self, store: &Store, file: &Derived) -> Result<bool, StoreError> {
        let mut expected = self.known.remove(&file.path);
        loop {
            if expected.is_none()
                && let Some(stored) = store.get(&file.path).await?
            {
                // What cannot be read is replaced: derived files can always be made again.
                let is_as_new = order(&stored.bytes).is_some_and(|stored| Some(stored) >= order(&file.bytes));
                if is_as_new && signers(&stored.bytes) == signers(&file.bytes) {
                    return Ok(false);
                }
                expected = Some(stored.etag);
            }
            match store.update(&file.path, file.bytes.clone(), expected.as_ref()).await? {
                Updated::Done(etag) => {
                    if self.known.len() >= MAX_KNOWN {
                        self.known.clear();
                    }
                    self.known.insert(file.path.clone(), etag);
                    return Ok(true);
                }
                Updated::Conflict => expected = None,
            }
        }
    }

    /// Moves the marker to `size`, for files that this log key has signed.
    pub(super) async fn mark(&mut self, store: &Store, size: u64, key: &VerifierKey) -> Result<(), StoreError> {
        let marker = format!("{{\"tree_size\":{size},\"log_key\":\"{key}\"}}\n");
        self.write(store, &Derived::new(MARKER.to_owned(), marker)).await.map(drop)
    }
}

/// Returns the size up to which the derived files have been written and signed by this log key.
pub(super) async fn marked(store: &Store, key: &VerifierKey) -> Result<u64, StoreError> {
    let marker = store.get(MARKER).await?.filter(|marker| signers(&marker.bytes) == [key.to_string()]);
    Ok(marker.and_then(|marker| order(&marker.bytes)).map_or(0, |order| order.tree_size))
}

/// Writes a file in place of whatever is stored under its name, and returns whether that was something else: another content,
/// apart from the tree that it reflects and the time of signing.
pub(super) async fn replace(store: &Store, file: &Derived) -> Result<bool, StoreError> {
    loop {
        let stored = store.get(&file.path).await?;
        if stored.as_ref().is_some_and(|stored| content(&stored.bytes) == content(&file.bytes)) {
            return Ok(false);
        }
        let tag = stored.map(|stored| stored.etag);
        if matches!(store.update(&file.path, file.bytes.clone(), tag.as_ref()).await?, Updated::Done(_)) {
            return Ok(true);
        }
    }
}

/// Returns the payload type, the signers and the content of a derived file, without what differs between two files of the same content.
pub(super) fn content(bytes: &[u8]) -> Option<(String, Vec<String>, serde_json::Value)> {
    let (kind, payload) = match Envelope::parse(bytes) {
        Ok(envelope) => (envelope.payload_type, STANDARD.decode(&envelope.payload).ok()?),
        Err(_) => (String::new(), bytes.to_owned()),
    };
    let mut payload = json::parse(&payload).ok()?;
    let members = payload.as_object_mut()?;
    for member in ["tree_size", "root", "issued", "expires"] {
        members.remove(member);
    }
    Some((kind, signers(bytes), payload))
}

/// Deletes the derived files of packages and publishers that are not in `expected`, and returns their number.
pub(super) async fn delete_others(store: &Store, expected: &BTreeSet<&str>) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for path in others(store, expected).await? {
        store.delete(&path).await?;
        deleted += 1;
    }
    Ok(deleted)
}

/// Returns the derived files of packages and publishers that are not in `expected`.
pub(super) async fn others(store: &Store, expected: &BTreeSet<&str>) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for folder in ["index", "publishers"] {
        let mut files = store.list(folder);
        while let Some(file) = files.try_next().await? {
            if !expected.contains(file.path.as_str()) {
                found.push(file.path);
            }
        }
    }
    Ok(found)
}
