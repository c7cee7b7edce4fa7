//! Simulated failures of the state, for tests of how a tool reacts to them.

use std::time::Duration;

use rusqlite::ffi;

use super::fault::Fault;

/// A failure of the state that a grant simulates. Without it, a test would need a full disk or a busy machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateTrouble {
    /// The quota counts as used up when a call starts to write. Only changes that free space, or need no more, succeed.
    Full,
    /// A call does not wait for locks. If the write lock is held ([`State::hold`](super::State::hold)), the call fails as if
    /// its deadline had passed.
    Impatient,
    /// The disk is full: the commit of a call that wrote something fails with SQLite's error for a full disk.
    DiskFull,
}

impl StateTrouble {
    /// Returns how long a call waits for locks if its limit is `patience`.
    pub(super) fn patience(trouble: Option<Self>, patience: Duration) -> Duration {
        if trouble == Some(Self::Impatient) { Duration::ZERO } else { patience }
    }

    /// Returns the bytes that count as used in addition to `used`.
    pub(super) fn taken(trouble: Option<Self>, used: u64, max_bytes: u64) -> u64 {
        if trouble == Some(Self::Full) { max_bytes.saturating_sub(used) } else { 0 }
    }

    /// Returns SQLite's error for a full disk.
    pub(super) fn disk_full() -> Fault {
        Fault::from(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None))
    }
}
