//! Documents in a cache, after a checksum: what is damaged is read as if there were nothing.

use crate::protocol::Digest;

/// The bytes of the checksum in front of the document, and the line break after it.
const CHECKSUM: usize = 65;

/// Returns the document after its checksum.
pub(crate) fn seal(document: &[u8]) -> Vec<u8> {
    [Digest::of(document).to_hex().as_bytes(), b"\n", document].concat()
}

/// Returns the document, or `None` if it does not have this checksum.
pub(crate) fn open(bytes: &[u8]) -> Option<&[u8]> {
    let (checksum, document) = bytes.split_at_checked(CHECKSUM)?;
    (Digest::of(document).to_hex().as_bytes() == checksum.strip_suffix(b"\n")?).then_some(document)
}
