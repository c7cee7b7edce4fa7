//! A call as it is read back from the log: its outcome, or that it has none.

use serde::Serialize;

use super::record::Entry;
use super::started::Interrupted;
use crate::package::ContentHash;

/// A call that was read from the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The content of the record.
    #[serde(flatten)]
    pub record: Record,
    /// Whether the seal of the record's line is valid. [`super::verify`] also verifies the chain.
    pub is_sealed: bool,
}

/// A call: its outcome, or the record that precedes its effects if it has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Record {
    /// The call ended.
    Ended(Box<Entry>),
    /// The call has no outcome: it was interrupted, or it is still running.
    Interrupted(Interrupted),
}

impl Record {
    /// Returns the number of the record, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Ended(entry) => entry.number,
            Self::Interrupted(call) => call.number,
        }
    }

    /// Returns the time of the record, as RFC 3339 text in UTC.
    #[must_use]
    pub fn time(&self) -> &str {
        match self {
            Self::Ended(entry) => &entry.time,
            Self::Interrupted(call) => &call.time,
        }
    }

    /// Returns the id of the call.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Ended(entry) => &entry.id,
            Self::Interrupted(call) => &call.id,
        }
    }

    /// Returns whether the call went to an MCP server outside the sandbox.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        match self {
            Self::Ended(entry) => entry.legacy,
            Self::Interrupted(call) => call.legacy,
        }
    }

    /// Returns the id and the version of the package, or the name of the MCP server and the version that it claims.
    #[must_use]
    pub fn package(&self) -> (&str, &str) {
        match self {
            Self::Ended(entry) => (&entry.package_id, &entry.version),
            Self::Interrupted(call) => (&call.package_id, &call.version),
        }
    }

    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        match self {
            Self::Ended(entry) => &entry.content_hash,
            Self::Interrupted(call) => &call.content_hash,
        }
    }

    /// Returns the name of the tool; `None` if the package has no tool of the requested name.
    #[must_use]
    pub fn tool(&self) -> Option<&str> {
        match self {
            Self::Ended(entry) => entry.tool.as_deref(),
            Self::Interrupted(call) => Some(&call.tool),
        }
    }

    /// Returns the outcome: `ok`, `is_error`, the kind of the failure, or [`Interrupted::OUTCOME`].
    #[must_use]
    pub fn outcome(&self) -> &str {
        match self {
            Self::Ended(entry) => &entry.outcome,
            Self::Interrupted(_) => Interrupted::OUTCOME,
        }
    }

    /// Returns the outcome in full; `None` if the call has none.
    #[must_use]
    pub fn ended(&self) -> Option<&Entry> {
        match self {
            Self::Ended(entry) => Some(entry),
            Self::Interrupted(_) => None,
        }
    }
}
