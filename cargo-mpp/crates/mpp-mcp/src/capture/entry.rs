//! The lines of a capture: a header, then one entry for each message.

use std::collections::{BTreeMap, BTreeSet};

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// The version of the format that this crate writes.
pub const FORMAT_VERSION: u32 = 1;

/// How client and server are connected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TransportKind {
    /// The server is a child process: messages are lines on its stdin and stdout.
    #[default]
    Stdio,
    /// The server answers HTTP requests: messages are bodies and server-sent events.
    Http,
}

/// The first line of a capture.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Header {
    /// Version of the format.
    pub capture: u32,
    /// Time at which the capture began, in the form of RFC 3339. The times of entries count from here.
    pub started: String,
    /// How client and server are connected.
    pub transport: TransportKind,
    /// The command of a server that was started, with its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The URL of a server that is reached over HTTP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whether secrets and personal data were redacted while recording.
    #[serde(default, skip_serializing_if = "is_false")]
    pub redacted: bool,
    /// Whether given calls were made, instead of those of a client.
    #[serde(default, skip_serializing_if = "is_false")]
    pub driven: bool,
    /// Whether the HTTP requests of the server were recorded.
    #[serde(default, skip_serializing_if = "is_false")]
    pub records_http: bool,
}

impl Header {
    /// The header of a capture that begins at `started`.
    #[must_use]
    pub fn new(started: SystemTime, transport: TransportKind) -> Self {
        Self {
            capture: FORMAT_VERSION,
            started: mpp_host::clock::rfc3339_micros(started),
            transport,
            command: Vec::new(),
            url: None,
            redacted: false,
            driven: false,
            records_http: false,
        }
    }
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Origin {
    /// The client: stdin of the server.
    Client,
    /// The server: its stdout.
    Server,
    /// The server's stderr.
    Stderr,
}

/// One entry: a message, text that is not a message, or the end of the server.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// Microseconds since the capture began.
    pub at: u64,
    /// Who sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
    /// The message exactly as it was sent, if it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<RawValue>>,
    /// The line, if it is text but not JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The line in Base64, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Whether the stream ended before the line did.
    #[serde(default, skip_serializing_if = "is_false")]
    pub partial: bool,
    /// Number of bytes of the line that were not recorded because it is too long.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: u64,
    /// Number of redactions in this entry, by pattern.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub redacted: BTreeMap<String, u64>,
    /// The HTTP request or response that the message is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpPart>,
    /// A request of the server to another one, and the response, in the format of a fixture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Value>,
    /// A host whose requests could not be recorded, and the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unrecorded: Option<String>,
    /// What the server did besides sending messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
    /// How the server ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// A part of an HTTP exchange. Further events of a stream have the number of the exchange only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HttpPart {
    /// Number of the exchange, counted from 1.
    pub exchange: u64,
    /// Method of a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path of a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Status of a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers: those of MCP, and those that describe the body. Never credentials.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What a server did besides sending messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observed {
    /// Programs that were started, the server itself among them.
    #[serde(default)]
    pub programs: Vec<StartedProgram>,
    /// Files that were opened for reading, and directories, which end in `/`.
    #[serde(default)]
    pub read: BTreeSet<String>,
    /// Files that were opened for writing, created, renamed or removed. Those that the server made and then renamed or removed are not
    /// among them.
    #[serde(default)]
    pub written: BTreeSet<String>,
    /// Shared libraries that were loaded.
    #[serde(default)]
    pub libraries: BTreeSet<String>,
    /// Connections to other machines and to this one.
    #[serde(default)]
    pub connections: Vec<Connection>,
    /// Names that were looked up without a connection to their addresses.
    #[serde(default)]
    pub looked_up: BTreeSet<String>,
    /// Addresses that the server listened on.
    #[serde(default)]
    pub listens: BTreeSet<String>,
    /// Names of the variables that the server was given.
    #[serde(default)]
    pub variables: BTreeSet<String>,
}

impl Observed {
    /// Leaves out files below this directory.
    pub fn leave_out_files(&mut self, directory: &std::path::Path) {
        for files in [&mut self.read, &mut self.written] {
            files.retain(|file| !std::path::Path::new(file).starts_with(directory));
        }
    }

    /// Leaves out connections to this address.
    pub fn leave_out(&mut self, address: std::net::SocketAddr) {
        self.connections
            .retain(|found| (found.port, found.address.as_str()) != (address.port(), &*address.ip().to_string()));
    }
}

/// A program that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StartedProgram {
    /// Its path.
    pub program: String,
    /// Microseconds since the capture began.
    pub at: u64,
    /// Whether it became the server's first process, and is not a child of it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_server: bool,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection {
    /// The name that was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The address.
    pub address: String,
    /// The port.
    pub port: u16,
}

/// How a server ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct End {
    /// Its exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Number of bytes of its stderr that were not recorded, because there was too much.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stderr_omitted: u64,
}

impl End {
    /// Returns the exit code that a shell reports: the code of the process, or 128 and the signal.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let code = self.code.or(self.signal.map(|signal| 128 + signal)).unwrap_or(1);
        u8::try_from(code).unwrap_or(1)
    }
}

impl From<std::process::ExitStatus> for End {
    fn from(status: std::process::ExitStatus) -> Self {
        #[cfg(unix)]
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        #[cfg(not(unix))]
        let signal = None;
        Self { code: status.code(), signal, stderr_omitted: 0 }
    }
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_zero(value: &u64) -> bool {
    *value == 0
}
