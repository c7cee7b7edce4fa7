//! The output of a call: the filtered result or error, the filtered log, and a report without any of the matched text.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mpp_sdk::wire::{Content, RpcError};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::codes::{self, Code, PathAccess, Remedy};
use crate::privacy::RedactionReport;

/// The outcome of one call, after the privacy filter.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FilteredOutput {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// What the tool wrote to stderr.
    pub(super) log: String,
    /// What the call used, and what was redacted.
    pub(super) report: CallReport,
    /// Code of the failure, if it is not the default code of the error's kind.
    #[serde(skip)]
    pub(super) code: Option<&'static Code>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// The result of the tool.
    Result(CallOutcome),
    /// The error of the tool or the host.
    Error(#[cfg_attr(feature = "schema", schemars(with = "crate::schema::RpcError"))] RpcError),
}

/// The filtered result of a call, in the shape of MCP's `CallToolResult`. Numbers keep every digit that the tool wrote.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CallOutcome {
    /// Items of the result: text, media and resources.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>"))]
    pub content: Vec<Content>,
    /// The structured result, any JSON value as text.
    #[serde(rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Value>"))]
    pub structured: Option<Box<RawValue>>,
    /// Whether the tool reports that the call failed.
    #[serde(rename = "isError")]
    pub is_error: bool,
    /// MCP's `_meta`, a JSON object as text.
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub meta: Option<Box<RawValue>>,
}

/// What a call used, and what was redacted from its output.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CallReport {
    /// Redactions in the result or the error. Pointers lead into `structuredContent`, or begin with
    /// `/content/`, `/message` or `/data`.
    pub redactions: RedactionReport,
    /// Redactions in the log.
    pub log_redactions: RedactionReport,
    /// Media that was passed on unfiltered because the filter cannot read its type.
    pub unfiltered_media: Vec<UnfilteredMedia>,
    /// Time from the request to the filtered output; serialized in microseconds.
    #[serde(rename = "duration_us", serialize_with = "microseconds")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub duration: Duration,
    /// Peak memory use, in bytes.
    #[serde(rename = "memory_peak_bytes")]
    pub memory_peak: u64,
    /// Number of bytes that the tool wrote to stdout.
    pub output_bytes: u64,
    /// Number of bytes of the log that were dropped because they exceeded the limit.
    #[serde(rename = "log_dropped_bytes")]
    pub log_dropped: u64,
    /// What the call used outside its sandbox.
    #[serde(skip_serializing_if = "Accesses::is_empty")]
    pub accesses: Accesses,
    /// Declared hosts whose certificate is not issued by an authority that the host trusts, so that requests to them failed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub untrusted_hosts: BTreeSet<String>,
    /// Id of this call in the audit log; `None` if the host has no audit log.
    #[serde(rename = "call_id", skip_serializing_if = "Option::is_none")]
    pub invocation: Option<String>,
}

impl CallReport {
    /// Returns what would let requests succeed that failed in this call, although the tool may have answered without them.
    pub fn remedies(&self) -> impl Iterator<Item = Remedy> {
        self.untrusted_hosts.iter().map(|host| Remedy::TrustCertificate { host: host.clone() })
    }
}

/// What a call used outside its sandbox, whether it succeeded or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Accesses {
    /// Hosts that the call sent requests to, in the form in which a manifest declares them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hosts: BTreeSet<String>,
    /// Hosts to which the call's requests were refused.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_hosts: BTreeSet<String>,
    /// Paths that the call was denied because they, or writing to them, are not declared; with what the tool tried to do.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_paths: BTreeMap<String, PathAccess>,
    /// Declared paths, as the tool sees them, that the call used or tried to use; `None` if no path was mapped.
    #[serde(rename = "paths_used", skip_serializing_if = "Option::is_none")]
    pub paths: Option<BTreeSet<String>>,
    /// Whether the call read its environment; `None` if it was given no variable.
    #[serde(rename = "variables_read", skip_serializing_if = "Option::is_none")]
    pub variables: Option<bool>,
    /// Whether the call used the package's state.
    #[serde(rename = "kv_used", skip_serializing_if = "std::ops::Not::not")]
    pub kv: bool,
}

impl Accesses {
    /// Returns whether the call used nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One item that was passed on unfiltered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct UnfilteredMedia {
    /// JSON pointer to the item, for example `/content/0`.
    pub pointer: String,
    /// Media type that the tool gives for the item.
    pub mime_type: String,
}

impl FilteredOutput {
    /// Returns the filtered result of the call.
    ///
    /// # Errors
    /// Returns the filtered error of the tool or the host if the call has no result.
    pub fn outcome(&self) -> Result<&CallOutcome, &RpcError> {
        match &self.outcome {
            Outcome::Result(result) => Ok(result),
            Outcome::Error(error) => Err(error),
        }
    }

    /// Returns the result or the error object as JSON text.
    #[must_use]
    pub fn json(&self) -> String {
        // Serialising strings, raw JSON and maps with string keys cannot fail.
        match &self.outcome {
            Outcome::Result(result) => serde_json::to_string(result).unwrap_or_default(),
            Outcome::Error(error) => serde_json::to_string(error).unwrap_or_default(),
        }
    }

    /// Returns the code of the failure; `None` if there is a result.
    #[must_use]
    pub fn code(&self) -> Option<&'static Code> {
        let error = self.outcome().err()?;
        self.code.or_else(|| error.kind().and_then(codes::of_kind)).or(Some(&codes::R103))
    }

    /// Returns what the tool wrote to stderr, filtered.
    #[must_use]
    pub fn log(&self) -> &str {
        &self.log
    }

    /// Returns the report of what the call used and what was redacted.
    #[must_use]
    pub fn report(&self) -> &CallReport {
        &self.report
    }
}

fn microseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
