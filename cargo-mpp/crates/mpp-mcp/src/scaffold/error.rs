//! Errors of the scaffold.

use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::visible::visible;

/// The error returned when a project cannot be made from an MCP server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScaffoldError {
    /// The text contains no tool definitions.
    #[error("there are no tool definitions: {found}")]
    NotDefinitions {
        /// What the text contains instead.
        found: String,
    },
    /// The list of tools is empty.
    #[error("the list of tools is empty")]
    NoTools,
    /// Two tools have one name.
    #[error("two tools are named `{}`", visible(name))]
    DuplicateTool {
        /// The name.
        name: String,
    },
    /// A tool definition is not valid.
    #[error("{} is not valid: {reason}", place(*index, name.as_deref()))]
    InvalidTool {
        /// Index of the tool in the list.
        index: usize,
        /// Its name, if it has one.
        name: Option<String>,
        /// What is wrong.
        reason: &'static str,
    },
    /// The definitions do not fit into a manifest.
    #[error("the definitions of {tools} tools take {bytes} bytes, and a package holds at most {limit}")]
    TooLarge {
        /// Number of tools.
        tools: usize,
        /// Size of their definitions as JSON.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The server's program cannot be started.
    #[error("cannot start `{}`", visible(program))]
    Start {
        /// The program.
        program: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// No request can be sent over HTTP.
    #[error("no request can be sent over HTTP")]
    Connect {
        /// The reason.
        source: std::io::Error,
    },
    /// The server cannot be reached.
    #[error("the server at `{url}` {}", visible(what))]
    Unreachable {
        /// The URL, without its query.
        url: String,
        /// What happened, as the end of a sentence.
        what: String,
    },
    /// The server is reached, and does not answer as an MCP server.
    #[error("the server at `{url}` {}", visible(reason))]
    Remote {
        /// The URL, without its query.
        url: String,
        /// What it did, as the end of a sentence.
        reason: String,
    },
    /// The command line is empty, or a quotation in it does not end.
    #[error("the command line is not valid: {reason}")]
    CommandLine {
        /// What is wrong.
        reason: &'static str,
    },
    /// The server ended before it answered.
    #[error("the server ended ({status}) before it answered `{method}`{}", stderr_of(stderr))]
    Ended {
        /// The method that was not answered.
        method: &'static str,
        /// The exit status.
        status: String,
        /// The end of its stderr.
        stderr: String,
    },
    /// The server did not answer in time.
    #[error("the server did not answer `{method}` within {seconds} s{}", stderr_of(stderr))]
    Silent {
        /// The method that was not answered.
        method: &'static str,
        /// The time limit.
        seconds: u64,
        /// The end of its stderr.
        stderr: String,
    },
    /// The server's output is not a sequence of JSON-RPC messages, or exceeds a limit.
    #[error("the server's answer to `{method}` is not valid: {reason}")]
    NotProtocol {
        /// The method that was asked.
        method: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The server answered with a JSON-RPC error.
    #[error("the server answered `{method}` with the error {code}: {}", visible(message))]
    Refused {
        /// The method that was asked.
        method: &'static str,
        /// The code of the error.
        code: i64,
        /// Its message.
        message: String,
    },
}

fn place(index: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("the tool `{}`", visible(name)),
        None => format!("tool {} of the list", index + 1),
    }
}

fn stderr_of(stderr: &str) -> String {
    match stderr.trim() {
        "" => "; it wrote nothing to stderr".to_owned(),
        text => format!(
            "; its stderr ends in\n{}",
            visible(text).lines().map(|line| format!("  {line}\n")).collect::<String>().trim_end()
        ),
    }
}

impl Coded for ScaffoldError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotDefinitions { .. } => &codes::M401,
            Self::NoTools => &codes::M402,
            Self::DuplicateTool { .. } => &codes::M403,
            Self::InvalidTool { .. } => &codes::M404,
            Self::TooLarge { .. } => &codes::M405,
            Self::Start { .. } | Self::CommandLine { .. } => &codes::M406,
            Self::Connect { .. } | Self::Unreachable { .. } => &codes::M411,
            Self::Remote { .. } => &codes::M412,
            Self::Ended { .. } => &codes::M407,
            Self::Silent { .. } => &codes::M408,
            Self::NotProtocol { .. } => &codes::M409,
            Self::Refused { .. } => &codes::M410,
        }
    }

    fn help(&self) -> String {
        match self {
            Self::NotDefinitions { .. } => {
                "give the result of `tools/list` as JSON, a capture that contains it, or the command that starts the server"
            }
            Self::NoTools => "start the server with the settings that it has in your client, or check the file",
            Self::DuplicateTool { .. } => "save the list to a file, and remove or rename one of the two there",
            Self::InvalidTool { .. } => "correct the definition in a file with the list, or remove the tool there",
            Self::TooLarge { .. } => "divide the tools among several packages: save the list to a file and remove some of them there",
            Self::Start { .. } => "check the name and the path of the program; quote a path that contains spaces",
            Self::Connect { .. } | Self::Unreachable { .. } => "check the host and the port, and that the server runs",
            Self::Remote { .. } => "check the path of the URL, and whether the server needs a header with credentials",
            Self::CommandLine { .. } => "give the command as in a terminal, for example `uvx mcp-server-time`",
            Self::Ended { .. } => "start the server by hand with the same command, and correct what it complains about",
            Self::Silent { .. } => {
                "start the server once by hand, so that it has downloaded what it needs; check that the command starts an MCP server on \
                 stdin and stdout"
            }
            Self::NotProtocol { .. } => {
                "check that the command starts an MCP server on stdin and stdout; log messages belong on stderr"
            }
            Self::Refused { .. } => "check the server's settings, or save its list of tools to a file with another client",
        }
        .to_owned()
    }
}
