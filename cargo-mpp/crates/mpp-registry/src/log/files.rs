//! The files of a log, wherever they are: in a store, behind a URL, or in memory.

use std::collections::HashMap;
use std::hash::BuildHasher;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use mpp_host::causes::BoxedError;

use super::bundle::decode_bundle;
use super::proof_error::ProofError;
use crate::protocol::paths::{self, TILE_WIDTH};

/// The size of a hash in a tile.
const HASH: usize = 32;

/// A place from which the files of a registry are read, by the paths of [`paths`]. Nothing that it returns is believed before it
/// has been verified.
pub trait Files: Send + Sync {
    /// Returns the bytes of a file, or `None` if there is none of this name.
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>>;
}

/// Files in memory, for tests and for proofs that arrive at once.
impl<S: BuildHasher + Send + Sync> Files for HashMap<String, Bytes, S> {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        Box::pin(std::future::ready(Ok(self.get(path).cloned())))
    }
}

/// Reads the tile `number` of `level` with `width` hashes. If only the full tile is left, it is cut to this width.
///
/// # Errors
/// Returns [`ProofError::Unavailable`] if the tile cannot be read, or [`ProofError::Damaged`] if it is too short.
pub async fn read_tile(files: &dyn Files, level: u8, number: u64, width: u64) -> Result<Bytes, ProofError> {
    let path = paths::tile(level, number, width);
    let full = paths::tile(level, number, TILE_WIDTH);
    let (tile, is_full) = read_either(files, &path, &full).await?;
    let length = usize::try_from(width).unwrap_or(usize::MAX).saturating_mul(HASH);
    let fits = if is_full { tile.len() == 256 * HASH } else { tile.len() == length };
    if !fits {
        return Err(ProofError::Damaged { path });
    }
    Ok(tile.slice(..length))
}

/// Reads the first `width` entries of the bundle `number`.
///
/// # Errors
/// Returns [`ProofError::Unavailable`] if the bundle cannot be read, or [`ProofError::Damaged`] if it has another number of
/// entries.
pub async fn read_bundle(files: &dyn Files, number: u64, width: u64) -> Result<Vec<Bytes>, ProofError> {
    let path = paths::entries(number, width);
    let full = paths::entries(number, TILE_WIDTH);
    let (bundle, is_full) = read_either(files, &path, &full).await?;
    let expected = if is_full { TILE_WIDTH } else { width };
    let entries = decode_bundle(&bundle).filter(|entries| entries.len() as u64 == expected);
    let mut entries = entries.ok_or(ProofError::Damaged { path })?;
    entries.truncate(usize::try_from(width).unwrap_or(usize::MAX));
    Ok(entries)
}

/// Reads a partial file, or the full one if the partial one was deleted. Returns whether it is the full one.
async fn read_either(files: &dyn Files, path: &str, full: &str) -> Result<(Bytes, bool), ProofError> {
    let unavailable = |source| ProofError::Unavailable { path: path.to_owned(), source };
    if let Some(bytes) = files.read(path).await.map_err(|error| unavailable(Some(error)))? {
        return Ok((bytes, path == full));
    }
    let bytes = match path == full {
        true => None,
        false => files.read(full).await.map_err(|error| unavailable(Some(error)))?,
    };
    bytes.map(|bytes| (bytes, true)).ok_or_else(|| unavailable(None))
}
