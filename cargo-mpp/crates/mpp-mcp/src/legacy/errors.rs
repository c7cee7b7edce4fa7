//! The errors of a server, and of calls that it did not answer.

use std::time::Duration;

use mpp_home::HomeError;
use mpp_host::Remedy;
use mpp_host::codes::{Code, Coded};
use mpp_host::wire::{ErrorKind, RpcError, did_you_mean};

use super::connection::{End, NoResult};
use crate::codes;

/// The error returned when a server cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LegacyError {
    /// The program cannot be started.
    #[error("the MCP server `{server}` cannot be started: `{program}`")]
    Start {
        /// Name of the server.
        server: String,
        /// The program.
        program: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The server does not answer, or not as the protocol says.
    #[error("the MCP server `{server}` {reason}{}", stderr_note(stderr))]
    Unusable {
        /// Name of the server.
        server: String,
        /// What it did, as the end of a sentence.
        reason: String,
        /// The filtered end of what it wrote to stderr.
        stderr: String,
    },
    /// The server has no such tool.
    #[error("the MCP server `{server}` has no tool `{tool}`{}", did_you_mean(tool, known.iter().map(String::as_str)))]
    NoTool {
        /// Name of the server.
        server: String,
        /// The requested name.
        tool: String,
        /// The names of the server's tools.
        known: Vec<String>,
    },
    /// What was accepted of the server cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
}

impl Coded for LegacyError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Start { .. } | Self::Unusable { .. } => &codes::M106,
            Self::NoTool { .. } => &codes::M104,
            Self::Home(error) => error.code(),
        }
    }
}

/// Why a request failed, as the end of a sentence about the server.
pub(super) fn reason(method: &str, failed: &NoResult, patience: Duration) -> String {
    match failed {
        NoResult::Error { code, message } => format!("refused `{method}`: {message} ({code})"),
        NoResult::Unreadable(fault) => format!("did not answer `{method}`: it {}", fault.words()),
        NoResult::TimedOut => format!("did not answer `{method}` within {}", seconds(patience)),
        NoResult::Cancelled => format!("was not asked `{method}` to the end"),
        NoResult::NotSent => format!("ended before it was asked `{method}`"),
        NoResult::Ended(End { status, .. }) => format!("ended with {status} before it answered `{method}`"),
    }
}

/// The end of what a server wrote to stderr, for a message.
pub(super) fn stderr_note(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; the end of its stderr:\n{stderr}") }
}

/// Returns the error of a call that the server did not answer. `stderr` is the filtered end of what it wrote to stderr.
pub(super) fn of_call(server: &str, failed: NoResult, patience: Duration, stderr: &str) -> RpcError {
    match failed {
        NoResult::Error { code, message } => {
            RpcError::new(ErrorKind::ToolError, format!("the MCP server `{server}` refused the call: {message}"))
                .with("code", code.to_string())
        }
        NoResult::Unreadable(super::message::Fault::TooLong) => RpcError::new(
            ErrorKind::OutputLimit,
            format!("the answer of the MCP server `{server}` is longer than 16 MiB; the call may have had an effect"),
        ),
        NoResult::Unreadable(fault) => RpcError::new(
            ErrorKind::InvalidResponse,
            format!(
                "the MCP server `{server}` {} instead of an answer; the call may have had an effect",
                fault.words()
            ),
        ),
        NoResult::TimedOut => RpcError::new(
            ErrorKind::Timeout,
            format!(
                "the MCP server `{server}` did not answer within {}; the call was cancelled and may have had an effect",
                seconds(patience)
            ),
        ),
        NoResult::Cancelled => RpcError::new(ErrorKind::Cancelled, "the call was cancelled"),
        NoResult::NotSent => unavailable(server, "it has just ended"),
        NoResult::Ended(End { status, .. }) => RpcError::new(
            ErrorKind::ToolCrashed,
            format!(
                "the MCP server `{server}` ended with {status} before it answered; the call may have had an effect and is not \
                 repeated{}",
                stderr_note(stderr)
            ),
        ),
    }
}

/// Returns the error of a call that certainly did not run, because the server is not running.
pub(super) fn unavailable(server: &str, reason: &str) -> RpcError {
    let message = format!("the tools of the MCP server `{server}` are unavailable: {reason}; nothing was run");
    RpcError::new(ErrorKind::ToolCrashed, message).with("retryable", true)
}

/// Returns the error of a call of a tool whose definition has changed.
pub(super) fn changed(server: &str, tool: &str) -> RpcError {
    let message = format!(
        "the tool `{tool}` of the MCP server `{server}` is unavailable: its definition has changed since it was accepted; nothing was run"
    );
    Remedy::AcceptDefinition { server: server.to_owned() }.add_to(RpcError::new(ErrorKind::ApprovalRequired, message))
}

/// Returns the error of a call of a tool that the server no longer has.
pub(super) fn missing(server: &str, tool: &str) -> RpcError {
    let message = format!("the MCP server `{server}` no longer has the tool `{tool}`; nothing was run");
    RpcError::new(ErrorKind::ToolError, message)
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f64())
}
