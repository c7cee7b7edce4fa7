//! What can go wrong with a database: what the tool did, what others did at the same time, what the machine did.

use rusqlite::ErrorCode;

use crate::sandbox::failure::{Failure, Status};

/// Why an operation did not work.
#[derive(Debug)]
pub(super) enum Fault {
    /// The tool asked for something that cannot be; it may go on.
    Refused(Status, String),
    /// Somebody else wrote what this transaction has read.
    LostRace,
    /// The lock was not to be had in the call's time.
    Locked,
    /// The database cannot be used; a sentence without a path, for whoever made the call.
    Broken(String),
}

impl Fault {
    pub(super) fn refused(status: Status, sentence: impl Into<String>) -> Self {
        Self::Refused(status, sentence.into())
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            _ => Self::Broken(reason(&error).to_owned()),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(status, sentence) => (status, sentence),
            Fault::LostRace => (Status::Conflict, LOST_RACE.to_owned()),
            Fault::Locked => (Status::Timeout, LOCKED.to_owned()),
            Fault::Broken(reason) => (Status::Unavailable, reason),
        }
    }
}

pub(super) const LOST_RACE: &str = "another call changed the package's state at the same time; make the call again";
pub(super) const LOCKED: &str =
    "another call held the package's state until this one's time was over; make the call again";

pub(super) const DAMAGED: &str = "the package's state is damaged; nothing was deleted, and nothing was written";

/// In words that say what to look at. SQLite's own message may quote a path.
pub(super) fn reason(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DAMAGED,
        Some(ErrorCode::DiskFull) => "the disk that the package's state is on is full; nothing was written",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "the package's state may not be written by this user; nothing was written"
        }
        Some(ErrorCode::CannotOpen) => "the package's state cannot be opened; nothing was written",
        Some(ErrorCode::SystemIoFailure) => {
            "the package's state cannot be read or written: the disk failed, or takes no more; nothing was written"
        }
        Some(ErrorCode::OutOfMemory) => "there is not enough memory to use the package's state; nothing was written",
        _ => "the package's state is not as this host expects it; nothing was written",
    }
}
