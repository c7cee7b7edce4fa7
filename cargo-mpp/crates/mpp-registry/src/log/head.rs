//! The checkpoint of a stored log, compared with what its server has signed, without opening the log for writing.

use super::checkpoint::Checkpoint;
use super::keys::LogKeys;
use super::proof_error::ProofError;
use super::writer::WriterError;
use super::{LogError, proof};
use crate::protocol::paths::CHECKPOINT;
use crate::store::Store;

/// Returns the stored checkpoint, after checking that it extends what the server has signed and the tree from which the log key counts.
/// `None` if there is no log yet.
///
/// # Errors
/// Returns [`WriterError`] if the log cannot be read, is older than what the server has signed, or does not contain the tree from which
/// the log key counts.
pub async fn head(store: &Store, keys: &LogKeys) -> Result<Option<Checkpoint>, WriterError> {
    let Some(object) = store.get(CHECKPOINT).await? else { return Ok(None) };
    let head = keys.open_stored(&object.bytes)?.checkpoint().clone();
    if let Some(signed) = keys.remembered().map_err(WriterError::Memory)? {
        contains(store, &head, &signed, || WriterError::Rollback {
            signed: Box::new(signed.clone()),
            found: head.size,
        })
        .await?;
    }
    if let Some(start) = keys.start.as_ref().filter(|start| start.size > 0) {
        contains(store, &head, start, || WriterError::Start { start: Box::new(start.clone()), found: head.size })
            .await?;
    }
    Ok(Some(head))
}

async fn contains(
    store: &Store,
    head: &Checkpoint,
    part: &Checkpoint,
    otherwise: impl FnOnce() -> WriterError,
) -> Result<(), WriterError> {
    match proof::consistency(store, part, head).await {
        Err(ProofError::Fork { .. }) => Err(otherwise()),
        result => Ok(result.map_err(LogError::from)?),
    }
}
