//! The sink that writes to files, in one chain that several threads and processes can share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::error::Trouble;
use super::line::Content;
use super::store::{End, PATIENCE, Store};
use super::{AuditError, AuditSink, Invocation, Started};

/// Number of consecutive lines by one writer after which it keeps the lock for a while.
const ALONE: u32 = 16;
/// Maximum pause between two calls that still counts as consecutive.
const PAUSE: Duration = Duration::from_millis(1);
/// How long the lock is kept, and so for how long the head may be behind the lines.
const KEPT: Duration = Duration::from_millis(4);

/// An audit log in a directory that only the current user may access. The directory is created at the first call.
///
/// Several threads and processes may write to one log. Nothing is synced to the disk: a record survives the process that
/// wrote it, but not a loss of power.
///
/// A process that is the only writer of many consecutive calls keeps the lock for some milliseconds, so that each record
/// takes a single write. The head is written when the lock is released.
#[derive(Debug)]
pub struct AuditLog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// Whether the last operation succeeded.
    is_well: AtomicBool,
    state: Mutex<State>,
    /// Wakes the thread that releases the lock.
    kept: Condvar,
}

#[derive(Debug, Default)]
struct State {
    open: Option<(Store, End)>,
    /// Whether the lock is kept between calls.
    is_kept: bool,
    /// Number of consecutive lines since another writer's line, or since the lock was released.
    alone: u32,
    /// Time of the last line, by the host's monotonic clock.
    last: Duration,
    /// Whether the last wait for the lock timed out.
    is_stuck: bool,
    keeper: Keeper,
}

/// The state of the thread that releases the lock.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Keeper {
    #[default]
    NotStarted,
    Runs,
    /// The thread could not be started, or the log is closed.
    Ended,
}

impl AuditLog {
    /// Returns the audit log in `dir`. The directory is created at the first call.
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

    fn started(&self, call: &Started<'_>) -> Result<(), AuditError> {
        self.write(Content::Started(call))
    }

    fn record(&self, invocation: &Invocation<'_>) -> Result<(), AuditError> {
        self.write(Content::Ended(invocation))
    }
}

impl AuditLog {
    fn write(&self, content: Content<'_>) -> Result<(), AuditError> {
        let mut state = self.0.state();
        let end = state.write(&self.0.path, content);
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
        // A panic leaves the log in no worse state than a killed process does, which the log can handle.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_keeper(shared: &Arc<Self>) -> Keeper {
        let shared = Arc::clone(shared);
        let started = std::thread::Builder::new().name("mpp-audit".to_owned()).spawn(move || shared.keep());
        if started.is_ok() { Keeper::Runs } else { Keeper::Ended }
    }

    /// Releases a kept lock after a few milliseconds, each time it is kept.
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
    /// Opens the log, or checks an open log again, including the free space.
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

    fn write(&mut self, path: &Path, content: Content<'_>) -> Result<(), Trouble> {
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
        let written = add(store, end, content, self.is_kept, &mut self.alone);
        let now = content.monotonic();
        let follows_closely = now.saturating_sub(self.last) < PAUSE;
        self.last = now;
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

    /// Writes the head and releases the lock if it is kept.
    fn let_go(&mut self) {
        if let (true, Some((store, end))) = (self.is_kept, &mut self.open) {
            // The next line writes the head again and reports an error.
            let _ = store.write_head(end);
            store.unlock();
        }
        self.is_kept = false;
        self.alone = 0;
    }

    /// Returns how long to wait for the lock: after a wait that timed out, the threads queued behind it do not wait again.
    fn patience(&self) -> Duration {
        if self.is_stuck { Duration::ZERO } else { PATIENCE }
    }
}

/// Appends a line. If other processes have written in the meantime, the end is located again first.
fn add(store: &mut Store, end: &mut End, content: Content<'_>, is_kept: bool, alone: &mut u32) -> Result<(), Trouble> {
    if !is_kept && !store.ends_at(end)? {
        *alone = 0;
        store.catch_up(end)?;
    }
    store.append(end, content)
}
