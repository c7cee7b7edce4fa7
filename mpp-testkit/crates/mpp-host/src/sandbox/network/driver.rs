//! Drives all connections of a host on the threads of the waiting calls, so that a request does not switch threads.
//!
//! Several threads can enter tokio's current-thread runtime at once. One of them drives the connections of all, and hands over
//! when its own response has arrived. While no call waits, a thread of the host drives the connections every few seconds, so that
//! connections that their server has closed, or that were idle for too long, are closed here too.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;

use crate::sandbox::cancel::Cancellation;

/// Maximum number of names that are resolved at once. A resolver can block for a long time.
const RESOLVING: usize = 16;
/// How often the connections are driven while no call waits.
const ROUND: Duration = Duration::from_secs(5);

/// The runtime, and the thread that drives it while no call waits. The thread ends when this is dropped.
#[derive(Debug)]
pub(super) struct Driver {
    runtime: Arc<Owned>,
    /// Dropping it ends the thread.
    _end: Sender<()>,
}

/// A runtime that can be dropped anywhere, even in an async task of the embedder and with tasks running on it.
#[derive(Debug)]
struct Owned(Option<Runtime>);

impl Driver {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(RESOLVING)
            .thread_name("mpp-resolver")
            .build()?;
        let runtime = Arc::new(Owned(Some(runtime)));
        let (end, ended) = channel::<()>();
        let kept = Arc::clone(&runtime);
        thread::Builder::new().name("mpp-network".to_owned()).spawn(move || {
            // Nothing is ever sent. The channel disconnects when the driver drops the sender.
            while ended.recv_timeout(ROUND) == Err(RecvTimeoutError::Timeout) {
                kept.block_on(settle());
            }
        })?;
        Ok(Self { runtime, _end: end })
    }

    pub(super) fn handle(&self) -> Option<Handle> {
        self.runtime.0.as_ref().map(|runtime| runtime.handle().clone())
    }

    /// Runs `task` for at most `time`, and returns its result. If the time is over or the call is cancelled, the task is dropped
    /// and the result is `None`.
    ///
    /// # Errors
    /// Returns an error if a thread is needed and cannot be started.
    pub(super) fn run<T: Send>(
        &self,
        time: Duration,
        cancellation: &Cancellation,
        task: impl Future<Output = T> + Send,
    ) -> io::Result<Option<T>> {
        let work = async {
            settle().await;
            task.await
        };
        let limited = async { tokio::time::timeout(time, cancellation.or_done(work)).await.ok().flatten() };
        let wait = || self.runtime.block_on(limited).flatten();
        if Handle::try_current().is_err() {
            return Ok(wait());
        }
        // This thread is driving another runtime (that of a program with files, or the embedder's) and cannot block on this one.
        thread::scope(|scope| {
            let thread = thread::Builder::new().name("mpp-request".to_owned()).spawn_scoped(scope, wait)?;
            Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }
}

/// Lets the runtime handle pending events, so that a request is not sent on a connection that its server has closed.
///
/// It takes two turns: in the first, the runtime polls for events that arrived while it was not driven; in the second, the
/// connections handle them.
async fn settle() {
    yield_now().await;
    yield_now().await;
}

impl Owned {
    /// Runs `future` on the runtime; `None` only while the runtime is being dropped.
    fn block_on<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        self.0.as_ref().map(|runtime| runtime.block_on(future))
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // Dropping a runtime waits for its blocking tasks, the look-ups. An async task must not wait.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Driver;
    use crate::sandbox::cancel::{CancelHandle, Cancellation};

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn runs_futures_from_any_number_of_threads() {
        let driver = Driver::start().expect("it starts");
        let never = Cancellation::default();
        let sum =
            || driver.run(LONG, &never, async { tokio::task::spawn_blocking(|| 1 + 1).await.ok() }).expect("it runs");
        assert_eq!(sum(), Some(Some(2)));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| assert_eq!(sum(), Some(Some(2))));
            }
        });
        let other = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(other.block_on(async { sum() }), Some(Some(2)), "on a thread that drives other tasks");
        // It can be dropped there as well.
        other.block_on(async move { drop(driver) });
    }

    #[test]
    fn stops_at_the_timeout() {
        let driver = Driver::start().expect("it starts");
        let not_cancelled = Cancellation::default();
        let never =
            || driver.run(Duration::from_millis(5), &not_cancelled, std::future::pending::<()>()).expect("it runs");
        assert_eq!(never(), None);
        let other = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(other.block_on(async { never() }), None);
    }

    #[test]
    fn stops_when_the_call_is_cancelled() {
        let driver = Driver::start().expect("it starts");
        let handle = CancelHandle::new();
        let cancellation = Cancellation::of(Some(handle.clone()));
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| driver.run(LONG, &cancellation, std::future::pending::<()>()));
            handle.cancel();
            assert_eq!(waits.join().expect("no panic").expect("it runs"), None);
        });
    }

    #[test]
    fn a_long_wait_does_not_delay_another() {
        let driver = Driver::start().expect("it starts");
        let (started, is_started) = tokio::sync::oneshot::channel();
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let never = Cancellation::default();
        std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                driver.run(LONG, &never, async move {
                    let _ = started.send(());
                    ended.await
                })
            });
            driver.run(LONG, &never, is_started).expect("it runs").expect("in time").expect("it has started");
            let slept = driver.run(LONG, &never, tokio_sleep()).expect("it runs");
            assert_eq!(slept, Some(()), "while the first one drives");
            let _ = end.send(());
            assert_eq!(first.join().expect("no panic").expect("it runs"), Some(Ok(())));
        });
    }

    async fn tokio_sleep() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
