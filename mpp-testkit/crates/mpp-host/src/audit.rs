//! The audit log, which holds one line for each call, written before the call's answer is returned.
//!
//! `log.jsonl` holds one JSON document per line. Each line contains its number, the seal of the previous line and, as its
//! last member, its own seal: an HMAC over everything before it in the line, with a key that is stored next to the log.
//! `head` holds the number, the end offset and the seal of the last line. It is sealed too, so that lines cut off the end
//! are detected. Each line also contains the number that `head` had when the line was written, so that an older `head` put
//! in its place is detected as well.
//!
//! A record never holds arguments, results or secrets. It holds only a keyed hash of the arguments.
//!
//! *Invariant:* nothing is written after a line that does not continue the chain. The only exception is the torn line of a
//! writer that was killed: the next line records how many bytes of it there are.

mod error;
mod head;
mod line;
mod log;
mod read;
mod record;
mod seal;
mod store;
mod verify;

pub use error::AuditError;
pub use log::AuditLog;
pub use read::{Listed, read};
pub use record::{ArgumentsText, Directory, Entry, Invocation, Subject};
pub use verify::{AuditReport, Finding, TornLine, verify};

/// Receives the records of calls.
///
/// A host with a sink calls [`AuditSink::ready`] before and [`AuditSink::record`] after each call, and withholds the
/// answer of a call whose record was not accepted. Both run on the caller's thread, so an implementation must not wait
/// without a limit.
pub trait AuditSink: Send + Sync + std::fmt::Debug {
    /// Checks that a record can be accepted now. The host calls this before anything runs.
    ///
    /// # Errors
    /// Returns [`AuditError`] if a record cannot be accepted; the call is then refused.
    fn ready(&self) -> Result<(), AuditError> {
        Ok(())
    }

    /// Stores the record of a call that has just ended.
    ///
    /// # Errors
    /// Returns [`AuditError`] if the record cannot be stored; the answer of the call is then withheld.
    fn record(&self, invocation: &Invocation<'_>) -> Result<(), AuditError>;
}

#[cfg(test)]
mod tests;
