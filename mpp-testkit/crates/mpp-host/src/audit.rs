//! The audit log, which holds a line for the outcome of each call, written before the call's answer is returned.
//!
//! A call that has effects (it sends a request, changes files or commits state) has a second line, *started*, written before
//! the first of them. A call whose *started* line has no outcome was interrupted: its process ended before it returned an
//! answer, and what the call did until then may have taken effect.
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
mod listed;
mod log;
mod read;
mod record;
mod seal;
mod started;
mod store;
mod verify;

pub use error::AuditError;
pub use listed::{Listed, Record};
pub use log::AuditLog;
pub use read::read;
pub use record::{ArgumentsText, Directory, Entry, Invocation, Subject};
pub use started::{Interrupted, Started};
pub use verify::{AuditReport, Finding, TornLine, verify};

/// Receives the records of calls.
///
/// A host with a sink calls [`AuditSink::ready`] before and [`AuditSink::record`] after each call, and withholds the
/// answer of a call whose record was not accepted. It calls [`AuditSink::started`] before the first effect of a call, and
/// prevents the effect if that record was not accepted. All of them run on a thread that a call waits for, so an
/// implementation must not wait without a limit.
pub trait AuditSink: Send + Sync + std::fmt::Debug {
    /// Checks that a record can be accepted now. The host calls this before anything runs.
    ///
    /// # Errors
    /// Returns [`AuditError`] if a record cannot be accepted; the call is then refused.
    fn ready(&self) -> Result<(), AuditError> {
        Ok(())
    }

    /// Stores the record of a call that is about to have its first effect.
    ///
    /// # Errors
    /// Returns [`AuditError`] if the record cannot be stored; the call then has no effect and fails.
    fn started(&self, call: &Started<'_>) -> Result<(), AuditError>;

    /// Stores the record of a call that has just ended.
    ///
    /// # Errors
    /// Returns [`AuditError`] if the record cannot be stored; the answer of the call is then withheld.
    fn record(&self, invocation: &Invocation<'_>) -> Result<(), AuditError>;
}

#[cfg(test)]
mod tests;
