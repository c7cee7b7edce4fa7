//! What leaves the host: the filtered result or error, the filtered log, and a report without any of the matched text.

use std::collections::BTreeSet;
use std::time::Duration;

use mpp_sdk::wire::{Content, RpcError};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::codes::{self, Code};
use crate::privacy::RedactionReport;

/// The outcome of one call, after the privacy filter.
#[derive(Debug, Serialize)]
pub struct FilteredOutput {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    pub(super) log: String,
    pub(super) report: CallReport,
    /// Where it is not the one that belongs to the error's kind.
    #[serde(skip)]
    pub(super) code: Option<&'static Code>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Result(CallOutcome),
    Error(RpcError),
}

/// The result of a call: MCP's `CallToolResult`, filtered. Numbers are as the tool wrote them, digit for digit.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CallOutcome {
    /// Text and media.
    pub content: Vec<Content>,
    /// Any JSON value, as text.
    #[serde(rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    pub structured: Option<Box<RawValue>>,
    /// Whether the tool says that the call failed.
    #[serde(rename = "isError")]
    pub is_error: bool,
    /// MCP's `_meta`, an object as text.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<RawValue>>,
}

/// What a call used and what was redacted from its answer.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CallReport {
    /// What was redacted from the result or the error. Pointers lead into `structuredContent`, or begin with
    /// `/content/`, `/message` or `/data`.
    pub redactions: RedactionReport,
    /// What was redacted from the log.
    pub log_redactions: RedactionReport,
    /// Media that the filter cannot read.
    pub unfiltered_media: Vec<UnfilteredMedia>,
    /// From the request to the filtered answer.
    #[serde(rename = "duration_us", serialize_with = "microseconds")]
    pub duration: Duration,
    /// The most memory that was in use, in bytes.
    pub memory_peak: u64,
    /// Bytes that the tool wrote to stdout.
    pub output_bytes: u64,
    /// Bytes of the log beyond the limit, which were dropped.
    pub log_dropped: u64,
    /// What the call used outside of its sandbox.
    #[serde(rename = "touched", skip_serializing_if = "Accesses::is_empty")]
    pub accesses: Accesses,
    /// The name of this call in the audit log, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation: Option<String>,
}

/// What a call used outside of its sandbox, whether it succeeded or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Accesses {
    /// Hosts that requests were sent to, as a manifest declares them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hosts: BTreeSet<String>,
    /// Hosts that requests were refused to.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_hosts: BTreeSet<String>,
    /// Declared paths that it used, or tried to, by the tool's names for them; `None` where none was mapped, and for a component,
    /// whose accesses are not logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<BTreeSet<String>>,
    /// Whether it read its environment; `None` where it was given no variable, and for a component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<bool>,
    /// Whether it used its state.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub kv: bool,
}

impl Accesses {
    /// Returns whether the call used nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One item that left the sandbox unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnfilteredMedia {
    /// For example `/content/0`.
    pub pointer: String,
    /// What the tool says it is.
    pub mime_type: String,
}

impl FilteredOutput {
    /// The result, or why there is none.
    ///
    /// # Errors
    /// The tool's error or the host's, filtered.
    pub fn outcome(&self) -> Result<&CallOutcome, &RpcError> {
        match &self.outcome {
            Outcome::Result(result) => Ok(result),
            Outcome::Error(error) => Err(error),
        }
    }

    /// The result or the error object as JSON text.
    #[must_use]
    pub fn json(&self) -> String {
        // Serialising strings, raw JSON and maps with string keys cannot fail.
        match &self.outcome {
            Outcome::Result(result) => serde_json::to_string(result).unwrap_or_default(),
            Outcome::Error(error) => serde_json::to_string(error).unwrap_or_default(),
        }
    }

    /// The code of the failure; `None` if there is a result.
    #[must_use]
    pub fn code(&self) -> Option<&'static Code> {
        let error = self.outcome().err()?;
        self.code.or_else(|| error.kind().and_then(codes::of_kind)).or(Some(&codes::R103))
    }

    /// What the tool wrote to stderr.
    #[must_use]
    pub fn log(&self) -> &str {
        &self.log
    }

    /// What the call used and what was redacted.
    #[must_use]
    pub fn report(&self) -> &CallReport {
        &self.report
    }
}

fn microseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
