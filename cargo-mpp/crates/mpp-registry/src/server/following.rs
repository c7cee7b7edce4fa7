//! What a server does beside answering requests: feeds the search, signs the revocation list again, and deletes old tiles.

use std::sync::Arc;
use std::time::Duration;

use mpp_host::causes::{BoxedError, with_causes};
use tokio::sync::watch;
use tokio::time::sleep;

use super::app::App;
use super::connections::stopped;
use super::derived::DerivedFiles;
use crate::log;
use crate::protocol::PackageId;
use crate::search::Change;

/// Changes of the search index are collected for this long.
const COLLECT: Duration = Duration::from_millis(100);
/// Packages that are fed to the search at once.
const PORTION: usize = 500;
/// The time between two signatures of the revocation list.
const HOUR: Duration = Duration::from_secs(60 * 60);
/// The time between two searches for partial tiles that nobody needs.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Feeds changed index files to the search until `stop` becomes true.
pub(super) async fn search(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut views = app.log.views();
    views.mark_changed();
    loop {
        tokio::select! {
            changed = views.changed() => if changed.is_err() { return },
            () = stopped(&mut stop) => return,
        }
        sleep(COLLECT).await;
        views.mark_unchanged();
        if let Err(error) = feed(&app).await {
            tracing::error!(error = %with_causes(error.as_ref()), "the search index cannot be updated");
            sleep(Duration::from_secs(10)).await;
            views.mark_changed();
        }
    }
}

async fn feed(app: &App) -> Result<(), BoxedError> {
    let from = app.search.tree_size().await?;
    let state = app.state();
    let changed = state.packages().filter(|(_, package)| package.changed >= from).map(|(id, _)| id.clone());
    let mut changed: Vec<PackageId> = changed.collect();
    changed.sort();
    for portion in changed.chunks(PORTION) {
        let mut changes = Vec::with_capacity(portion.len());
        for id in portion {
            if let Some(index) = app.index(id).await? {
                let profile = match index.owners.first() {
                    Some(owner) => app.profile(owner).await?,
                    None => None,
                };
                changes.push(Change { index, publisher: profile.map(|profile| profile.name) });
            }
        }
        // The size moves on only with the last portion.
        app.search.apply(changes, from).await?;
    }
    if state.size() > from {
        app.search.apply(Vec::new(), state.size()).await?;
    }
    Ok(())
}

/// Signs the revocation list every hour until `stop` becomes true.
pub(super) async fn revocations(app: Arc<App>, derived: DerivedFiles, mut stop: watch::Receiver<bool>) {
    loop {
        let view = app.view();
        let signed = match derived.revocations(&view.state, view.checkpoint.checkpoint()) {
            Ok(list) => app.log.publish(vec![list]).await.map_err(BoxedError::from),
            Err(error) => Err(error),
        };
        let wait = match signed {
            Ok(()) => HOUR,
            Err(error) => {
                tracing::error!(error = %with_causes(error.as_ref()), "the revocation list cannot be signed again");
                Duration::from_secs(60)
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

/// Deletes partial tiles a day after their full tile exists, until `stop` becomes true.
pub(super) async fn tidy(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = sleep(DAY) => {}
            () = stopped(&mut stop) => return,
        }
        match log::tidy(&app.store, app.clock.now()).await {
            Ok(deleted) => tracing::info!(deleted, "partial tiles were deleted"),
            Err(error) => tracing::error!(error = %with_causes(&error), "partial tiles cannot be deleted"),
        }
    }
}

/// Asks the witnesses of the log until the server is told to stop.
pub(super) async fn cosigners(asking: impl Future<Output = ()>, mut stop: watch::Receiver<bool>) {
    tokio::select! {
        () = asking => {}
        () = stopped(&mut stop) => {}
    }
}
