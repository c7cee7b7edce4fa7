//! Configurations of MCP clients: where each client keeps its own, and how a server is entered.

mod edit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpp_host::codes::{Code, Coded};
use serde_json::{Value, json};

use crate::codes;

/// A client whose configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Client {
    /// Name of the client, as a user chooses it.
    pub id: &'static str,
    /// Name of the client, as it names itself.
    pub title: &'static str,
    place: Place,
    /// Member of the configuration that holds the servers.
    servers: &'static str,
    shape: Shape,
}

/// Where a client keeps its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Below the home directory.
    Home(&'static str),
    /// Below the directory of configurations: `~/.config`, or `~/Library/Application Support` on macOS.
    Config(&'static str),
    /// Below the project.
    Project(&'static str),
}

/// The form of one server's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// `command`, `args`, `env`.
    Plain,
    /// The same with `"type": "stdio"`.
    Typed,
    /// The same with `"source": "custom"`.
    Sourced,
}

/// Every known client, in the order of its name.
const CLIENTS: &[Client] = &[
    client("claude-code", "Claude Code", Place::Project(".mcp.json"), "mcpServers", Shape::Typed),
    client(
        "claude-desktop",
        "Claude Desktop",
        Place::Config("Claude/claude_desktop_config.json"),
        "mcpServers",
        Shape::Plain,
    ),
    client("cursor", "Cursor", Place::Home(".cursor/mcp.json"), "mcpServers", Shape::Plain),
    client("gemini-cli", "Gemini CLI", Place::Home(".gemini/settings.json"), "mcpServers", Shape::Plain),
    client("vscode", "Visual Studio Code", Place::Project(".vscode/mcp.json"), "servers", Shape::Typed),
    client("windsurf", "Windsurf", Place::Home(".codeium/windsurf/mcp_config.json"), "mcpServers", Shape::Plain),
    client("zed", "Zed", Place::Config("zed/settings.json"), "context_servers", Shape::Sourced),
];

const fn client(id: &'static str, title: &'static str, place: Place, servers: &'static str, shape: Shape) -> Client {
    Client { id, title, place, servers, shape }
}

/// Directories that configurations are relative to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Places {
    /// The user's home directory.
    pub home: PathBuf,
    /// The directory of configurations.
    pub config: PathBuf,
    /// The project.
    pub project: PathBuf,
}

impl Places {
    /// Creates places. `config` is `~/.config` on Linux, and `~/Library/Application Support` on macOS.
    #[must_use]
    pub fn new(home: impl Into<PathBuf>, config: impl Into<PathBuf>, project: impl Into<PathBuf>) -> Self {
        Self { home: home.into(), config: config.into(), project: project.into() }
    }
}

/// How a client starts a server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerEntry {
    /// Name of the server, as the client shows it.
    pub name: String,
    /// The program.
    pub command: String,
    /// The arguments of the program.
    pub args: Vec<String>,
    /// Variables that the client sets for the program.
    pub env: BTreeMap<String, String>,
}

impl ServerEntry {
    /// Creates an entry without variables.
    #[must_use]
    pub fn new(name: impl Into<String>, command: impl Into<String>, args: Vec<String>) -> Self {
        Self { name: name.into(), command: command.into(), args, env: BTreeMap::new() }
    }
}

/// Why a configuration cannot be changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigurationError {
    /// The file is not JSON, with or without comments.
    #[error("the configuration of {client} is not valid JSON: {reason}")]
    Syntax {
        /// Name of the client.
        client: &'static str,
        /// The mistake and its place.
        reason: String,
    },
    /// The file has another structure than the client documents.
    #[error("the configuration of {client} has no room for a server: `{member}` is not an object")]
    Structure {
        /// Name of the client.
        client: &'static str,
        /// The member that should be an object.
        member: String,
    },
}

impl Coded for ConfigurationError {
    fn code(&self) -> &'static Code {
        &codes::M501
    }
}

impl Client {
    /// Returns every known client.
    pub fn all() -> impl Iterator<Item = Self> {
        CLIENTS.iter().copied()
    }

    /// Returns the client with this id.
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|client| client.id == id)
    }

    /// Returns the file that holds the client's configuration.
    #[must_use]
    pub fn file(self, places: &Places) -> PathBuf {
        match self.place {
            Place::Home(path) => places.home.join(path),
            Place::Config(path) => places.config.join(path),
            Place::Project(path) => places.project.join(path),
        }
    }

    /// Returns whether the configuration belongs to a project, and not to the user.
    #[must_use]
    pub fn is_per_project(self) -> bool {
        matches!(self.place, Place::Project(_))
    }

    /// Returns a configuration with nothing but this server: JSON text.
    #[must_use]
    pub fn configuration(self, server: &ServerEntry) -> String {
        // An empty text is a configuration without servers.
        self.with_server("", server).unwrap_or_default()
    }

    /// Returns the text of a configuration with this server added, or changed if there is one of its name. Comments, order and layout
    /// of everything else stay. An empty text becomes a configuration with nothing but this server.
    ///
    /// # Errors
    /// Returns [`ConfigurationError`] if the text is not a configuration of this client.
    pub fn with_server(self, text: &str, server: &ServerEntry) -> Result<String, ConfigurationError> {
        edit::with_member(text, self.servers, &server.name, &self.entry(server)).map_err(|fault| match fault {
            edit::Fault::Syntax(reason) => ConfigurationError::Syntax { client: self.title, reason },
            edit::Fault::NotAnObject(member) => ConfigurationError::Structure { client: self.title, member },
        })
    }

    /// Returns the members of the server's entry, in the order in which clients document them.
    fn entry(self, server: &ServerEntry) -> Vec<(&'static str, Value)> {
        let mut entry = Vec::new();
        match self.shape {
            Shape::Plain => {}
            Shape::Typed => entry.push(("type", "stdio".into())),
            Shape::Sourced => entry.push(("source", "custom".into())),
        }
        entry.push(("command", server.command.as_str().into()));
        entry.push(("args", server.args.clone().into()));
        if !server.env.is_empty() {
            entry.push(("env", json!(server.env)));
        }
        entry
    }
}

/// Returns the path of the copy that is kept before a configuration is changed: a name that does not exist yet.
#[must_use]
pub fn backup_path(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let candidates =
        std::iter::once(format!("{name}.backup")).chain((2..).map(|number| format!("{name}.backup-{number}")));
    let mut paths = candidates.map(|name| file.with_file_name(name));
    // The names never end.
    paths.find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| file.with_extension("backup"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn server() -> ServerEntry {
        let mut server = ServerEntry::new("notes", "/usr/bin/mpp", vec!["serve".to_owned(), "/p/notes.mpp".to_owned()]);
        server.env.insert("MPP_HOME".to_owned(), "/home/ada/.mpp".to_owned());
        server
    }

    #[test]
    fn every_client_gets_an_entry_of_its_own_form() {
        for client in Client::all() {
            let text = client.with_server("", &server()).unwrap();
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(text, client.configuration(&server()), "{}", client.id);
            let entry = &value[client.servers]["notes"];
            assert_eq!(entry["command"], "/usr/bin/mpp");
            assert_eq!(entry["type"] == "stdio", ["vscode", "claude-code"].contains(&client.id), "{}", client.id);
        }
    }

    #[test]
    fn what_the_user_wrote_stays_as_it_is() {
        let client = Client::find("zed").unwrap();
        let before = "{\n  // The theme.\n  \"theme\": \"One Dark\",\n  \"context_servers\": {\n    \"other\": { \"command\": \"x\" }, // mine\n  },\n  \"a\": 1.50\n}\n";
        let after = client.with_server(before, &server()).unwrap();
        for line in before.lines() {
            assert!(after.contains(line.trim()), "{line} in {after}");
        }
        assert!(after.contains("\"notes\": {"), "{after}");
        // A second time changes nothing.
        assert_eq!(client.with_server(&after, &server()).unwrap(), after);
    }

    #[test]
    fn an_entry_of_the_same_name_is_replaced() {
        let client = Client::find("cursor").unwrap();
        let before = r#"{ "mcpServers": { "notes": { "command": "old" }, "other": { "command": "x" } } }"#;
        let after: Value = serde_json::from_str(&client.with_server(before, &server()).unwrap()).unwrap();
        assert_eq!(after["mcpServers"]["notes"]["command"], "/usr/bin/mpp");
        assert_eq!(after["mcpServers"]["notes"]["env"]["MPP_HOME"], "/home/ada/.mpp");
        assert_eq!(after["mcpServers"]["other"]["command"], "x");
    }

    #[test]
    fn files_that_are_no_configuration_are_refused() {
        let client = Client::find("cursor").unwrap();
        assert!(matches!(client.with_server("{", &server()), Err(ConfigurationError::Syntax { .. })));
        for text in ["[]", r#"{ "mcpServers": [] }"#] {
            assert!(matches!(client.with_server(text, &server()), Err(ConfigurationError::Structure { .. })), "{text}");
        }
    }

    #[test]
    fn a_backup_never_replaces_another() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("mcp.json");
        assert_eq!(backup_path(&file), dir.path().join("mcp.json.backup"));
        std::fs::write(dir.path().join("mcp.json.backup"), "").unwrap();
        assert_eq!(backup_path(&file), dir.path().join("mcp.json.backup-2"));
    }
}
