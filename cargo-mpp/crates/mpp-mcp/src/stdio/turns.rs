//! Threads that take turns to read: whoever has the reader reads one line, passes the reader on, and answers the line itself.
//!
//! Waking another thread takes longer than most calls. A reader that is passed on is therefore left where it is: the thread that passed it
//! on takes it again after its call. Another thread is woken only if there is work for it now, or if calls turn out to take long, which
//! [`Turns::watch`] notices.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the watch looks whether somebody should be reading.
const TICK: Duration = Duration::from_micros(500);

/// Ticks without a message after which the watch sleeps until the next one.
const LINGER: u32 = 100;

/// A source of messages.
pub(super) trait Source {
    /// Returns whether a message can be read without waiting.
    fn has_more(&self) -> bool;
}

/// A reader that is shared by threads.
pub(super) struct Turns<R> {
    state: Mutex<State<R>>,
    /// Wakes a thread that waits for its turn.
    free: Condvar,
    /// Wakes the watch.
    active: Condvar,
    /// Number of calls for which the machine has processors.
    processors: usize,
}

struct State<R> {
    /// `None` while a thread has the reader.
    reader: Option<R>,
    is_over: bool,
    /// Threads that wait for their turn.
    waiting: usize,
    /// Calls that began since the last tick, and still run.
    fresh: usize,
    /// Number of the current tick.
    tick: u64,
    /// Number of messages that were read.
    messages: u64,
    /// Whether the calls that run seem to wait for something, so that further ones need further threads.
    is_stalled: bool,
    is_watch_asleep: bool,
}

/// The right to read. Dropping it passes the reader on.
pub(super) struct Turn<'a, R: Source> {
    turns: &'a Turns<R>,
    /// `None` after the end of the input.
    reader: Option<R>,
    work: &'a mut Work,
}

/// The call that a thread runs, if it does.
#[derive(Default)]
pub(super) struct Work {
    /// The tick in which it began.
    since: Option<u64>,
}

impl<R: Source> Turns<R> {
    pub(super) fn new(reader: R) -> Self {
        let state = State {
            reader: Some(reader),
            is_over: false,
            waiting: 0,
            fresh: 0,
            tick: 0,
            messages: 0,
            is_stalled: false,
            is_watch_asleep: false,
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { state: Mutex::new(state), free: Condvar::new(), active: Condvar::new(), processors }
    }

    /// Ends the work that the thread did since its last turn, and waits for the next turn. `None` at the end of the input.
    pub(super) fn take<'a>(&'a self, work: &'a mut Work) -> Option<Turn<'a, R>> {
        let mut state = self.state();
        if let Some(since) = work.since.take() {
            state.is_stalled = false;
            if since == state.tick {
                state.fresh -= 1;
            }
        }
        loop {
            if state.is_over {
                return None;
            }
            if let Some(reader) = state.reader.take() {
                drop(state);
                return Some(Turn { turns: self, reader: Some(reader), work });
            }
            state.waiting += 1;
            state = self.free.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Ends all waiting, because the input has ended or is no longer of interest.
    pub(super) fn end(&self) {
        self.state().is_over = true;
        self.free.notify_all();
        self.active.notify_all();
    }

    /// Looks whether all threads that are awake are busy for long, and wakes another one then. Returns when the input has ended.
    pub(super) fn watch(&self) {
        let (mut known, mut idle) = (0, 0);
        let mut state = self.state();
        while !state.is_over {
            if idle > LINGER {
                state.is_watch_asleep = true;
                state = self.active.wait(state).unwrap_or_else(PoisonError::into_inner);
                state.is_watch_asleep = false;
                idle = 0;
                continue;
            }
            state = self.active.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
            let is_quiet = state.messages == known;
            known = state.messages;
            (state.tick, state.fresh) = (state.tick + 1, 0);
            let is_left = state.reader.is_some();
            if is_quiet && is_left && state.waiting > 0 {
                state.is_stalled = true;
                self.free.notify_one();
            }
            idle = if is_quiet && !is_left { idle + 1 } else { 0 };
        }
    }

    fn pass_on(&self, reader: R, work: &mut Work) {
        let mut state = self.state();
        state.messages += 1;
        state.fresh += 1;
        work.since = Some(state.tick);
        let is_wanted = state.waiting > 0 && (state.is_stalled || state.fresh < self.processors) && reader.has_more();
        state.reader = Some(reader);
        let is_watch_asleep = state.is_watch_asleep;
        drop(state);
        if is_wanted {
            self.free.notify_one();
        }
        if is_watch_asleep {
            self.active.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Source> Turn<'_, R> {
    /// Returns the reader.
    pub(super) fn reader(&mut self) -> Option<&mut R> {
        self.reader.as_mut()
    }

    /// Ends the input.
    pub(super) fn end(mut self) {
        self.reader = None;
        self.turns.end();
    }
}

impl<R: Source> Drop for Turn<'_, R> {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.turns.pass_on(reader, self.work);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread::ThreadId;

    use super::*;

    /// Lines that a test sends.
    struct Lines(Receiver<u32>, Option<u32>);

    impl Lines {
        fn new() -> (Sender<u32>, Self) {
            let (sender, receiver) = channel();
            (sender, Self(receiver, None))
        }

        fn next(&mut self) -> Option<u32> {
            let next = self.1.take().or_else(|| self.0.recv().ok());
            self.1 = self.0.try_recv().ok();
            next
        }
    }

    impl Source for Lines {
        fn has_more(&self) -> bool {
            self.1.is_some()
        }
    }

    /// Runs `handle` for each line until the end of the input.
    fn answer(turns: &Turns<Lines>, handle: impl Fn(u32)) {
        let mut work = Work::default();
        while let Some(mut turn) = turns.take(&mut work) {
            match turn.reader().and_then(Lines::next) {
                Some(line) => {
                    drop(turn);
                    handle(line);
                }
                None => turn.end(),
            }
        }
    }

    #[test]
    fn calls_that_wait_for_each_other_all_run() {
        let (sender, lines) = Lines::new();
        let (turns, barrier) = (Turns::new(lines), Barrier::new(5));
        std::thread::scope(|scope| {
            scope.spawn(|| turns.watch());
            for _ in 0..5 {
                scope.spawn(|| {
                    answer(&turns, |_| {
                        barrier.wait();
                    });
                });
            }
            (0..5).for_each(|line| sender.send(line).unwrap());
            while !turns.state().is_watch_asleep {
                std::thread::sleep(TICK);
            }
            for line in 5..10 {
                sender.send(line).unwrap();
                std::thread::sleep(TICK * 4);
            }
            drop(sender);
        });
    }

    #[test]
    fn calls_one_after_the_other_wake_no_further_thread() {
        let (sender, lines) = Lines::new();
        let turns = Turns::new(lines);
        let (done, seen) = channel::<ThreadId>();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let (turns, done) = (&turns, done.clone());
                scope.spawn(move || answer(turns, |_| done.send(std::thread::current().id()).unwrap()));
            }
            while turns.state().waiting < 3 {
                std::thread::yield_now();
            }
            let call = |line| {
                sender.send(line).unwrap();
                seen.recv().unwrap()
            };
            let threads: HashSet<ThreadId> = (0..100).map(call).collect();
            assert_eq!(threads.len(), 1);
            drop(sender);
        });
    }

    #[test]
    fn lines_that_are_there_already_are_read_by_another_thread() {
        let (sender, lines) = Lines::new();
        let (turns, barrier) = (Turns { processors: 2, ..Turns::new(lines) }, Barrier::new(2));
        (0..2).for_each(|line| sender.send(line).unwrap());
        std::thread::scope(|scope| {
            // Without the watch.
            for _ in 0..2 {
                scope.spawn(|| {
                    answer(&turns, |_| {
                        barrier.wait();
                    });
                });
            }
            drop(sender);
        });
    }

    #[test]
    fn the_end_of_the_input_ends_every_thread() {
        let (sender, lines) = Lines::new();
        drop(sender);
        let turns = Turns::new(lines);
        std::thread::scope(|scope| {
            scope.spawn(|| turns.watch());
            for _ in 0..3 {
                scope.spawn(|| answer(&turns, |_| {}));
            }
        });
    }
}
