//! Commit objects: batches of leaves that enter the log at once.

use bytes::Bytes;
use mpp_host::package::json;
use serde::{Deserialize, Serialize};

use super::bundle::{decode_bundle, encode_bundle};
use crate::protocol::Digest;

/// The folder of commit objects, which public copies leave out.
pub(super) const FOLDER: &str = "log/commit";

/// A batch of leaves, and the tree that they lead to. The object that contains it is created once and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) header: Header,
    pub(super) leaves: Vec<Bytes>,
}

/// The first line of a commit object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    /// Version of the format: 1.
    pub(super) commit: u32,
    /// Size of the tree before.
    pub(super) size: u64,
    /// Size of the tree after.
    pub(super) new_size: u64,
    /// Root of the tree after.
    pub(super) root: Digest,
    /// A random id, by which a server recognises its own batch after an answer was lost.
    pub(super) batch: String,
}

/// Returns the path of the commit object that extends a tree of this size.
pub(super) fn path(size: u64) -> String {
    format!("{FOLDER}/{size}")
}

impl Commit {
    /// Returns the bytes of the object: the header as a line of JSON, then the leaves as in a bundle.
    pub(super) fn to_bytes(&self) -> Bytes {
        let mut bytes = serde_json::to_vec(&self.header).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(encode_bundle(self.leaves.iter().map(|leaf| &leaf[..])));
        bytes.into()
    }

    /// Parses the object that extends a tree of `size` leaves.
    pub(super) fn parse(bytes: &Bytes, size: u64) -> Result<Self, &'static str> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("it has no header line")?;
        let header = json::parse(&bytes[..end]).ok().and_then(|header| serde_json::from_value(header).ok());
        let header: Header = header.ok_or("its header line is malformed")?;
        let leaves = decode_bundle(&bytes.slice(end + 1..)).ok_or("its leaves are malformed")?;
        let fits = header.commit == 1
            && header.size == size
            && !leaves.is_empty()
            && size.checked_add(leaves.len() as u64) == Some(header.new_size);
        match fits {
            true => Ok(Self { header, leaves }),
            false => Err("its header does not belong to its place and its leaves"),
        }
    }
}
