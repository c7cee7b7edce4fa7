//! A worker thread for each thread that makes calls, on which work that may block runs while the caller waits with a timer.
//!
//! Each caller starts its own worker; there is no pool. The worker has the caller's name, so that its output in a test is
//! attributed to that test. It is kept for the caller's next call, and ends with the caller or after the work that blocked it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::time::Duration;

use super::cancel::Cancellation;
use crate::clock::Deadline;

type Work = Box<dyn FnOnce() + Send>;

thread_local! {
    /// The worker of this thread while it is idle.
    static CALL_THREAD: Cell<Option<Sender<Work>>> = const { Cell::new(None) };
}

/// Runs `work` on this thread's worker and returns its result.
///
/// Returns `None` if the work takes longer than `patience`, or longer than `grace` after the call was cancelled; the work
/// then continues, and its result is dropped. A panic on the worker is resumed on this thread.
///
/// # Errors
/// Returns an error if no thread can be started.
pub(super) fn run<T: Send + 'static>(
    patience: Duration,
    cancellation: &Cancellation,
    grace: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<Option<T>> {
    let thread = match CALL_THREAD.try_with(Cell::take) {
        Ok(Some(thread)) => thread,
        _ => start()?,
    };
    let (done, result) = sync_channel(1);
    let work = move || drop(done.send(catch_unwind(AssertUnwindSafe(work))));
    // The worker receives as long as it runs, and it does not end while its sender exists.
    thread.send(Box::new(work)).map_err(|_| std::io::Error::other("the thread of the call is gone"))?;
    match wait(&result, patience, cancellation, grace) {
        Ok(result) => {
            let _ = CALL_THREAD.try_with(|kept| kept.set(Some(thread)));
            result.map(Some).or_else(|panic| resume_unwind(panic))
        }
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(error @ RecvTimeoutError::Disconnected) => Err(std::io::Error::other(error)),
    }
}

/// Waits for the result of the work.
fn wait<T>(
    result: &Receiver<T>,
    patience: Duration,
    cancellation: &Cancellation,
    grace: Duration,
) -> Result<T, RecvTimeoutError> {
    if !cancellation.is_possible() {
        return result.recv_timeout(patience);
    }
    let end = Deadline::after(patience);
    let mut given_up: Option<Deadline> = None;
    loop {
        if given_up.is_none() && cancellation.is_requested() {
            given_up = Some(Deadline::after(grace));
        }
        let left = given_up.unwrap_or(end).remaining().min(end.remaining());
        match result.recv_timeout(cancellation.step(left)) {
            Err(RecvTimeoutError::Timeout) if !left.is_zero() => {}
            ended => return ended,
        }
    }
}

fn start() -> std::io::Result<Sender<Work>> {
    let (thread, works) = channel::<Work>();
    let name = std::thread::current().name().unwrap_or("mpp-call").to_owned();
    std::thread::Builder::new().name(name).spawn(move || works.into_iter().for_each(|work| work()))?;
    Ok(thread)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread::{current, panicking};
    use std::time::Duration;

    use super::Cancellation;
    use crate::sandbox::cancel::CancelHandle;

    const LONG: Duration = Duration::from_secs(60);

    fn run<T: Send + 'static>(
        patience: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::io::Result<Option<T>> {
        super::run(patience, &Cancellation::default(), Duration::ZERO, work)
    }

    #[test]
    fn a_caller_keeps_its_thread_until_work_blocks_it() {
        let id = || run(LONG, || current().id()).expect("a thread").expect("in time");
        let first = id();
        assert_eq!(first, id());
        assert_ne!(first, current().id());
        assert_ne!(
            first,
            std::thread::spawn(move || run(LONG, || current().id()).ok().flatten()).join().ok().flatten().expect("one")
        );
        let (release, held) = channel::<()>();
        let (ended, end) = channel();
        let late = run(Duration::from_millis(1), move || {
            let _ = held.recv();
            let _ = ended.send(current().id());
        });
        assert_eq!(late.expect("a thread"), None);
        assert_ne!(first, id(), "the one that is held is not used");
        drop(release);
        assert_eq!(end.recv_timeout(LONG), Ok(first), "it goes on to its end");
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_thread_survives() {
        let id = run(LONG, || current().id()).expect("a thread");
        let panic = std::panic::catch_unwind(|| run(LONG, || assert!(panicking(), "in its own words")));
        let panic = panic.map(drop).expect_err("a panic");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"in its own words"));
        assert_eq!(id, run(LONG, || current().id()).expect("a thread"));
        let name = run(LONG, || current().name().map(str::to_owned)).expect("a thread").flatten();
        assert_eq!(name.as_deref(), current().name());
    }

    #[test]
    fn blocked_work_is_abandoned_when_the_call_is_cancelled() {
        let handle = CancelHandle::new();
        let (release, held) = channel::<()>();
        let (started, has_started) = channel();
        std::thread::scope(|scope| {
            let cancellation = Cancellation::of(Some(handle.clone()));
            let call = scope.spawn(move || {
                super::run(LONG, &cancellation, Duration::ZERO, move || {
                    let _ = started.send(());
                    held.recv().is_ok()
                })
            });
            assert!(has_started.recv().is_ok());
            handle.cancel();
            assert_eq!(call.join().expect("no panic").expect("a thread"), None);
        });
        drop(release);
    }
}
