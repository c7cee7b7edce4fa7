//! The audit log: one line for each invocation, written before its answer is given.
//!
//! `log.jsonl` holds one JSON document a line. Each carries its number, the seal of the line before it, and, as its last
//! member, its own seal: an HMAC over everything in front of it, with a key that lies beside the log. `head` holds the
//! number, the end and the seal of the last line, sealed too, so that lines which were cut off the end are missed. A line
//! says which head was written before it, so that an older head is noticed as well.
//!
//! A record never holds arguments, results or secrets: of the arguments it holds a keyed hash.
//!
//! *Invariant:* nothing is written after a line that does not continue the chain, except after the torn end of a line whose
//! writer was killed: the next line says how many bytes of it there are.

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

/// Where records go.
///
/// A host that has one asks it before each call and tells it after each call; an answer whose record was not accepted is
/// withheld. Both happen on the caller's thread, so an implementation that waits must stop waiting.
pub trait AuditSink: Send + Sync + std::fmt::Debug {
    /// Whether a record could be taken now: asked before anything runs.
    ///
    /// # Errors
    /// Why not; the call is refused then.
    fn ready(&self) -> Result<(), AuditError> {
        Ok(())
    }

    /// Takes the record of a call that has just ended.
    ///
    /// # Errors
    /// Why it could not be kept; the answer is withheld then.
    fn record(&self, invocation: &Invocation<'_>) -> Result<(), AuditError>;
}

#[cfg(test)]
mod tests;
