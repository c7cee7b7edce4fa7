//! The error of an operation on the state, and the sentences that describe it.

use rusqlite::ErrorCode;

use crate::sandbox::failure::{Failure, Status};

/// The error of an operation on the state.
#[derive(Debug)]
pub(super) enum Fault {
    /// The request of the tool is not valid. The transaction is kept, and the tool can continue.
    Refused(Status, String),
    /// Another transaction wrote to the state after this one began to read, or is writing now.
    LostRace,
    /// The lock could not be taken before the deadline of the call.
    Locked,
    /// The database cannot be used. The text is a sentence for the caller and does not contain a path.
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

pub(super) const LOST_RACE: &str = "another call changed the package's state at the same time; repeat the call";
pub(super) const LOCKED: &str = "another call held the package's state until this call's time limit; repeat the call";

pub(super) const DAMAGED: &str = "the package's state is damaged; nothing was deleted, and nothing was written";

/// Describes the error in a sentence that tells what to check. SQLite's own message is not used because it can contain a path.
pub(super) fn reason(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DAMAGED,
        Some(ErrorCode::DiskFull) => "the disk with the package's state is full; nothing was written",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "this user cannot write the package's state; nothing was written"
        }
        Some(ErrorCode::CannotOpen) => "the package's state cannot be opened; nothing was written",
        Some(ErrorCode::SystemIoFailure) => {
            "the package's state cannot be read or written: the disk failed or is full; nothing was written"
        }
        Some(ErrorCode::OutOfMemory) => "there is not enough memory to use the package's state; nothing was written",
        _ => "the package's state has an unexpected format; nothing was written",
    }
}
