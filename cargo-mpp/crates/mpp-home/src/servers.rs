//! MCP servers outside the sandbox, in `servers`: the definitions of their tools that a person accepted, one JSON file a server.

use std::collections::BTreeMap;
use std::path::PathBuf;

use mpp_host::package::ContentHash;
use mpp_host::wire::SecurityLevel;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::HomeError;
use crate::files;

const WHAT: &str = "the accepted tools of an MCP server";

/// The servers whose tools were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Servers {
    dir: PathBuf,
}

/// What is known about one server. A server is identified by its name and by how it is reached.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PinnedServer {
    /// The name that the configuration gives to the server.
    pub server: String,
    /// How the server is reached: the command and its arguments, or the URL.
    pub origin: Vec<String>,
    /// Whether the server opens a session with `initialize`; `None` if it was never reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initializes: Option<bool>,
    /// The version that the server claims.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// The accepted tools, by the names that the server gives them.
    pub tools: BTreeMap<String, PinnedTool>,
}

/// The accepted definition of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PinnedTool {
    /// Hash of the parts of the definition that a model or a client acts on.
    pub hash: ContentHash,
    /// Time at which the definition was accepted, as RFC 3339 text.
    pub accepted: String,
    /// The security level up to which every call was approved; `None` if calls are asked about as the policy says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<SecurityLevel>,
    /// The definition as the server sent it, JSON text.
    pub definition: Box<RawValue>,
}

impl PinnedServer {
    /// Creates a server without tools.
    #[must_use]
    pub fn new(server: impl Into<String>, origin: Vec<String>) -> Self {
        Self { server: server.into(), origin, initializes: None, version: String::new(), tools: BTreeMap::new() }
    }
}

impl PinnedTool {
    /// Creates a tool whose calls were not approved.
    #[must_use]
    pub fn new(hash: ContentHash, accepted: impl Into<String>, definition: Box<RawValue>) -> Self {
        Self { hash, accepted: accepted.into(), approved: None, definition }
    }
}

impl Servers {
    pub(crate) fn in_dir(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// What is known about the server with this name and origin; `None` if it was never used.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read; a damaged file accepts nothing.
    pub fn load(&self, server: &str, origin: &[String]) -> Result<Option<PinnedServer>, HomeError> {
        let path = self.file(server, origin);
        let Some(bytes) = files::read_if_present(WHAT, &path)? else { return Ok(None) };
        let pinned: PinnedServer = serde_json::from_slice(&bytes).map_err(|error| HomeError::damaged(&path, error))?;
        Ok(Some(pinned).filter(|pinned| pinned.server == server && pinned.origin == origin))
    }

    /// Saves what is known about a server, and replaces what was known before.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn save(&self, pinned: &PinnedServer) -> Result<(), HomeError> {
        Ok(files::write_json(&self.file(&pinned.server, &pinned.origin), pinned)?)
    }

    /// The file is named after the server and a checksum of its origin; the whole origin in the file decides.
    fn file(&self, server: &str, origin: &[String]) -> PathBuf {
        let mut checksum: u64 = 0xcbf2_9ce4_8422_2325;
        // FNV-1a, with a separator after each part. Names only have to differ; nothing depends on them being hard to guess.
        for byte in origin.iter().flat_map(|part| part.bytes().chain([0xff])) {
            checksum = (checksum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        self.dir.join(format!("{server}.{checksum:016x}.json"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_server_is_known_by_its_name_and_origin_and_keeps_its_text() {
        let dir = tempfile::tempdir().unwrap();
        let servers = Servers::in_dir(dir.path().join("servers"));
        let origin = |last: &str| vec!["uvx".to_owned(), last.to_owned()];
        assert!(servers.load("time", &origin("a")).unwrap().is_none());
        let mut pinned = PinnedServer::new("time", origin("a"));
        let definition = r#"{"name":"now","inputSchema":{"maximum":12345678901234567890123.50}}"#;
        let hash = ContentHash::parse(&format!("sha256:{}", "0".repeat(64))).unwrap();
        let tool = PinnedTool::new(hash, "2026-11-30T00:00:00Z", RawValue::from_string(definition.to_owned()).unwrap());
        pinned.tools.insert("now".to_owned(), tool);
        servers.save(&pinned).unwrap();
        let loaded = servers.load("time", &origin("a")).unwrap().unwrap();
        assert_eq!(loaded.tools["now"].definition.get(), definition);
        assert!(servers.load("time", &origin("b")).unwrap().is_none());
        assert!(servers.load("clock", &origin("a")).unwrap().is_none());
        std::fs::write(servers.file("time", &origin("a")), "{}").unwrap();
        assert_eq!(mpp_host::Coded::code(&servers.load("time", &origin("a")).unwrap_err()).id, "MPP-C016");
    }
}
