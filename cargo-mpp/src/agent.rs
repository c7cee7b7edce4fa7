//! The configuration of an agent: packages, and MCP servers beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_build::DevMappings;
use mpp_home::files;
use mpp_home::{Launcher, MappingRequest};
use mpp_host::clock::SystemClock;
use mpp_host::codes::{Code, Coded};
use mpp_mcp::bridge::Selection;
use mpp_mcp::codes as mcp;
use mpp_mcp::config::{AgentConfig, ConfigError, HeaderTemplate, PackageConfig, Reached, ServerConfig, ServerUrl};
use mpp_mcp::legacy::{Endpoint, Event, Events, Launch, LegacyError, LegacyServer, Reach, ServerParts};
use mpp_sdk::wire::did_you_mean;

use crate::codes;
use crate::error::{Error, Explain};
use crate::hosting;
use crate::session::Session;
use crate::ui::Ui;

/// Largest configuration, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// Variables that every server is given, because most programs need them.
const BASICS: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ"];

/// An error of a configuration that is valid by itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    /// A selection names a tool that does not exist.
    #[error("the configuration selects the tool `{tool}`, which {of} does not have{}", did_you_mean(tool, known.iter().map(String::as_str)))]
    UnknownTool {
        /// The file.
        path: String,
        /// The package or server, in words.
        of: String,
        /// The name.
        tool: String,
        /// The names of the tools that exist.
        known: Vec<String>,
    },
    /// A variable for a server has no value.
    #[error("the variable `{name}` for the MCP server `{server}` is not set")]
    NoVariable {
        /// The file.
        path: String,
        /// The server.
        server: String,
        /// The variable.
        name: String,
    },
    /// The configuration has no such server.
    #[error("the configuration has no server `{name}`{}", did_you_mean(name, known.iter().map(String::as_str)))]
    NoServer {
        /// The file.
        path: String,
        /// The requested name.
        name: String,
        /// The names of the servers.
        known: Vec<String>,
    },
}

impl Coded for AgentError {
    fn code(&self) -> &'static Code {
        match self {
            Self::UnknownTool { .. } => &mcp::M104,
            Self::NoVariable { .. } => &mcp::M105,
            Self::NoServer { .. } => &mcp::M108,
        }
    }
}

impl Explain for AgentError {
    fn place(&self) -> Option<String> {
        match self {
            Self::UnknownTool { path, .. } | Self::NoVariable { path, .. } | Self::NoServer { path, .. } => {
                Some(path.clone())
            }
        }
    }

    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for ConfigError {
    fn place(&self) -> Option<String> {
        Some(ConfigError::place(self))
    }

    fn advice(&self) -> String {
        codes::help(self.code())
    }
}

impl Explain for LegacyError {
    fn advice(&self) -> String {
        match self {
            Self::NoTool { known, .. } => format!("its tools are {}", known.join(", ")),
            other => codes::help(other.code()),
        }
    }
}

/// Reads the configuration in `file`.
///
/// # Errors
/// Returns an error if the file cannot be read or is not valid.
pub(crate) fn read(session: &Session, file: &Path) -> Result<AgentConfig, Error> {
    let path = session.resolve(file);
    let text = files::read_text("the configuration", &path, LARGEST)?;
    let config = AgentConfig::parse(&text, &path);
    Ok(config.map_err(|mut error| {
        error.path = session.shown(&path).into();
        error
    })?)
}

/// Returns the mappings that a configuration gives to a package. `dev` are the mappings of the project, if it is one.
pub(crate) fn mappings(package: &PackageConfig, dev: Option<&DevMappings>) -> MappingRequest {
    let mut request = MappingRequest::default();
    if let Some(dev) = dev {
        request.project_dirs.clone_from(&dev.dirs);
        request.project_env.clone_from(&dev.env);
    }
    request.dirs = package.dirs.iter().map(|(guest, host)| (guest.clone(), host.clone())).collect();
    let value = |given: &String| match given.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (given.clone(), None),
    };
    request.env = package.env.iter().map(value).collect();
    request
}

/// Fails if a selection names a tool that does not exist. `of` is the package or server in words.
pub(crate) fn check_selection(path: &str, of: &str, selection: &Selection, tools: &[&str]) -> Result<(), AgentError> {
    match selection.unknown(tools).first() {
        None => Ok(()),
        Some(unknown) => Err(AgentError::UnknownTool {
            path: path.to_owned(),
            of: of.to_owned(),
            tool: (*unknown).to_owned(),
            known: tools.iter().map(|tool| (*tool).to_owned()).collect(),
        }),
    }
}

/// Prepares a server of the configuration in `file`, which is not started yet. `certificates` are files with certificates of authorities
/// that are trusted.
///
/// # Errors
/// Returns an error if a variable has no value, or if a certificate or the home directory cannot be read.
pub(crate) fn server(
    session: &Session,
    ui: &Arc<Ui>,
    launcher: &Launcher,
    (file, certificates): (&Path, &[PathBuf]),
    config: ServerConfig,
) -> Result<Arc<LegacyServer>, Error> {
    let shown = session.shown(&session.resolve(file));
    let no_variable =
        |name: &str| AgentError::NoVariable { path: shown.clone(), server: config.name.clone(), name: name.to_owned() };
    let (reach, secrets) = match &config.reached {
        Reached::Command { command, env, cwd } => {
            let (env, named) = environment(session, env).map_err(|name| no_variable(&name))?;
            (Reach::from(Launch::new(command.clone(), cwd.clone(), env)), named)
        }
        Reached::Url { url, headers } => {
            let authorities = hosting::authorities_and(session, certificates)?;
            let (endpoint, secrets) = endpoint(session, url, headers).map_err(|name| no_variable(&name))?;
            (Reach::from(endpoint.authorities(authorities)), secrets)
        }
    };
    let parts = ServerParts::new(
        reach,
        launcher.server_gate(&config.name, &secrets)?,
        session.home().servers(),
        Arc::new(SystemClock::new()),
        Arc::new(Notes { ui: Arc::clone(ui), file: shown }),
        ("mpp".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
    );
    Ok(LegacyServer::new(config, parts)?)
}

/// Names and values, of variables or headers.
type Named = Vec<(String, String)>;

/// Returns the whole environment of a server, and the variables in it that the configuration names; or the name of one that is not set.
fn environment(session: &Session, given: &[String]) -> Result<(Named, Named), String> {
    let mut named = Vec::new();
    for given in given {
        let (name, value) = match given.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (given.as_str(), text_variable(session, given)),
        };
        named.push((name.to_owned(), value.ok_or_else(|| name.to_owned())?));
    }
    let basics = BASICS.iter().filter(|basic| !named.iter().any(|(name, _)| name == *basic));
    let mut env: Named = basics.filter_map(|name| Some(((*name).to_owned(), text_variable(session, name)?))).collect();
    env.extend(named.iter().cloned());
    Ok((env, named))
}

/// Returns where a server is reached, and what of its headers must not come back: variables, and what the configuration itself says; or
/// the name of a variable that is not set.
fn endpoint(session: &Session, url: &ServerUrl, headers: &[HeaderTemplate]) -> Result<(Endpoint, Named), String> {
    let (mut values, mut secrets) = (Vec::new(), Vec::new());
    for header in headers {
        let variable = |name: &str| text_variable(session, name);
        values.push((header.name().to_owned(), header.value(&variable)?));
        secrets.extend(header.variables().filter_map(|name| Some((name.to_owned(), variable(name)?))));
        let words = header.texts().flat_map(str::split_whitespace);
        secrets.extend(words.map(|word| (header.name().to_owned(), word.to_owned())));
    }
    Ok((Endpoint::new(url.clone()).headers(values), secrets))
}

fn text_variable(session: &Session, name: &str) -> Option<String> {
    session.variable(name)?.into_string().ok()
}

/// Fails if a server does not have a tool that its selection names.
pub(crate) fn check_tools(session: &Session, file: &Path, server: &LegacyServer) -> Result<(), AgentError> {
    match server.unknown_tools().into_iter().next() {
        None => Ok(()),
        Some(tool) => Err(AgentError::UnknownTool {
            path: session.shown(&session.resolve(file)),
            of: format!("the MCP server `{}`", server.name()),
            tool,
            known: server.tool_names(),
        }),
    }
}

/// Prints what happens to servers as notes.
struct Notes {
    ui: Arc<Ui>,
    file: String,
}

impl Events for Notes {
    fn event(&self, event: &Event) {
        let mut note = event.to_string();
        if let Event::Differs { server, .. } = event {
            note.push_str(&format!(
                "\n`mpp trust server {server} --config {}` accepts them as they are now",
                self.file
            ));
        }
        self.ui.note(&note);
    }
}
