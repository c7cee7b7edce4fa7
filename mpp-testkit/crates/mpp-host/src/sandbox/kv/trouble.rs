//! A state that is in trouble on purpose, so that a test sees what a tool does then.

use std::time::Duration;

use rusqlite::ffi;

use super::fault::Fault;

/// What is wrong with the state that a grant gives: what else would take a full disk or a busy machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateTrouble {
    /// The quota counts as used up when a call starts to write: only what frees room, or takes no more, still works.
    Full,
    /// A call waits for no lock: where somebody else holds it ([`State::hold`](super::State::hold)), it is as if all of
    /// the call's time were over.
    Impatient,
    /// The disk is full: SQLite's own answer for it, when what a call wrote is to be committed.
    DiskFull,
}

impl StateTrouble {
    /// How long a call waits that may wait for `patience`.
    pub(super) fn patience(trouble: Option<Self>, patience: Duration) -> Duration {
        if trouble == Some(Self::Impatient) { Duration::ZERO } else { patience }
    }

    /// Bytes that count as used besides the `used` ones.
    pub(super) fn taken(trouble: Option<Self>, used: u64, max_bytes: u64) -> u64 {
        if trouble == Some(Self::Full) { max_bytes.saturating_sub(used) } else { 0 }
    }

    /// What SQLite says where the disk has no room for what it is to write.
    pub(super) fn disk_full() -> Fault {
        Fault::from(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None))
    }
}
