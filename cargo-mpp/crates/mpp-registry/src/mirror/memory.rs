//! What a mirror has read of a log, in its cache directory, so that a start need not read the whole log.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::log::{Checkpoint, LogCopy, cached};
use crate::protocol::Origin;
use crate::store::Store;

/// The name of the file in the cache directory.
const FILE: &str = "mirror";
/// The number of new leaves that are worth a new file.
const WORTH: u64 = 1000;

/// The file with what a mirror has read.
#[derive(Debug)]
pub(super) struct Memory {
    file: Option<PathBuf>,
    /// The number of leaves that the file reflects.
    size: AtomicU64,
}

impl Memory {
    /// Creates a memory in a directory. Without one, nothing is remembered.
    pub(super) fn new(cache: Option<PathBuf>) -> Self {
        Self { file: cache.map(|cache| cache.join(FILE)), size: AtomicU64::new(0) }
    }

    /// Returns what the mirror had read, if that is part of the log in its store. What is missing, damaged or of another log is as good
    /// as nothing: the log is read then.
    pub(super) async fn read(&self, store: &Store, head: &Checkpoint) -> LogCopy {
        let Some(file) = self.file.clone() else { return LogCopy::default() };
        let origin = head.origin.clone();
        let found = tokio::task::spawn_blocking(move || cached::read(&file, &origin)).await;
        let Some((known, document)) = found.ok().flatten().filter(|(known, _)| known.size <= head.size) else {
            return LogCopy::default();
        };
        match LogCopy::resume(store, &known, &document).await {
            Some(log) => {
                self.size.store(known.size, Ordering::Relaxed);
                log
            }
            None => LogCopy::default(),
        }
    }

    /// Writes the file if the log has grown enough, or at all if `is_last`.
    pub(super) async fn write(&self, origin: &Origin, log: Arc<LogCopy>, is_last: bool) {
        let Some(file) = self.file.clone() else { return };
        let head = log.head(origin.clone());
        let (before, size) = (self.size.load(Ordering::Relaxed), head.size);
        if size < before + WORTH && !(is_last && size != before) {
            return;
        }
        match tokio::task::spawn_blocking(move || cached::write(&file, &head, &log.to_document())).await {
            Ok(Ok(())) => self.size.store(size, Ordering::Relaxed),
            Ok(Err(error)) => tracing::warn!(%error, "what was read of the log cannot be kept in the cache"),
            Err(error) => tracing::warn!(%error, "what was read of the log cannot be kept in the cache"),
        }
    }
}
