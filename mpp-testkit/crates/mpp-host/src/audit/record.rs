//! The content of a record, as the host writes it and as it is read back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::seal::{Seal, Tag};
use crate::codes::{Code, PathAccess};
use crate::host::Accesses;
use crate::keys::{KeyId, PublicKey};
use crate::package::ContentHash;
use crate::package::json::canonical;
use crate::privacy::RedactionReport;
use crate::sandbox::MappedPath;

/// Maximum number of refused hosts and of refused paths in a record, because a tool can try any number of them.
const MOST_REFUSED: usize = 16;

/// The data that the records of all calls of one granted package share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    package_id: String,
    version: String,
    content_hash: ContentHash,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<PublicKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    legacy: bool,
    directories: Vec<Directory>,
    variables: Vec<String>,
    /// The other fields as JSON, without the braces.
    #[serde(skip)]
    json: Box<str>,
    /// The fields that identify the package as JSON, without the braces.
    #[serde(skip)]
    reference: Box<str>,
}

#[derive(Serialize)]
struct Reference<'a> {
    package_id: &'a str,
    version: &'a str,
    content_hash: &'a ContentHash,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    legacy: bool,
}

/// A declared path and the path on this machine that it was mapped to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Directory {
    /// The declared path, as the tool sees it.
    pub guest: String,
    /// The path on this machine.
    pub host: PathBuf,
    /// Whether the tool may write to the path.
    pub writable: bool,
}

impl Subject {
    /// Returns the subject for a package, its mapped paths, and the names of the variables that it was given.
    pub(crate) fn of(
        (package_id, version): (&str, &str),
        content_hash: ContentHash,
        (key, key_id): (PublicKey, KeyId),
        paths: &[MappedPath],
        variables: Vec<String>,
    ) -> Self {
        let directory = |path: &MappedPath| Directory {
            guest: path.guest.clone(),
            host: path.host.clone(),
            writable: path.writable,
        };
        Self {
            package_id: package_id.to_owned(),
            version: version.to_owned(),
            content_hash,
            key: Some(key),
            key_id: Some(key_id),
            legacy: false,
            directories: paths.iter().map(directory).collect(),
            variables,
            json: Box::default(),
            reference: Box::default(),
        }
        .written()
    }

    /// Returns the subject for a tool of an MCP server outside the sandbox. `definition` is the hash of the tool's definition.
    pub(crate) fn of_server((name, version): (&str, &str), definition: ContentHash, variables: Vec<String>) -> Self {
        Self {
            package_id: name.to_owned(),
            version: version.to_owned(),
            content_hash: definition,
            key: None,
            key_id: None,
            legacy: true,
            directories: Vec::new(),
            variables,
            json: Box::default(),
            reference: Box::default(),
        }
        .written()
    }

    /// Prepares the text that all records of the subject share.
    fn written(self) -> Self {
        let mut subject = self;
        // A path that is not UTF-8 cannot be serialized as JSON, so it is converted with replacement characters.
        if serde_json::to_string(&subject.directories).is_err() {
            for directory in &mut subject.directories {
                directory.host = PathBuf::from(directory.host.to_string_lossy().into_owned());
            }
        }
        let json = serde_json::to_string(&subject).unwrap_or_default();
        subject.json = json.trim_start_matches('{').trim_end_matches('}').into();
        let reference = Reference {
            package_id: &subject.package_id,
            version: &subject.version,
            content_hash: &subject.content_hash,
            legacy: subject.legacy,
        };
        let json = serde_json::to_string(&reference).unwrap_or_default();
        subject.reference = json.trim_start_matches('{').trim_end_matches('}').into();
        subject
    }

    /// Returns the fields that identify the package as JSON, without the braces.
    pub(super) fn reference(&self) -> &str {
        &self.reference
    }

    /// Returns the id of the package, or the name of the MCP server.
    #[must_use]
    pub fn package_id(&self) -> &str {
        &self.package_id
    }

    /// Returns the key that signed the package; `None` for an MCP server.
    #[must_use]
    pub fn key(&self) -> Option<&PublicKey> {
        self.key.as_ref()
    }

    /// Returns the id of that key; `None` for an MCP server.
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// Returns whether the call went to an MCP server outside the sandbox.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        self.legacy
    }

    /// Returns the content hash of the package, or the hash of the definition of the server's tool.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }
}

/// The arguments of a call. A sink can compute their keyed hash, but cannot read them. The hash does not depend on the order in
/// which the caller writes the keys.
#[derive(Clone, Copy)]
pub struct ArgumentsText<'a>(pub(crate) &'a str);

impl ArgumentsText<'_> {
    pub(super) fn keyed_hash(self, seal: &Seal) -> Tag {
        seal.arguments(&canonical(self.0))
    }
}

impl std::fmt::Debug for ArgumentsText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArgumentsText({} bytes)", self.0.len())
    }
}

/// One call, as the host passes it to an [`AuditSink`](super::AuditSink).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invocation<'a> {
    /// Unique id of the call.
    pub id: &'a str,
    /// Time at which the call ended.
    pub time: SystemTime,
    /// The package, and what it was given.
    pub subject: &'a Subject,
    /// Name of the tool; `None` if the package has no tool of the requested name, which could be any text.
    pub tool: Option<&'a str>,
    /// The arguments of the call.
    pub arguments: ArgumentsText<'a>,
    /// `ok`, `is_error` if the tool reports that the call failed, or the kind of the failure.
    pub outcome: &'static str,
    /// Code of the failure; `None` if the call returned a result.
    pub code: Option<&'static Code>,
    /// Duration of the call.
    pub duration: Duration,
    /// Redactions in the answer.
    pub redactions: &'a RedactionReport,
    /// Redactions in what the tool wrote to stderr.
    pub log_redactions: &'a RedactionReport,
    /// What the call used outside its sandbox.
    pub accesses: &'a Accesses,
    /// Time at which the call ended, by the monotonic clock.
    pub(crate) monotonic: Duration,
}

impl Invocation<'_> {
    /// Appends the members between those of the chain, starting with a comma.
    pub(super) fn write(&self, seal: &Seal, to: &mut Vec<u8>) {
        to.extend_from_slice(b",\"time\":\"");
        crate::clock::write_millis(to, self.time);
        to.extend_from_slice(b"\",\"id\":");
        json(to, self.id);
        to.push(b',');
        to.extend_from_slice(self.subject.json.as_bytes());
        to.extend_from_slice(b",\"tool\":");
        json(to, &self.tool);
        to.extend_from_slice(b",\"arguments\":\"");
        self.arguments.keyed_hash(seal).write_hex(to);
        to.extend_from_slice(b"\",\"outcome\":\"");
        to.extend_from_slice(self.outcome.as_bytes());
        if let Some(code) = self.code {
            to.extend_from_slice(b"\",\"code\":\"");
            to.extend_from_slice(code.id.as_bytes());
        }
        to.extend_from_slice(b"\",\"duration_us\":");
        json(to, &u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX));
        to.extend_from_slice(b",\"redactions\":");
        match (self.redactions.is_empty(), self.log_redactions.is_empty()) {
            (true, true) => to.extend_from_slice(b"{}"),
            (false, true) => json(to, &self.redactions.counts),
            (true, false) => json(to, &self.log_redactions.counts),
            (false, false) => {
                let mut counts = self.redactions.counts.clone();
                for (id, count) in &self.log_redactions.counts {
                    *counts.entry(id.clone()).or_default() += count;
                }
                json(to, &counts);
            }
        }
        to.extend_from_slice(b",\"hosts\":");
        json(to, &self.accesses.hosts);
        if !self.accesses.refused_hosts.is_empty() {
            to.extend_from_slice(b",\"refused_hosts\":");
            json(to, &self.accesses.refused_hosts.iter().take(MOST_REFUSED).collect::<Vec<_>>());
        }
        if !self.accesses.refused_paths.is_empty() {
            to.extend_from_slice(b",\"refused_paths\":");
            json(to, &self.accesses.refused_paths.iter().take(MOST_REFUSED).collect::<BTreeMap<_, _>>());
        }
        to.extend_from_slice(b",\"kv\":");
        json(to, &self.accesses.kv);
        if let Some(paths) = &self.accesses.paths {
            to.extend_from_slice(b",\"paths\":");
            json(to, paths);
        }
        if let Some(variables) = self.accesses.variables {
            to.extend_from_slice(b",\"variables_read\":");
            json(to, &variables);
        }
    }
}

/// Appends `value` as JSON. Writing strings, numbers and maps of them into memory cannot fail.
pub(super) fn json<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(to, value);
}

/// The outcome of one call, as it is read back from the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Number of the record, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// Time at which the call ended, as RFC 3339 text in UTC.
    pub time: String,
    /// Id of the call.
    pub id: String,
    /// Id of the package, or name of the MCP server if the call was `legacy`.
    pub package_id: String,
    /// Version of the package, or the one that the server claims.
    pub version: String,
    /// Content hash of the package, or hash of the definition of the server's tool.
    pub content_hash: ContentHash,
    /// The key that signed the package; `None` for an MCP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    /// Id of that key; `None` in a record of an older log, which has only the key, and for an MCP server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<KeyId>,
    /// Whether the call went to an MCP server outside the sandbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub legacy: bool,
    /// Name of the tool; `None` if the package has no tool of the requested name.
    pub tool: Option<String>,
    /// Keyed hash of the arguments, in hex.
    pub arguments: String,
    /// `ok`, `is_error`, or the kind of the failure.
    pub outcome: String,
    /// Code of the failure; `None` if the call returned a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Duration of the call, in microseconds.
    pub duration_us: u64,
    /// Number of matches of each pattern in the answer and the tool's stderr.
    pub redactions: BTreeMap<String, u64>,
    /// Hosts that the call sent requests to.
    pub hosts: Vec<String>,
    /// The first hosts to which the call's requests were refused, at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_hosts: Vec<String>,
    /// The first paths that the call was denied, at most 16, and what the tool tried to do with each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused_paths: BTreeMap<String, PathAccess>,
    /// Whether the call used the key-value store.
    pub kv: bool,
    /// Declared paths that the call used; `None` if no path was mapped.
    #[serde(default, rename = "paths", skip_serializing_if = "Option::is_none")]
    pub paths_used: Option<Vec<String>>,
    /// Whether the call read its environment; `None` if it was given no variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables_read: Option<bool>,
    /// Directories and files that were mapped for the package.
    pub directories: Vec<Directory>,
    /// Names of the variables that the package was given.
    pub variables: Vec<String>,
}
