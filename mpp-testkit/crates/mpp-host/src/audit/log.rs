//! The sink that writes to files: one chain, whoever writes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Trouble;
use super::store::{End, PATIENCE, Store};
use super::{AuditError, AuditSink, Invocation};

/// So many lines one after the other, with nobody else's between them, and the lock is kept for a while.
const ALONE: u32 = 16;
/// The longest pause between two calls that counts as one after the other.
const PAUSE: Duration = Duration::from_millis(1);
/// How long the lock is kept, and the head may lie behind the lines.
const KEPT: Duration = Duration::from_millis(4);

/// An audit log in a directory of this user's alone; made at the first call.
///
/// Several threads and processes may write to one log. Nothing is synced to the disk: a record outlives the process that
/// wrote it, and not a loss of power.
///
/// A process that calls one tool after the other and finds itself alone keeps the lock for some milliseconds, so that a
/// record costs one write. The head follows when it lets go.
#[derive(Debug)]
pub struct AuditLog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// Whether the last thing that was tried worked.
    is_well: AtomicBool,
    state: Mutex<State>,
    /// Wakes the keeper.
    kept: Condvar,
}

#[derive(Debug, Default)]
struct State {
    open: Option<(Store, End)>,
    /// Whether the lock is kept.
    is_kept: bool,
    /// Lines since somebody else wrote, or since the lock was given back.
    alone: u32,
    /// When the last line was written, in the host's monotonic time.
    last: Duration,
    /// Whether the last one who waited for the lock waited in vain.
    is_stuck: bool,
    keeper: Keeper,
}

/// The thread that gives the lock back.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Keeper {
    #[default]
    NotStarted,
    Runs,
    /// No thread was to be had, or the log is closed.
    Ended,
}

impl AuditLog {
    /// The log in `dir`, which is made when the first call comes.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Shared {
            path: dir.into(),
            is_well: AtomicBool::new(false),
            state: Mutex::default(),
            kept: Condvar::new(),
        }))
    }
}

impl AuditSink for AuditLog {
    fn ready(&self) -> Result<(), AuditError> {
        if self.0.is_well.load(Ordering::Acquire) {
            return Ok(());
        }
        let mut state = self.0.state();
        let end = state.check(&self.0.path);
        self.0.is_well.store(end.is_ok(), Ordering::Release);
        end.map_err(|trouble| trouble.in_dir(&self.0.path))
    }

    fn record(&self, invocation: &Invocation<'_>) -> Result<(), AuditError> {
        let mut state = self.0.state();
        let end = state.record(&self.0.path, invocation);
        if end.is_err() {
            self.0.is_well.store(false, Ordering::Release);
        }
        if state.is_kept && state.keeper == Keeper::NotStarted {
            state.keeper = Shared::start_keeper(&self.0);
        }
        if state.is_kept && state.alone == ALONE {
            match state.keeper {
                Keeper::Runs => self.0.kept.notify_one(),
                _ => state.let_go(),
            }
        }
        drop(state);
        end.map_err(|trouble| trouble.in_dir(&self.0.path))
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.let_go();
        state.keeper = Keeper::Ended;
        self.0.kept.notify_one();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // What a thread that panicked left is as good as what a process that was killed leaves.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_keeper(shared: &Arc<Self>) -> Keeper {
        let shared = Arc::clone(shared);
        let started = std::thread::Builder::new().name("mpp-audit".to_owned()).spawn(move || shared.keep());
        if started.is_ok() { Keeper::Runs } else { Keeper::Ended }
    }

    /// Gives the lock back a few milliseconds after it was kept, as often as it is kept.
    fn keep(&self) {
        let mut state = self.state();
        while state.keeper == Keeper::Runs {
            if !state.is_kept {
                state = self.kept.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(state);
            std::thread::sleep(KEPT);
            state = self.state();
            state.let_go();
        }
    }
}

impl State {
    /// Opens the log, or looks after it once more.
    fn check(&mut self, path: &Path) -> Result<(), Trouble> {
        let patience = self.patience();
        let end = match &mut self.open {
            Some((store, end)) if self.is_kept => store.check_room(end),
            Some((store, end)) => store.lock(patience).and_then(|()| {
                let checked = store.catch_up(end).and_then(|()| store.check_room(end));
                store.unlock();
                checked
            }),
            None => Store::open(path, patience).map(|(store, end)| {
                store.unlock();
                self.open = Some((store, end));
            }),
        };
        self.is_stuck = matches!(end, Err(Trouble::Busy));
        end
    }

    fn record(&mut self, path: &Path, invocation: &Invocation<'_>) -> Result<(), Trouble> {
        if self.open.is_none() {
            self.check(path)?;
        }
        let patience = self.patience();
        let Some((store, end)) = &mut self.open else { return Err(Trouble::Busy) };
        if !self.is_kept {
            let locked = store.lock(patience);
            self.is_stuck = matches!(locked, Err(Trouble::Busy));
            locked?;
        }
        let written = add(store, end, invocation, self.is_kept, &mut self.alone);
        let follows_closely = invocation.monotonic.saturating_sub(self.last) < PAUSE;
        self.last = invocation.monotonic;
        self.alone = if follows_closely && written.is_ok() { self.alone.saturating_add(1) } else { 0 };
        if self.alone >= ALONE && self.keeper != Keeper::Ended {
            self.is_kept = true;
            return written;
        }
        let settled = store.write_head(end);
        self.is_kept = false;
        store.unlock();
        written.and(settled)
    }

    /// Writes the head and gives the lock back, where it is kept.
    fn let_go(&mut self) {
        if let (true, Some((store, end))) = (self.is_kept, &mut self.open) {
            // The next line writes it again, and says so where it cannot.
            let _ = store.write_head(end);
            store.unlock();
        }
        self.is_kept = false;
        self.alone = 0;
    }

    /// Threads that queue behind one that waited in vain do not wait in vain one after the other.
    fn patience(&self) -> Duration {
        if self.is_stuck { Duration::ZERO } else { PATIENCE }
    }
}

/// Adds a line, after finding the end anew where others wrote.
fn add(
    store: &mut Store,
    end: &mut End,
    invocation: &Invocation<'_>,
    is_kept: bool,
    alone: &mut u32,
) -> Result<(), Trouble> {
    if !is_kept && !store.ends_at(end)? {
        *alone = 0;
        store.catch_up(end)?;
    }
    store.append(end, invocation)
}
