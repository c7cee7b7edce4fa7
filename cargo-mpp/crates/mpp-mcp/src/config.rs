//! Reads `agent.toml`: the packages and the MCP servers that one front end serves side by side.
//!
//! ```
//! use mpp_mcp::config::AgentConfig;
//!
//! let text = r#"
//! [[package]]
//! source = "crm-lookup-1.0.0.mpp"
//! tools = { deny = ["delete"] }
//!
//! [[server]]
//! name = "time"
//! command = ["uvx", "mcp-server-time"]
//! "#;
//! let config = AgentConfig::parse(text, "/srv/agent.toml".as_ref())?;
//! assert_eq!(config.packages[0].source, std::path::Path::new("/srv/crm-lookup-1.0.0.mpp"));
//! assert_eq!(config.servers[0].name, "time");
//! # Ok::<(), mpp_mcp::config::ConfigError>(())
//! ```

mod error;
mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::bridge::Selection;

pub use error::{ConfigError, Problem};

/// How long a server may take to start, if the configuration does not say.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a server may take to answer a call, if the configuration does not say.
const CALL_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// Longest time that a configuration may allow, in milliseconds.
const LONGEST_MS: u64 = 60 * 60 * 1000;

/// Longest name of a server, in bytes.
const LONGEST_NAME: usize = 64;

/// The packages and servers of a configuration, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AgentConfig {
    /// The packages.
    pub packages: Vec<PackageConfig>,
    /// The MCP servers.
    pub servers: Vec<ServerConfig>,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackageConfig {
    /// A package file, a project directory, or the id of an installed package. Relative paths start at the file's directory.
    pub source: PathBuf,
    /// Paths of this machine, by the declared paths that they are mapped to.
    pub dirs: BTreeMap<String, PathBuf>,
    /// Variables that the package is given: `NAME`, or `NAME=VALUE`.
    pub env: Vec<String>,
    /// The tools that are published.
    pub tools: Selection,
}

/// One MCP server outside the sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// The name of the server, for people and in the names of tools.
    pub name: String,
    /// The program and its arguments. A program with a `/` in its name starts at the file's directory.
    pub command: Vec<String>,
    /// Variables that the server is given: `NAME`, or `NAME=VALUE`.
    pub env: Vec<String>,
    /// The directory that the server runs in: that of the file, if the configuration names none.
    pub cwd: PathBuf,
    /// How long the server may take to answer a call.
    pub timeout: Duration,
    /// How long the server may take to answer each request before its tools are listed.
    pub start_timeout: Duration,
    /// The tools that are published.
    pub tools: Selection,
}

#[derive(Deserialize)]
struct RawConfig {
    #[serde(default)]
    package: Vec<RawPackage>,
    #[serde(default)]
    server: Vec<Spanned<RawServer>>,
}

#[derive(Deserialize)]
struct RawPackage {
    source: String,
    #[serde(default)]
    dirs: BTreeMap<String, PathBuf>,
    #[serde(default)]
    env: Vec<String>,
    #[serde(default)]
    tools: Selection,
}

#[derive(Deserialize)]
struct RawServer {
    name: Spanned<String>,
    command: Spanned<Vec<String>>,
    #[serde(default)]
    env: Vec<String>,
    cwd: Option<PathBuf>,
    timeout_ms: Option<Spanned<u64>>,
    start_timeout_ms: Option<Spanned<u64>>,
    #[serde(default)]
    tools: Selection,
}

impl AgentConfig {
    /// Reads a configuration. `path` is the file that `text` was read from: relative paths start at its directory.
    ///
    /// # Errors
    /// Returns [`ConfigError`], which names the line and the column, for text that is not TOML, an unknown key, a value of another type,
    /// and a value that cannot be used.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let at = |at: usize, problem: Problem| ConfigError::new(path, text, at, problem);
        keys::check(text).map_err(|(offset, problem)| at(offset, problem))?;
        let raw: RawConfig = toml::from_str(text).map_err(|error| {
            at(error.span().map_or(0, |span| span.start), Problem::Invalid { reason: error.message().to_owned() })
        })?;
        let base = path.parent().unwrap_or(Path::new(""));
        let packages = raw.package.into_iter().map(|package| package.resolved(base)).collect();
        let mut names = BTreeSet::new();
        let mut servers = Vec::new();
        for server in raw.server {
            let server = server.into_inner();
            let (start, name) = (server.name.span().start, server.name.get_ref().clone());
            if !is_name(&name) {
                return Err(at(start, Problem::Name { name }));
            }
            if !names.insert(name.clone()) {
                return Err(at(start, Problem::Repeated { name }));
            }
            servers.push(server.resolved(base).map_err(|(offset, problem)| at(offset, problem))?);
        }
        Ok(Self { packages, servers })
    }
}

impl RawPackage {
    fn resolved(self, base: &Path) -> PackageConfig {
        PackageConfig {
            source: base.join(self.source),
            dirs: self.dirs.into_iter().map(|(guest, host)| (guest, base.join(host))).collect(),
            env: self.env,
            tools: self.tools,
        }
    }
}

impl RawServer {
    fn resolved(self, base: &Path) -> Result<ServerConfig, (usize, Problem)> {
        let at = self.command.span().start;
        let mut command = self.command.into_inner();
        match command.first_mut() {
            Some(program) if !program.is_empty() => {
                if program.contains('/') {
                    *program = base.join(&*program).to_string_lossy().into_owned();
                }
            }
            _ => return Err((at, Problem::NoProgram)),
        }
        Ok(ServerConfig {
            name: self.name.into_inner(),
            command,
            env: self.env,
            cwd: self.cwd.map_or_else(|| base.to_owned(), |cwd| base.join(cwd)),
            timeout: time(self.timeout_ms, CALL_TIMEOUT)?,
            start_timeout: time(self.start_timeout_ms, START_TIMEOUT)?,
            tools: self.tools,
        })
    }
}

fn time(given: Option<Spanned<u64>>, default: Duration) -> Result<Duration, (usize, Problem)> {
    let Some(given) = given else { return Ok(default) };
    match *given.get_ref() {
        ms @ 1..=LONGEST_MS => Ok(Duration::from_millis(ms)),
        ms => Err((given.span().start, Problem::Time { ms })),
    }
}

fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(is_allowed)
}

#[cfg(test)]
mod tests;
