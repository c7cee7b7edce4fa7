//! Deleting partial tiles whose full tile has existed for a day.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use futures_util::TryStreamExt as _;

use crate::store::{Store, StoreError};

/// The time for which partial tiles are kept after the full one exists, for readers that have just fetched an older checkpoint.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Deletes the partial tiles and bundles whose full one has existed for a day, and returns their number. Readers that want one of
/// them take the full one. Without this, a log of 100,000 leaves keeps tens of gigabytes of them.
///
/// # Errors
/// Returns [`StoreError`] if the store fails.
pub async fn tidy(store: &Store, now: SystemTime) -> Result<u64, StoreError> {
    let (mut full, mut partial) = (BTreeMap::new(), Vec::new());
    let mut files = store.list("log/tile");
    while let Some(file) = files.try_next().await? {
        match file.path.rsplit_once(".p/") {
            Some((tile, _)) => partial.push((tile.to_owned(), file.path)),
            None => drop(full.insert(file.path, file.modified)),
        }
    }
    drop(files);
    let mut deleted = 0;
    for (tile, path) in partial {
        let age = full.get(&tile).and_then(|since| now.duration_since(*since).ok());
        if age.is_some_and(|age| age >= KEPT) {
            store.delete(&path).await?;
            deleted += 1;
        }
    }
    Ok(deleted)
}
