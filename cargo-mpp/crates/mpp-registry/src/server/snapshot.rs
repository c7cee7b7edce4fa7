//! Keeps the state in the cache, so that a start need not read the whole log.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use super::app::App;
use super::connections::stopped;
use crate::log::{Checkpoint, View, cached};
use crate::protocol::Origin;
use crate::state::State;

/// The name of the file in the cache directory.
const FILE: &str = "state";
/// The time between two looks, and the number of new leaves that are worth a new file.
const TICK: Duration = Duration::from_secs(600);
const WORTH: u64 = 1000;

/// Returns the state in the cache directory, and the checkpoint that it reflects. What is missing, damaged or of another registry is
/// as good as nothing: the log is read then.
pub(super) fn read(cache: &Path, origin: &Origin) -> Option<(State, Checkpoint)> {
    let (checkpoint, document) = cached::read(&cache.join(FILE), origin)?;
    let state = State::from_snapshot(&document, origin)?;
    (state.size() == checkpoint.size).then_some((state, checkpoint))
}

fn write(path: &Path, view: &View<State>) -> std::io::Result<()> {
    cached::write(path, view.checkpoint.checkpoint(), &view.state.to_snapshot())
}

/// Writes the state now and then, and when `stop` becomes true.
pub(super) async fn keep(app: Arc<App>, cache: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut written = app.view().state.size();
    // A start that had to read much of the log is not repeated.
    if written > WORTH {
        written = 0;
    }
    loop {
        let view = app.view();
        let size = view.state.size();
        let is_last = *stop.borrow();
        if size > written + WORTH || is_last && size != written {
            let path = cache.join(FILE);
            match tokio::task::spawn_blocking(move || write(&path, &view)).await {
                Ok(Ok(())) => written = size,
                Ok(Err(error)) => tracing::warn!(%error, "the state cannot be kept in the cache"),
                Err(error) => tracing::warn!(%error, "the state cannot be kept in the cache"),
            }
        }
        if is_last {
            return;
        }
        tokio::select! {
            () = sleep(TICK) => {}
            () = stopped(&mut stop) => {}
        }
    }
}
