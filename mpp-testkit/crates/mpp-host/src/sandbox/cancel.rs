//! Cancellation of calls: a handle that any thread may hold, and the waits that end when it is used.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;

/// Interval at which a wait that cannot be woken checks whether its call was cancelled.
const LOOK: Duration = Duration::from_millis(10);

/// Cancels the calls that it is passed to. Cheap to clone; every clone cancels the same calls.
///
/// A cancelled call ends soon: code of the tool at the next tick of the sandbox's clock (5 ms), a request, a sleep or a wait
/// for the state within 10 ms. A blocking file operation is abandoned. The call returns an error of the kind `cancelled`.
/// Its state transaction is rolled back and its declared files are unchanged; files that it wrote in declared directories
/// remain.
///
/// A call whose handle was cancelled before it starts does not run. Once the effects of a call are permanent, cancelling it
/// has no effect.
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
    /// Held while the flag is being set, so that a thread that is about to wait does not miss it.
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

    /// Cancels every call that has this handle or a clone of it, including calls that start later. Returns immediately.
    pub fn cancel(&self) {
        {
            let _lock = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.0.is_cancelled.store(true, Ordering::SeqCst);
        }
        self.0.threads.notify_all();
        self.0.tasks.notify_waiters();
    }

    /// Returns whether [`cancel`](Self::cancel) has been called.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::SeqCst)
    }
}

/// The cancellation of one call, which is possible only if the front end passed a handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancellation(Option<CancelHandle>);

impl Cancellation {
    pub(crate) fn of(handle: Option<CancelHandle>) -> Self {
        Self(handle)
    }

    /// Returns whether the call can be cancelled, which is the case if it has a handle.
    pub(crate) fn is_possible(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn is_requested(&self) -> bool {
        self.0.as_ref().is_some_and(CancelHandle::is_cancelled)
    }

    /// Sleeps for `time`. Returns `false`, possibly early, if the call is cancelled.
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

    /// Returns the longest part of `time` that a caller may wait before it checks [`is_requested`](Self::is_requested) again.
    pub(crate) fn step(&self, time: Duration) -> Duration {
        if self.is_possible() { time.min(LOOK) } else { time }
    }

    /// Waits for `task`. Drops it and returns `None` if the call is cancelled first.
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
        // From here on no notification is missed.
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
    fn cancelling_ends_a_sleep_and_a_waiting_task() {
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
