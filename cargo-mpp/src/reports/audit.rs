//! Results of `mpp audit`.

use std::collections::BTreeMap;

use mpp_home::KeyIds;
use mpp_host::audit::{Directory, Entry, Finding, Record, TornLine};
use mpp_host::codes::PathAccess;
use mpp_host::keys::KeyId;
use mpp_host::package::ContentHash;
use schemars::JsonSchema;
use serde::Serialize;

/// Recorded calls.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AuditList {
    /// The records, newest last.
    pub(crate) records: Vec<RecordedCall>,
    /// Number of matching records before these.
    pub(crate) earlier: u64,
}

/// One recorded call.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RecordedCall {
    /// Number of the record, from 1.
    pub(crate) number: u64,
    /// Time at which the call ended, or, if it was interrupted, time before its first effect; RFC 3339 in UTC.
    pub(crate) time: String,
    /// Id of the call.
    pub(crate) call_id: String,
    /// Package id, or the name of the MCP server if the call was `legacy`.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Whether the call went to an MCP server outside the sandbox; absent if it did not.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) legacy: bool,
    /// Content hash of the package, or the hash of the accepted definition of the server's tool.
    pub(crate) content_hash: ContentHash,
    /// Id of the key that signed the package; absent if the call was interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<KeyId>,
    /// Name of the tool; absent if the package has no tool of the requested name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool: Option<String>,
    /// `ok`, `is_error`, `interrupted`, or the kind of the failure.
    pub(crate) outcome: String,
    /// Code of the failure; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// Whether the seal of the record is valid.
    pub(crate) is_sealed: bool,
    /// Everything else; absent if the call was interrupted.
    #[serde(flatten)]
    pub(crate) details: Option<CallDetails>,
}

/// What is recorded about a call that has ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CallDetails {
    /// Keyed hash of the arguments, in hexadecimal.
    pub(crate) arguments_hash: String,
    /// Duration of the call in microseconds.
    pub(crate) duration_us: u64,
    /// Number of redactions in the answer and the log, by pattern.
    pub(crate) redactions: BTreeMap<String, u64>,
    /// Hosts that the call sent requests to.
    pub(crate) hosts: Vec<String>,
    /// Hosts to which requests were refused, at most 16.
    pub(crate) refused_hosts: Vec<String>,
    /// Paths that the call was denied, at most 16, with what the tool tried to do.
    pub(crate) refused_paths: BTreeMap<String, PathAccess>,
    /// Whether the call used the package's state.
    pub(crate) kv_used: bool,
    /// Declared paths that the call used; absent if no path was mapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paths_used: Option<Vec<String>>,
    /// Whether the call read its environment variables; absent if it was given none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) variables_read: Option<bool>,
    /// Declared paths, and the paths on this machine that they were mapped to.
    pub(crate) mapped_paths: Vec<Directory>,
    /// Names of the environment variables that the package was given.
    pub(crate) variables: Vec<String>,
}

impl RecordedCall {
    /// Describes a record. `keys` names the key of a record that contains only the key itself.
    pub(crate) fn of(record: &Record, is_sealed: bool, keys: &KeyIds) -> Self {
        let (package_id, version) = record.package();
        let ended = record.ended();
        Self {
            number: record.number(),
            time: record.time().to_owned(),
            call_id: record.id().to_owned(),
            package_id: package_id.to_owned(),
            version: version.to_owned(),
            legacy: record.is_legacy(),
            content_hash: *record.content_hash(),
            key_id: ended.and_then(|entry| entry.key_id.clone().or_else(|| Some(keys.of(entry.key.as_ref()?)))),
            tool: record.tool().map(str::to_owned),
            outcome: record.outcome().to_owned(),
            code: ended.and_then(|entry| entry.code.clone()),
            is_sealed,
            details: ended.map(CallDetails::of),
        }
    }
}

impl CallDetails {
    fn of(entry: &Entry) -> Self {
        let entry = entry.clone();
        Self {
            arguments_hash: entry.arguments,
            duration_us: entry.duration_us,
            redactions: entry.redactions,
            hosts: entry.hosts,
            refused_hosts: entry.refused_hosts,
            refused_paths: entry.refused_paths,
            kv_used: entry.kv,
            paths_used: entry.paths_used,
            variables_read: entry.variables_read,
            mapped_paths: entry.directories,
            variables: entry.variables,
        }
    }
}

/// The verification of the audit log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AuditVerified {
    /// Directory of the log.
    pub(crate) path: String,
    /// Whether the log is unchanged.
    pub(crate) whole: bool,
    /// Number of records with a valid seal; 0 if there is no log yet.
    pub(crate) records: u64,
    /// Number of the last record.
    pub(crate) last: u64,
    /// Differences between the log and what was written to it.
    pub(crate) findings: Vec<Finding>,
    /// Number of findings beyond the first 1000.
    pub(crate) more_findings: u64,
    /// Incomplete lines whose writer was killed, which are not damage.
    pub(crate) torn: Vec<TornLine>,
    /// Calls without an outcome: they were interrupted, or are still running.
    pub(crate) interrupted: Vec<RecordedCall>,
    /// Number of records at the end that the head does not include yet.
    pub(crate) after_head: u64,
}
