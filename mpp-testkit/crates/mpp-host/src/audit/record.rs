//! What a record says: as the host tells it, and as it is read back.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::seal::{Seal, Tag};
use crate::codes::Code;
use crate::host::Accesses;
use crate::keys::PublicKey;
use crate::package::ContentHash;
use crate::privacy::RedactionReport;
use crate::sandbox::MappedPath;

/// A tool can ask for any number of hosts that it may not reach.
const MOST_REFUSED: usize = 16;

/// What all calls of one granted package have in common. Made once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    package_id: String,
    version: String,
    content_hash: ContentHash,
    key: PublicKey,
    directories: Vec<Directory>,
    variables: Vec<String>,
    /// All of it as JSON, without the braces.
    #[serde(skip)]
    json: Box<str>,
}

/// A declared path and what it was on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The tool's name for it.
    pub guest: String,
    /// The path on this machine.
    pub host: PathBuf,
    /// Whether the tool could write to it.
    pub writable: bool,
}

impl Subject {
    /// The package, the paths that were mapped for it, the names of the variables that it was given.
    pub(crate) fn of(
        (package_id, version): (&str, &str),
        content_hash: ContentHash,
        key: PublicKey,
        paths: &[MappedPath],
        variables: Vec<String>,
    ) -> Self {
        let directory = |path: &MappedPath| Directory {
            guest: path.guest.clone(),
            host: path.host.clone(),
            writable: path.writable,
        };
        let mut subject = Self {
            package_id: package_id.to_owned(),
            version: version.to_owned(),
            content_hash,
            key,
            directories: paths.iter().map(directory).collect(),
            variables,
            json: Box::default(),
        };
        // A path that is not UTF-8 cannot be written as JSON; it is written as people see it.
        if serde_json::to_string(&subject.directories).is_err() {
            for directory in &mut subject.directories {
                directory.host = PathBuf::from(directory.host.to_string_lossy().into_owned());
            }
        }
        let json = serde_json::to_string(&subject).unwrap_or_default();
        subject.json = json.trim_start_matches('{').trim_end_matches('}').into();
        subject
    }

    /// The package's id.
    #[must_use]
    pub fn package_id(&self) -> &str {
        &self.package_id
    }

    /// The key that signed the package.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }
}

/// The arguments of a call: they can be hashed under a key, and nothing else.
#[derive(Clone, Copy)]
pub struct ArgumentsText<'a>(pub(crate) &'a str);

impl ArgumentsText<'_> {
    pub(super) fn keyed_hash(self, seal: &Seal) -> Tag {
        seal.arguments(self.0)
    }
}

impl std::fmt::Debug for ArgumentsText<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ArgumentsText({} bytes)", self.0.len())
    }
}

/// One call, as the host tells it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invocation<'a> {
    /// Names this call and no other.
    pub id: &'a str,
    /// When it ended.
    pub time: SystemTime,
    /// The package and what it was given.
    pub subject: &'a Subject,
    /// The tool; `None` where the package has none of the name that was called, which could be anything.
    pub tool: Option<&'a str>,
    /// What it was called with.
    pub arguments: ArgumentsText<'a>,
    /// `ok`; `is_error` where the tool says so of its result; else the kind of the failure.
    pub outcome: &'static str,
    /// The code of the failure.
    pub code: Option<&'static Code>,
    /// How long it took.
    pub duration: Duration,
    /// What was redacted from the answer.
    pub redactions: &'a RedactionReport,
    /// What was redacted from the log.
    pub log_redactions: &'a RedactionReport,
    /// What it used outside of its sandbox.
    pub accesses: &'a Accesses,
    /// When it ended, by the clock that never goes back.
    pub(crate) monotonic: Duration,
}

impl Invocation<'_> {
    /// Adds everything between the chain's own members, starting with a comma.
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

/// Writing strings, numbers and maps of them into memory cannot fail.
fn json<T: Serialize + ?Sized>(to: &mut Vec<u8>, value: &T) {
    let _ = serde_json::to_writer(to, value);
}

/// One record, as it is read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    #[serde(rename = "n")]
    pub number: u64,
    /// When the call ended: RFC 3339, UTC.
    pub time: String,
    /// The invocation.
    pub id: String,
    /// The package.
    pub package_id: String,
    /// Its version.
    pub version: String,
    /// Exactly which bytes.
    pub content_hash: ContentHash,
    /// The key that signed them.
    pub key: PublicKey,
    /// The tool; absent where the package has none of the name that was called.
    pub tool: Option<String>,
    /// The keyed hash of the arguments, in hex.
    pub arguments: String,
    /// `ok`, `is_error`, or the kind of the failure.
    pub outcome: String,
    /// The code of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// How long the call took, in microseconds.
    pub duration_us: u64,
    /// How often each pattern matched in the answer and the log.
    pub redactions: BTreeMap<String, u64>,
    /// Hosts that were contacted.
    pub hosts: Vec<String>,
    /// Hosts that requests were refused to, the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_hosts: Vec<String>,
    /// Whether the key-value store was used.
    pub kv: bool,
    /// Declared paths that were used; absent where none was mapped, and for a component.
    #[serde(default, rename = "paths", skip_serializing_if = "Option::is_none")]
    pub paths_used: Option<Vec<String>>,
    /// Whether the environment was read; absent where no variable was given, and for a component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables_read: Option<bool>,
    /// Directories and files that were mapped.
    pub directories: Vec<Directory>,
    /// Names of the variables that were given.
    pub variables: Vec<String>,
}
