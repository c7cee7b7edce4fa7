//! Runs calls in parallel, fairly between the sources of tools, with bounds on what runs and what waits.
//!
//! Each source (a package or a server) can hold at most the total number of places less one for each other source, so that a slow one
//! leaves room. Calls that wait are started in turns, one source after the other.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Work that runs when a place is free.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Calls of one source that may wait.
const WAITING: usize = 256;

/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(10);

/// The error returned when too many calls of a source are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy;

/// Shares a number of places between sources. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scheduler {
    inner: Arc<Inner>,
}

struct Inner {
    total: usize,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    running: usize,
    sources: Vec<Load>,
    /// The source whose turn is next.
    turn: usize,
    /// Jobs that have a place and wait for a thread.
    ready: VecDeque<(usize, Job)>,
    idle: usize,
}

#[derive(Default)]
struct Load {
    running: usize,
    waiting: VecDeque<Job>,
}

/// A place in which the holder runs a call. Dropping it starts a waiting call.
pub(crate) struct Permit {
    scheduler: Scheduler,
    source: usize,
}

impl Scheduler {
    /// Creates a scheduler with this number of places.
    pub(crate) fn new(total: usize) -> Self {
        let inner = Inner { total: total.max(1), state: Mutex::default(), work: Condvar::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Adds a source and returns its index.
    pub(crate) fn add_source(&self) -> usize {
        let mut state = self.state();
        state.sources.push(Load::default());
        state.sources.len() - 1
    }

    /// Takes a place for a call that the current thread runs; `None` if the call has to wait.
    pub(crate) fn enter(&self, source: usize) -> Option<Permit> {
        let mut state = self.state();
        if !state.sources.get(source).is_some_and(|load| load.waiting.is_empty())
            || !state.start(source, self.inner.total)
        {
            return None;
        }
        Some(Permit { scheduler: self.clone(), source })
    }

    /// Runs `job` on another thread as soon as there is a place.
    pub(crate) fn submit(&self, source: usize, job: Job) -> Result<(), Busy> {
        let mut state = self.state();
        if state.sources.get(source).is_some_and(|load| load.waiting.is_empty())
            && state.start(source, self.inner.total)
        {
            state.ready.push_back((source, job));
            self.wake(&mut state);
            return Ok(());
        }
        let Some(load) = state.sources.get_mut(source).filter(|load| load.waiting.len() < WAITING) else {
            return Err(Busy);
        };
        load.waiting.push_back(job);
        Ok(())
    }

    fn release(&self, source: usize) {
        let mut state = self.state();
        state.running -= 1;
        if let Some(load) = state.sources.get_mut(source) {
            load.running -= 1;
        }
        while let Some(next) = state.next(self.inner.total) {
            state.ready.push_back(next);
            self.wake(&mut state);
        }
    }

    /// Wakes an idle thread, or starts one.
    fn wake(&self, state: &mut State) {
        if state.idle >= state.ready.len() {
            self.inner.work.notify_one();
            return;
        }
        let scheduler = self.clone();
        let started = std::thread::Builder::new().name("mpp-call".to_owned()).spawn(move || scheduler.work());
        // Without a thread to spare, the next thread that becomes idle takes the job.
        drop(started);
    }

    fn work(&self) {
        loop {
            let mut state = self.state();
            while state.ready.is_empty() {
                state.idle += 1;
                let (again, waited) = self.inner.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
                state = again;
                state.idle -= 1;
                if waited.timed_out() && state.ready.is_empty() {
                    return;
                }
            }
            let Some((source, job)) = state.ready.pop_front() else { continue };
            drop(state);
            let permit = Permit { scheduler: self.clone(), source };
            // A job that panics must not take the thread and the place with it.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
            drop(permit);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a place for `source`, if there is one that it may have.
    fn start(&mut self, source: usize, total: usize) -> bool {
        let others = self.sources.len().saturating_sub(1);
        let share = total - others.min(total / 2);
        let Some(load) = self.sources.get_mut(source) else { return false };
        if self.running >= total || load.running >= share {
            return false;
        }
        load.running += 1;
        self.running += 1;
        true
    }

    /// Takes the next waiting job that may start.
    fn next(&mut self, total: usize) -> Option<(usize, Job)> {
        let count = self.sources.len();
        for step in 0..count {
            let source = (self.turn + step) % count;
            if self.sources[source].waiting.is_empty() || !self.start(source, total) {
                continue;
            }
            self.turn = (source + 1) % count;
            return self.sources[source].waiting.pop_front().map(|job| (source, job));
        }
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.scheduler.release(self.source);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_source_leaves_a_place_for_each_other_source() {
        let scheduler = Scheduler::new(4);
        let (slow, quick) = (scheduler.add_source(), scheduler.add_source());
        let held: Vec<Permit> = std::iter::from_fn(|| scheduler.enter(slow)).collect();
        assert_eq!(held.len(), 3);
        assert!(scheduler.enter(quick).is_some());
    }

    #[test]
    fn waiting_calls_start_in_turns() {
        let scheduler = Scheduler::new(1);
        let (first, second) = (scheduler.add_source(), scheduler.add_source());
        let held = scheduler.enter(first).unwrap();
        let (sender, receiver) = channel();
        for (source, name) in [(first, "a1"), (first, "a2"), (first, "a3"), (second, "b1"), (second, "b2")] {
            let sender = sender.clone();
            scheduler.submit(source, Box::new(move || sender.send(name).unwrap())).unwrap();
        }
        drop(held);
        let order: Vec<&str> = receiver.iter().take(5).collect();
        assert_eq!(order, ["a1", "b1", "a2", "b2", "a3"]);
    }

    #[test]
    fn a_full_queue_is_busy_and_recovers() {
        let scheduler = Scheduler::new(1);
        let source = scheduler.add_source();
        let held = scheduler.enter(source).unwrap();
        let (sender, receiver) = channel();
        let submit = || {
            let sender = sender.clone();
            scheduler.submit(source, Box::new(move || sender.send(()).unwrap()))
        };
        for _ in 0..WAITING {
            submit().unwrap();
        }
        assert_eq!(submit(), Err(Busy));
        drop(held);
        assert_eq!(receiver.iter().take(WAITING).count(), WAITING);
        submit().unwrap();
        receiver.recv().unwrap();
    }

    #[test]
    fn a_job_that_panics_gives_its_place_back() {
        let scheduler = Scheduler::new(1);
        let source = scheduler.add_source();
        scheduler.submit(source, Box::new(|| std::panic::resume_unwind(Box::new("quiet")))).unwrap();
        let (sender, receiver) = channel();
        scheduler.submit(source, Box::new(move || sender.send(7).unwrap())).unwrap();
        assert_eq!(receiver.recv().unwrap(), 7);
    }
}
