//! Objects that leaves name by their digests.

use serde::{Deserialize, Serialize};

use crate::protocol::{Digest, paths};

/// The kind of an object, which is the folder that contains it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// A package.
    Blob,
    /// A manifest.
    Manifest,
    /// A text that can be erased.
    Side,
}

/// An object that a leaf names by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) path: String,
    pub(crate) digest: Digest,
    pub(crate) size: Option<u64>,
}

impl Reference {
    pub(super) fn new(name: &(Kind, Digest), size: Option<u64>) -> Self {
        Self { path: path(name), digest: name.1, size }
    }
}

/// Returns the place of an object.
pub(super) fn path((kind, digest): &(Kind, Digest)) -> String {
    match kind {
        Kind::Blob => paths::blob(digest),
        Kind::Manifest => paths::manifest(digest),
        Kind::Side => paths::side(digest),
    }
}

/// Returns the kind and digest of the object at a place; `None` if no object can be there.
pub(super) fn parse(place: &str) -> Option<(Kind, Digest)> {
    let kind = match place.split('/').next()? {
        "blobs" => Kind::Blob,
        "manifests" => Kind::Manifest,
        "side" => Kind::Side,
        _ => return None,
    };
    let name = (kind, Digest::from_hex(place.rsplit('/').next()?)?);
    // An object has only one place.
    (path(&name) == place).then_some(name)
}
