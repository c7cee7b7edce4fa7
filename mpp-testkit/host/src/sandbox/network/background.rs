//! One thread that drives every connection of a host, started by the first request: no caller needs a runtime of its own.

use std::future::Future;
use std::io;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// Names that may be looked up at once; a resolver may block for long.
const RESOLVING: usize = 16;
/// How much longer than its time a task may take to say that the time is over.
const GRACE: Duration = Duration::from_millis(500);

/// The thread. It ends when this is dropped, whatever is under way.
#[derive(Debug)]
pub(super) struct Background {
    handle: Handle,
    /// Dropping it ends the thread.
    _end: oneshot::Sender<()>,
}

impl Background {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(RESOLVING)
            .thread_name("mpp-resolver")
            .build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        std::thread::Builder::new().name("mpp-network".to_owned()).spawn(move || {
            // It resolves when the sender is dropped; nothing is ever sent.
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _end: end })
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs `task` there and waits for it here, at most `time`; `None` when the time is over.
    pub(super) fn run<T: Send + 'static>(
        &self,
        time: Duration,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (sender, receiver) = sync_channel(1);
        let task = self.handle.spawn(async move {
            // Nobody listens any more where the grace is over.
            let _ = sender.send(tokio::time::timeout(time, task).await.ok());
        });
        match receiver.recv_timeout(time.saturating_add(GRACE)) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                task.abort();
                None
            }
        }
    }
}
