//! The MCP server that `--from-mcp` names: a file, a URL, or the command that starts the server.

use std::io::Read as _;
use std::path::Path;

use mpp_home::FileError;
use mpp_host::codes::{Code, Coded};
use mpp_mcp::config::{ServerUrl, UrlProblem};
use mpp_mcp::legacy::Endpoint;
use mpp_mcp::scaffold::{Original, RemoteServer, ScaffoldError, ServerCommand};

use crate::cli::NewArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::session::Session;
use crate::ui::Ui;
use crate::{hosting, interrupt};

/// Maximum size of a file, which can be a capture with long answers.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// An error about the value of `--from-mcp`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OriginError {
    /// The value names neither a file nor a program.
    #[error("`{value}` is neither a file nor the command of an MCP server")]
    Unknown {
        /// The value.
        value: String,
        /// The operating system's error when the program was started.
        source: std::io::Error,
    },
    /// The value is a URL that is not used.
    #[error("the URL `{}` cannot be used: {problem}", url.escape_debug())]
    Url {
        /// The value.
        url: String,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// A variable in a header has no value that a header can have.
    #[error("the variable `{name}` in the header `{header}` is not set to text that fits on one line")]
    NoVariable {
        /// The header.
        header: String,
        /// The variable.
        name: String,
    },
    /// An option for URLs is used without one.
    #[error("`--header` and `--allow-http` are for servers with a URL, and `{}` is not a URL", value.escape_debug())]
    NotUrl {
        /// The value.
        value: String,
    },
    /// The file is too large.
    #[error("the file has more than {} MiB", LARGEST_FILE / 1024 / 1024)]
    TooLarge {
        /// Its path, as the user gave it.
        path: String,
    },
    /// The file is not text.
    #[error("the file is not UTF-8")]
    NotText {
        /// Its path, as the user gave it.
        path: String,
    },
    /// The definitions in a file are not valid.
    #[error("{source}")]
    File {
        /// The path of the file, as the user gave it.
        path: String,
        /// The problem.
        source: ScaffoldError,
    },
}

impl Coded for OriginError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unknown { .. } | Self::NotUrl { .. } => &codes::B054,
            Self::Url { .. } => &mpp_mcp::codes::M210,
            Self::NoVariable { .. } => &mpp_mcp::codes::M105,
            Self::TooLarge { .. } => &mpp_mcp::codes::M405,
            Self::NotText { .. } => &mpp_mcp::codes::M401,
            Self::File { source, .. } => source.code(),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Unknown { .. } => {
                "give a command such as `--from-mcp 'uvx mcp-server-time'`, a URL that begins with `https://`, or a file with the result of `tools/list`; relative paths \
                 start at the current directory"
                    .to_owned()
            }
            Self::NotUrl { .. } => "leave them out, or give a URL such as `https://mcp.example.com/mcp`".to_owned(),
            Self::Url { problem: UrlProblem::PlainHttp, .. } => {
                "use `https://`; `--allow-http` allows plain HTTP, which everybody on the way can read and change".to_owned()
            }
            Self::Url { problem: UrlProblem::Credentials, .. } => {
                "leave them out of the URL, and give `--header 'Authorization: …'`".to_owned()
            }
            Self::Url { .. } => "give a URL such as `https://mcp.example.com/mcp`".to_owned(),
            Self::NoVariable { name, .. } => format!("set the variable: `export {name}=…`"),
            Self::TooLarge { .. } => "capture fewer calls, or save the list of tools alone".to_owned(),
            Self::NotText { .. } => "give the result of `tools/list` as JSON, or a capture".to_owned(),
            Self::File { source, .. } => source.help(),
        }
    }
}

impl Explain for OriginError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } | Self::Url { .. } | Self::NotUrl { .. } => Some("--from-mcp".to_owned()),
            Self::NoVariable { .. } => Some("--header".to_owned()),
            Self::TooLarge { path } | Self::NotText { path } | Self::File { path, .. } => Some(path.clone()),
        }
    }
}

/// Returns where the definitions come from, in words, and the definitions.
pub(super) fn read(session: &Session, ui: &Ui, args: &NewArgs, value: &str) -> Result<(String, Original), Error> {
    if value.contains("://") {
        return from_url(session, ui, args, value);
    }
    if args.allow_http || !args.header.is_empty() {
        return Err(OriginError::NotUrl { value: value.to_owned() }.into());
    }
    let path = session.resolve(Path::new(value));
    match std::fs::metadata(&path) {
        // A program is a file, too: it is started.
        Ok(metadata) if metadata.is_file() && !is_program(&path) => {
            let text = text(&path, value)?;
            let file = path.file_name().map_or_else(|| value.to_owned(), |name| name.to_string_lossy().into_owned());
            match Original::parse(&text) {
                Ok(original) => Ok((file, original)),
                Err(source) => Err(OriginError::File { path: value.to_owned(), source }.into()),
            }
        }
        _ => Ok((value.to_owned(), from_command(session, ui, value)?)),
    }
}

fn from_url(session: &Session, ui: &Ui, args: &NewArgs, value: &str) -> Result<(String, Original), Error> {
    let url = ServerUrl::parse(value, args.allow_http);
    let url = url.map_err(|problem| OriginError::Url { url: value.to_owned(), problem })?;
    let shown = url.to_string();
    let mut headers = Vec::new();
    for header in &args.header {
        let name = header.name().to_owned();
        let value = header.value(&|name| session.variable(name)?.into_string().ok());
        let value = value.map_err(|variable| OriginError::NoVariable { header: name.clone(), name: variable })?;
        headers.push((name, value));
    }
    interrupt::watch();
    ui.note(&format!("connecting to `{shown}` to list its tools"));
    let endpoint = Endpoint::new(url).headers(headers).authorities(hosting::authorities(session));
    Ok((shown, RemoteServer::new(endpoint).list()?))
}

fn from_command(session: &Session, ui: &Ui, value: &str) -> Result<Original, Error> {
    let command = ServerCommand::parse(value, &session.resolve(Path::new(".")))?;
    interrupt::watch();
    ui.note(&format!("starting `{value}` to list its tools"));
    match command.list() {
        Ok(original) => Ok(original),
        Err(ScaffoldError::Start { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(OriginError::Unknown { value: value.to_owned(), source }.into())
        }
        Err(error) => Err(error.into()),
    }
}

fn text(path: &Path, shown: &str) -> Result<String, Error> {
    let failed = |source| FileError::read("the tool definitions", Path::new(shown), source);
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(OriginError::TooLarge { path: shown.to_owned() }.into());
    }
    String::from_utf8(bytes).map_err(|_| OriginError::NotText { path: shown.to_owned() }.into())
}

/// Returns whether the file is a program: executable and without JSON at its beginning.
fn is_program(path: &Path) -> bool {
    #[cfg(unix)]
    let is_executable = {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
    };
    #[cfg(not(unix))]
    let is_executable = path.extension().is_some_and(|extension| extension == "exe");
    let mut first = [0; 1];
    let begins_as_json = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok()
        && matches!(first[0], b'{' | b'[');
    is_executable && !begins_as_json
}
