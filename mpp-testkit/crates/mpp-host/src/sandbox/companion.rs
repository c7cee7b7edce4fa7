//! A second thread for each thread that calls: work that may block is done there, and whoever called waits with a timer.
//!
//! It is started by its caller and not taken from a pool: it has the caller's name, and in a test what is printed there
//! belongs to the test. It is kept for the caller's next call, and ends with the caller, or after the work that held it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel, sync_channel};
use std::time::Duration;

type Work = Box<dyn FnOnce() + Send>;

thread_local! {
    /// This thread's, while it has nothing to do.
    static COMPANION: Cell<Option<Sender<Work>>> = const { Cell::new(None) };
}

/// Does `work` on the companion of this thread and gives what it gave; `None` where that takes longer than `patience`: it
/// goes on without anybody who listens. What panics there panics here.
///
/// # Errors
/// Where no thread is to be had.
pub(super) fn run<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<Option<T>> {
    let companion = match COMPANION.try_with(Cell::take) {
        Ok(Some(companion)) => companion,
        _ => start()?,
    };
    let (done, result) = sync_channel(1);
    let work = move || drop(done.send(catch_unwind(AssertUnwindSafe(work))));
    // It listens as long as it is there, and it does not end while it is kept.
    companion.send(Box::new(work)).map_err(|_| std::io::Error::other("the companion is gone"))?;
    match result.recv_timeout(patience) {
        Ok(result) => {
            let _ = COMPANION.try_with(|kept| kept.set(Some(companion)));
            result.map(Some).or_else(|panic| resume_unwind(panic))
        }
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(error @ RecvTimeoutError::Disconnected) => Err(std::io::Error::other(error)),
    }
}

fn start() -> std::io::Result<Sender<Work>> {
    let (companion, works) = channel::<Work>();
    let name = std::thread::current().name().unwrap_or("mpp-call").to_owned();
    std::thread::Builder::new().name(name).spawn(move || works.into_iter().for_each(|work| work()))?;
    Ok(companion)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread::{current, panicking};
    use std::time::Duration;

    use super::run;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn one_thread_serves_one_caller_until_work_holds_it() {
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
    fn a_panic_is_the_callers_and_the_thread_goes_on() {
        let id = run(LONG, || current().id()).expect("a thread");
        let panic = std::panic::catch_unwind(|| run(LONG, || assert!(panicking(), "in its own words")));
        let panic = panic.map(drop).expect_err("a panic");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"in its own words"));
        assert_eq!(id, run(LONG, || current().id()).expect("a thread"));
        let name = run(LONG, || current().name().map(str::to_owned)).expect("a thread").flatten();
        assert_eq!(name.as_deref(), current().name());
    }
}
