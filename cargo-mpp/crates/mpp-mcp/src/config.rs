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
mod header;
mod keys;
mod url;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use crate::bridge::Selection;

pub use error::{ConfigError, Problem};
pub use header::HeaderTemplate;
pub use url::{ServerUrl, UrlProblem};

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
    /// How the server is reached.
    pub reached: Reached,
    /// How long the server may take to answer a call.
    pub timeout: Duration,
    /// How long the server may take to answer each request before its tools are listed.
    pub start_timeout: Duration,
    /// The tools that are published.
    pub tools: Selection,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// By starting a program.
    Command {
        /// The program and its arguments. A program with a `/` in its name starts at the file's directory.
        command: Vec<String>,
        /// Variables that the server is given: `NAME`, or `NAME=VALUE`.
        env: Vec<String>,
        /// The directory that the server runs in: that of the file, if the configuration names none.
        cwd: PathBuf,
    },
    /// Over streamable HTTP.
    Url {
        /// The URL.
        url: ServerUrl,
        /// Headers of each request.
        headers: Vec<HeaderTemplate>,
    },
}

impl Reached {
    /// Returns what makes a server another one if it changes: the command, or the URL.
    #[must_use]
    pub fn origin(&self) -> Vec<String> {
        match self {
            Self::Command { command, .. } => command.clone(),
            Self::Url { url, .. } => vec![url.as_str().to_owned()],
        }
    }
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
    command: Option<Spanned<Vec<String>>>,
    env: Option<Spanned<Vec<String>>>,
    cwd: Option<Spanned<PathBuf>>,
    url: Option<Spanned<String>>,
    headers: Option<Spanned<BTreeMap<String, String>>>,
    allow_http: Option<Spanned<bool>>,
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
        let timeout = time(self.timeout_ms, CALL_TIMEOUT)?;
        let start_timeout = time(self.start_timeout_ms, START_TIMEOUT)?;
        let misplaced = |at: Option<usize>, key: &'static str, other: &'static str| match at {
            Some(at) => Err((at, Problem::Misplaced { key, other })),
            None => Ok(()),
        };
        let reached = match (self.command, self.url) {
            (Some(command), None) => {
                misplaced(self.headers.map(|given| given.span().start), "headers", "url")?;
                misplaced(self.allow_http.map(|given| given.span().start), "allow_http", "url")?;
                let env = self.env.map(Spanned::into_inner).unwrap_or_default();
                let cwd = self.cwd.map_or_else(|| base.to_owned(), |cwd| base.join(cwd.into_inner()));
                Reached::Command { command: program(command, base)?, env, cwd }
            }
            (None, Some(url)) => {
                misplaced(self.env.map(|given| given.span().start), "env", "command")?;
                misplaced(self.cwd.map(|given| given.span().start), "cwd", "command")?;
                let allows_http = self.allow_http.is_some_and(Spanned::into_inner);
                let at = url.span().start;
                let url = ServerUrl::parse(url.get_ref(), allows_http);
                let url = url.map_err(|problem| (at, Problem::Url { problem }))?;
                Reached::Url { url, headers: headers(self.headers)? }
            }
            (Some(_), Some(url)) => return Err((url.span().start, Problem::CommandAndUrl)),
            (None, None) => return Err((self.name.span().start, Problem::NeitherCommandNorUrl)),
        };
        let name = self.name.into_inner();
        Ok(ServerConfig { name, reached, timeout, start_timeout, tools: self.tools })
    }
}

fn program(command: Spanned<Vec<String>>, base: &Path) -> Result<Vec<String>, (usize, Problem)> {
    let at = command.span().start;
    let mut command = command.into_inner();
    match command.first_mut() {
        Some(program) if !program.is_empty() => {
            if program.contains('/') {
                *program = base.join(&*program).to_string_lossy().into_owned();
            }
            Ok(command)
        }
        _ => Err((at, Problem::NoProgram)),
    }
}

fn headers(given: Option<Spanned<BTreeMap<String, String>>>) -> Result<Vec<HeaderTemplate>, (usize, Problem)> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let at = given.span().start;
    let mut headers: Vec<HeaderTemplate> = Vec::new();
    for (name, value) in given.into_inner() {
        let header = HeaderTemplate::parse(&name, &value).map_err(|reason| (at, Problem::Header { reason }))?;
        if headers.iter().any(|other| other.name() == header.name()) {
            let reason = format!("the header `{}` is given twice", header.name());
            return Err((at, Problem::Header { reason }));
        }
        headers.push(header);
    }
    Ok(headers)
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
