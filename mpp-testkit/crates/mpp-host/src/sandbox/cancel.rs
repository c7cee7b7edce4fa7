//! Cancelling a call: a handle that any thread may hold, and the waits that end when it is used.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;

/// How often a wait that cannot be woken looks whether its call was cancelled.
const LOOK: Duration = Duration::from_millis(10);

/// Cancels the calls that it was given to. Cheap to clone; every clone cancels the same calls.
///
/// A cancelled call ends soon: code of the tool at the next tick of the sandbox's clock (5 ms), a request, a sleep or a wait
/// for the state within 10 ms. A file operation that blocks is left behind. The call is answered with an error of the kind
/// `cancelled`. Its state transaction is rolled back and its declared files stay as they were; files that it wrote in
/// declared directories remain.
///
/// A call that is given a handle which was used before does not run. Once the effects of a call are permanent, cancelling
/// it has no effect.
///
/// ```
/// use mpp_host::{CallOptions, CancelHandle};
///
/// let cancel = CancelHandle::new();
/// let options = CallOptions::new().cancel(&cancel);
/// std::thread::spawn(move || cancel.cancel());
/// # drop(options);
/// ```
#[derive(Debug, Clone, Default)]
pub struct CancelHandle(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_cancelled: AtomicBool,
    /// Held while the flag is set, so that a thread about to wait does not miss it.
    lock: Mutex<()>,
    threads: Condvar,
    tasks: Notify,
}

impl CancelHandle {
    /// Creates a handle that has not been used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels every call that was given this handle or a clone of it, and every call that will be. Returns at once.
    pub fn cancel(&self) {
        {
            let _lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.is_cancelled.store(true, Ordering::SeqCst);
        }
        self.0.threads.notify_all();
        self.0.tasks.notify_waiters();
    }

    /// Returns whether [`cancel`](Self::cancel) was called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::SeqCst)
    }
}

/// The handle of one call, where the front end gave one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancellation(Option<CancelHandle>);

impl Cancellation {
    pub(crate) fn of(handle: Option<CancelHandle>) -> Self {
        Self(handle)
    }

    /// Whether the call can be cancelled at all.
    pub(crate) fn is_possible(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.as_ref().is_some_and(CancelHandle::is_cancelled)
    }

    /// Sleeps; returns early, and `false`, when the call is cancelled.
    pub(crate) fn sleep(&self, time: Duration) -> bool {
        let Some(CancelHandle(shared)) = &self.0 else {
            std::thread::sleep(time);
            return true;
        };
        let lock = shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = |(): &mut ()| !shared.is_cancelled.load(Ordering::SeqCst);
        let (_lock, waited) =
            shared.threads.wait_timeout_while(lock, time, waits).unwrap_or_else(PoisonError::into_inner);
        waited.timed_out()
    }

    /// The longest step in which something else may be waited for before [`is_requested`](Self::is_requested) is asked again.
    pub(crate) fn step(&self, time: Duration) -> Duration {
        if self.is_possible() { time.min(LOOK) } else { time }
    }

    /// Waits for `task`; drops it and returns `None` when the call is cancelled.
    pub(crate) async fn or_done<T>(&self, task: impl Future<Output = T>) -> Option<T> {
        if !self.is_possible() {
            return Some(task.await);
        }
        let (mut task, mut requested) = (pin!(task), pin!(self.requested()));
        poll_fn(|context| {
            if let Poll::Ready(done) = task.as_mut().poll(context) {
                return Poll::Ready(Some(done));
            }
            requested.as_mut().poll(context).map(|()| None)
        })
        .await
    }

    /// Completes when the call is cancelled.
    async fn requested(&self) {
        let Some(handle) = &self.0 else { return std::future::pending().await };
        let mut notified = pin!(handle.0.tasks.notified());
        // From here on a notification is not missed.
        notified.as_mut().enable();
        if !handle.is_cancelled() {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CancelHandle, Cancellation};

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn ends_a_sleep_and_a_task_that_wait() {
        let handle = CancelHandle::new();
        let cancellation = Cancellation::of(Some(handle.clone()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| cancellation.sleep(LONG));
            let task = scope.spawn(|| runtime.block_on(cancellation.requested()));
            handle.cancel();
            assert!(!sleeper.join().expect("no panic"), "slept to the end");
            task.join().expect("no panic");
        });
        assert!(cancellation.is_requested());
        assert!(!cancellation.sleep(LONG), "a later sleep");
        runtime.block_on(cancellation.requested());
    }

    #[test]
    fn a_call_without_a_handle_sleeps_as_long_as_asked() {
        let none = Cancellation::default();
        assert!(none.sleep(Duration::from_millis(1)) && !none.is_requested() && !none.is_possible());
        assert_eq!(none.step(LONG), LONG);
    }
}
