//! The writer of the log: it serialises changes, commits them in batches, and finishes what other servers left unfinished.
//!
//! A commit is one object that is created once (`log/commit/{size}`) and is the only thing that decides which changes exist.
//! Tiles, the checkpoint and derived files follow from it, and any server can write them. There is no lock between servers.

mod batch;
mod catch_up;
mod core;
mod error;
mod finish;
mod open;
mod rebuild;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use mpp_host::causes::BoxedError;
use mpp_host::clock::Clock;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::batch::{Answer, Job};
use self::core::Core;
pub use self::error::{AppendError, WriterError};
pub use self::rebuild::{Rebuilt, rebuild};
use super::checkpoint::{Checkpoint, SignedCheckpoint};
use super::derived::Derived;
use super::keys::LogKeys;
use crate::note::NoteSignature;
use crate::protocol::{Body, Genesis, Leaf};
use crate::store::Store;

/// The state that the log keeps: a deterministic fold over its leaves.
///
/// The log clones the state for each batch, so that readers keep theirs: a clone should share what does not change.
pub trait Fold: Clone + Send + Sync + 'static {
    /// The reason for which a change is refused.
    type Refusal: std::error::Error + Send + Sync + 'static;
    /// What leaves have changed, from which it follows which files have to be written.
    type Effects: Default + Send + Sync + 'static;

    /// Applies a leaf, and returns what it changes.
    ///
    /// # Errors
    /// Returns the reason for which the leaf does not fit. The state is then unchanged.
    fn apply(&mut self, index: u64, leaf: &Leaf) -> Result<Self::Effects, Self::Refusal>;

    /// Adds the effects of later leaves to those of earlier ones.
    fn merge(effects: &mut Self::Effects, later: Self::Effects);

    /// Returns the effects of all leaves, from which every derived file follows.
    fn all_effects(&self) -> Self::Effects;
}

/// Makes the files that are derived from the state.
pub trait Derive<S: Fold>: Send + Sync + 'static {
    /// Makes the files that reflect the state at `head`, which `effects` say have changed. It may be called again for the same
    /// effects, also on other servers.
    fn derive<'a>(
        &'a self,
        state: &'a S,
        head: &'a Checkpoint,
        effects: &'a S::Effects,
    ) -> BoxFuture<'a, Result<Vec<Derived>, BoxedError>>;
}

/// What a [`Log`] is opened with.
pub struct Options<S: Fold> {
    /// The stored objects.
    pub store: Store,
    /// The log key.
    pub keys: LogKeys,
    /// The source of the times of leaves.
    pub clock: Arc<dyn Clock>,
    /// The first leaf, which is written if the log is empty.
    pub genesis: Genesis,
    /// The state of an empty log.
    pub empty: S,
    /// Makes derived files.
    pub derive: Arc<dyn Derive<S>>,
    /// A state from a cache, and the checkpoint that it reflects.
    pub cached: Option<(S, Checkpoint)>,
    /// The time between looks at the store for changes of other servers.
    pub poll: Duration,
}

impl<S: Fold> fmt::Debug for Options<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("store", &self.store).field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// What readers of the log see: the published checkpoint, and the state that belongs to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct View<S> {
    /// The state after the leaves of the checkpoint.
    pub state: S,
    /// The published checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// A change that is in the log, and visible.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Appended<S> {
    /// Index of the leaf.
    pub index: u64,
    /// Time of the leaf in milliseconds since 1970.
    pub time: u64,
    /// A view that contains the change.
    pub view: Arc<View<S>>,
}

/// The log of a server. Clones share one writer, which ends when the last of them is dropped.
pub struct Log<S: Fold> {
    inner: Arc<Inner<S>>,
}

struct Inner<S: Fold> {
    requests: mpsc::Sender<Request<S>>,
    views: watch::Receiver<Arc<View<S>>>,
    task: JoinHandle<()>,
}

/// Adds the cosignatures of witnesses to published checkpoints.
pub struct Cosigning<S: Fold> {
    requests: mpsc::WeakSender<Request<S>>,
}

impl<S: Fold> Cosigning<S> {
    /// Adds cosignatures to the checkpoint of this size, if it still is the published one. Returns whether the log is open.
    pub async fn add(&self, size: u64, signatures: Vec<NoteSignature>) -> bool {
        match self.requests.upgrade() {
            Some(requests) => requests.send(Request::Cosign(size, signatures)).await.is_ok(),
            None => false,
        }
    }
}

impl<S: Fold> fmt::Debug for Cosigning<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cosigning")
    }
}

/// What the writer can be asked for.
enum Request<S: Fold> {
    Append(Box<Job<S>>),
    Publish(Vec<Derived>, oneshot::Sender<Result<(), WriterError>>),
    Cosign(u64, Vec<NoteSignature>),
    CatchUp(oneshot::Sender<Result<(), WriterError>>),
}

impl<S: Fold> Log<S> {
    /// Opens a log: reads its leaves, finishes what other servers left unfinished, and writes the first leaf if there is none.
    ///
    /// # Errors
    /// Returns [`WriterError`] if the store cannot be read or written, if it belongs to another registry, if the log contradicts
    /// its checkpoint, or if it is older than what this server has signed.
    pub async fn open(options: Options<S>) -> Result<Self, WriterError> {
        let poll = options.poll;
        let core = Core::open(options).await?;
        let (requests, inbox) = mpsc::channel(1024);
        let (publish, views) = watch::channel(core.view()?);
        let task = tokio::spawn(run(core, inbox, publish, poll));
        Ok(Self { inner: Arc::new(Inner { requests, views, task }) })
    }

    /// Returns the published checkpoint and the state that belongs to it.
    #[must_use]
    pub fn view(&self) -> Arc<View<S>> {
        self.inner.views.borrow().clone()
    }

    /// Returns a receiver that is notified of each new view.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<Arc<View<S>>> {
        self.inner.views.clone()
    }

    /// Appends a leaf. `check` sees the state with all earlier leaves, and refuses the change or lets it pass; it is called again
    /// if another server was faster. Changes that are requested at the same time are committed together.
    ///
    /// When this returns `Ok`, the leaf is durable, and checkpoint and derived files contain it.
    ///
    /// # Errors
    /// Returns [`AppendError::Refused`] with the reason of `check` or of [`Fold::apply`], [`AppendError::Unknown`] if the change
    /// may be in the log and may not, so that it has to be requested again, or [`AppendError::Failed`] if it is not.
    pub async fn append(
        &self,
        body: Body,
        check: impl Fn(&S, u64, &Leaf) -> Result<(), S::Refusal> + Send + Sync + 'static,
    ) -> Result<Appended<S>, AppendError<S::Refusal>> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Job::new(body, Box::new(check), reply));
        let closed = || AppendError::Failed(Arc::new(WriterError::Closed));
        self.inner.requests.send(Request::Append(job)).await.map_err(|_| closed())?;
        // If the writer ends meanwhile, it may have committed the change.
        answer.await.unwrap_or(Err(AppendError::Unknown(Arc::new(WriterError::Closed))))
    }

    /// Reads the changes of other servers, and finishes what they left unfinished.
    ///
    /// # Errors
    /// Returns [`WriterError`] if the store fails, or if the log contradicts itself.
    pub async fn catch_up(&self) -> Result<(), WriterError> {
        self.ask(Request::CatchUp).await
    }

    /// Writes derived files that do not follow from a leaf, such as a revocation list with a later time.
    ///
    /// # Errors
    /// Returns [`WriterError`] if the store fails.
    pub async fn publish(&self, files: Vec<Derived>) -> Result<(), WriterError> {
        self.ask(|reply| Request::Publish(files, reply)).await
    }

    /// Returns a handle that adds the cosignatures of witnesses. It does not keep the writer alive.
    #[must_use]
    pub fn cosigning(&self) -> Cosigning<S> {
        Cosigning { requests: self.inner.requests.downgrade() }
    }

    async fn ask(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<(), WriterError>>) -> Request<S>,
    ) -> Result<(), WriterError> {
        let (reply, answer) = oneshot::channel();
        self.inner.requests.send(request(reply)).await.map_err(|_| WriterError::Closed)?;
        answer.await.unwrap_or(Err(WriterError::Closed))
    }

    /// Stops the writer in the middle of whatever it does, as a crash would.
    #[cfg(test)]
    pub(crate) fn kill(&self) {
        self.inner.task.abort();
    }

    /// Waits until the writer has ended, which it does when all other clones are dropped and all requests are answered. The store
    /// can be opened again afterwards.
    pub async fn close(self) {
        if let Ok(inner) = Arc::try_unwrap(self.inner).map_err(drop) {
            drop(inner.requests);
            drop(inner.views);
            let _ = inner.task.await;
        }
    }
}

impl<S: Fold> Clone for Log<S> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

impl<S: Fold> fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("checkpoint", self.view().checkpoint.checkpoint()).finish_non_exhaustive()
    }
}

/// The largest number of leaves in one commit.
const MAX_BATCH: usize = 256;

/// Answers requests, one batch after the other, until all senders are dropped.
async fn run<S: Fold>(
    mut core: Core<S>,
    mut inbox: mpsc::Receiver<Request<S>>,
    publish: watch::Sender<Arc<View<S>>>,
    poll: Duration,
) {
    let mut waiting = Vec::new();
    let mut ticks = tokio::time::interval(poll);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            received = inbox.recv_many(&mut waiting, MAX_BATCH) => if received == 0 { return },
            _ = ticks.tick() => {
                if let Err(error) = core.look_around().await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "cannot follow the log");
                }
            }
        }
        let mut jobs = Vec::new();
        for request in waiting.drain(..) {
            match request {
                Request::Append(job) => jobs.push(*job),
                Request::CatchUp(reply) => {
                    let done = core.refresh().await;
                    // Whoever gets the answer sees what was read.
                    if let Ok(view) = core.view() {
                        publish.send_replace(view);
                    }
                    drop(reply.send(done));
                }
                Request::Publish(files, reply) => drop(reply.send(core.publish_more(&files).await)),
                Request::Cosign(size, signatures) => {
                    if let Err(error) = core.cosign(size, signatures).await {
                        tracing::warn!(error = &error as &dyn std::error::Error, "cannot publish cosignatures");
                    }
                }
            }
        }
        // Answers are sent after the view is visible, so that whoever got one sees its change.
        let answers = if jobs.is_empty() { Vec::new() } else { core.append(jobs).await };
        if let Ok(view) = core.view() {
            publish.send_replace(view);
        }
        answers.into_iter().for_each(Answer::send);
    }
}
