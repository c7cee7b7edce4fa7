//! What was computed from the leaves of a log up to a checkpoint, in a cache directory.

use std::io;
use std::path::Path;

use mpp_host::atomic_file;

use super::checkpoint::Checkpoint;
use crate::protocol::Origin;

/// Returns the checkpoint of a file, and the document after it. What is missing, damaged or of another registry is as good as nothing:
/// the log is read then.
pub(crate) fn read(path: &Path, origin: &Origin) -> Option<(Checkpoint, Vec<u8>)> {
    let mut bytes = std::fs::read(path).ok()?;
    let end = bytes.windows(2).position(|pair| pair == b"\n\n")? + 1;
    let checkpoint = Checkpoint::parse(std::str::from_utf8(&bytes[..end]).ok()?).ok()?;
    bytes.drain(..=end);
    (checkpoint.origin == *origin).then_some((checkpoint, bytes))
}

/// Writes a document that was computed from the leaves up to a checkpoint.
///
/// # Errors
/// Returns the fault if the file cannot be written.
pub(crate) fn write(path: &Path, checkpoint: &Checkpoint, document: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    atomic_file::write(path, &[checkpoint.to_text().as_bytes(), b"\n", document].concat())
}
