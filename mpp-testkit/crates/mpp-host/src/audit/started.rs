//! The record that precedes the first effect of a call, as the host writes it and as it is read back.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::record::{Subject, json};
use crate::package::ContentHash;

/// A call that is about to have its first effect, as the host passes it to an [`AuditSink`](super::AuditSink).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Started<'a> {
    /// Unique id of the call, which its outcome has too.
    pub id: &'a str,
    /// Time before the first effect.
    pub time: SystemTime,
    /// The package, and what it was given.
    pub subject: &'a Subject,
    /// Name of the tool.
    pub tool: &'a str,
    /// Time before the first effect, by the monotonic clock.
    pub(crate) monotonic: Duration,
}

impl Started<'_> {
    /// Appends the members between those of the chain, starting with a comma. The record is small: the outcome has the rest.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(b",\"time\":\"");
        crate::clock::write_millis(to, self.time);
        to.extend_from_slice(b"\",\"id\":");
        json(to, self.id);
        to.extend_from_slice(b",\"event\":\"started\",");
        to.extend_from_slice(self.subject.reference().as_bytes());
        to.extend_from_slice(b",\"tool\":");
        json(to, self.tool);
    }
}

/// A call that has a *started* record and no outcome, as it is read back from the log.
///
/// Its process ended before it returned an answer, or the call is still running. Everything that the package declares may
/// have been used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interrupted {
    /// Number of the record, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// Time before the first effect of the call, as RFC 3339 text in UTC.
    pub time: String,
    /// Id of the call.
    pub id: String,
    /// Id of the package, or name of the MCP server if the call was `legacy`.
    pub package_id: String,
    /// Version of the package, or the one that the server claims.
    pub version: String,
    /// Content hash of the package, or hash of the definition of the server's tool.
    pub content_hash: ContentHash,
    /// Whether the call went to an MCP server outside the sandbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy: bool,
    /// Name of the tool.
    pub tool: String,
    /// Distinguishes the record from that of an outcome. A list shows it as the outcome of the call.
    #[serde(rename(serialize = "outcome", deserialize = "event"))]
    event: Event,
}

/// What a record without an outcome is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Event {
    #[serde(rename(serialize = "interrupted", deserialize = "started"))]
    Started,
}

impl Interrupted {
    /// The outcome that a list shows for such a call.
    pub const OUTCOME: &'static str = "interrupted";
}
