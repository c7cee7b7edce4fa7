//! The errors of a server, and of calls that it did not answer.

use std::time::Duration;

use mpp_home::HomeError;
use mpp_host::Remedy;
use mpp_host::codes::{Code, Coded};
use mpp_host::wire::{ErrorKind, RpcError, did_you_mean};

use super::connection::{End, NoResult};
use super::message::Fault;
use crate::codes;
use crate::visible::visible;

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
    /// The connection to the server cannot be prepared.
    #[error("no request can be sent to the MCP server `{server}`")]
    Connect {
        /// Name of the server.
        server: String,
        /// The reason.
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
            Self::Start { .. } | Self::Connect { .. } | Self::Unusable { .. } => &codes::M106,
            Self::NoTool { .. } => &codes::M104,
            Self::Home(error) => error.code(),
        }
    }
}

/// Why a request failed, as the end of a sentence about the server.
pub(super) fn reason(method: &str, failed: &NoResult, patience: Duration) -> String {
    match failed {
        NoResult::Error { code, message } => format!("refused `{method}`: {} ({code})", visible(message)),
        NoResult::Unreadable(_, words) => format!("did not answer `{method}`: it {words}"),
        NoResult::TimedOut => format!("did not answer `{method}` within {}", seconds(patience)),
        NoResult::Cancelled => format!("was not asked `{method}` to the end"),
        NoResult::NotSent => format!("ended before it was asked `{method}`"),
        NoResult::Unreachable(what) => what.clone(),
        NoResult::Lost => format!("ended the session instead of answering `{method}`"),
        NoResult::Status(status, text) => format!("answered `{method}` with {}", http_status(*status, text)),
        NoResult::Broken(what) => format!("did not answer `{method}`: it {what}"),
        NoResult::Ended(End { what, .. }) => format!("{what} before it answered `{method}`"),
    }
}

fn http_status(status: u16, text: &str) -> String {
    let name = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    if text.is_empty() { format!("HTTP {status}{name}") } else { format!("HTTP {status}{name}: {text}") }
}

/// The end of what a server wrote to stderr, for a message.
pub(super) fn stderr_note(stderr: &str) -> String {
    if stderr.is_empty() { String::new() } else { format!("; the end of its stderr:\n{stderr}") }
}

/// Returns the error of a call that the server did not answer. `stderr` is the filtered end of what it wrote to stderr.
pub(super) fn of_call(server: &str, failed: NoResult, patience: Duration, stderr: &str) -> RpcError {
    let with = |kind: ErrorKind, what: &str| RpcError::new(kind, format!("the MCP server `{server}` {what}"));
    match failed {
        NoResult::Error { code, message } => {
            with(ErrorKind::ToolError, &format!("refused the call: {}", visible(&message)))
                .with("code", code.to_string())
        }
        NoResult::Unreadable(Fault::TooLong, _) => RpcError::new(
            ErrorKind::OutputLimit,
            format!("the answer of the MCP server `{server}` is longer than 16 MiB; the call may have had an effect"),
        ),
        NoResult::Unreadable(Fault::TooMuch, words) => {
            with(ErrorKind::OutputLimit, &format!("{words}; the call may have had an effect"))
        }
        NoResult::Unreadable(_, words) => {
            with(ErrorKind::InvalidResponse, &format!("{words} instead of an answer; the call may have had an effect"))
        }
        NoResult::TimedOut => with(
            ErrorKind::Timeout,
            &format!("did not answer within {}; the call was cancelled and may have had an effect", seconds(patience)),
        ),
        NoResult::Cancelled => RpcError::new(ErrorKind::Cancelled, "the call was cancelled"),
        NoResult::NotSent => unavailable(server, "it has just ended"),
        NoResult::Unreachable(what) => unavailable(server, &format!("it {what}")),
        NoResult::Lost => unavailable(server, "it does not keep its session"),
        NoResult::Status(status, text) => {
            // What the server refuses, it did not do.
            let effect = if status >= 500 { "; the call may have had an effect" } else { "" };
            with(ErrorKind::InvalidResponse, &format!("answered with {}{effect}", http_status(status, &text)))
        }
        NoResult::Broken(what) => {
            with(ErrorKind::ToolCrashed, &format!("{what}; the call may have had an effect and is not repeated"))
        }
        NoResult::Ended(End { what, .. }) => with(
            ErrorKind::ToolCrashed,
            &format!(
                "{what} before it answered; the call may have had an effect and is not repeated{}",
                stderr_note(stderr)
            ),
        ),
    }
}

/// Returns the error of a call in which the server asks for something that clients are not asked for.
pub(super) fn asks_for(server: &str, method: &str) -> RpcError {
    let method = method.escape_debug();
    RpcError::new(
        ErrorKind::InvalidResponse,
        format!(
            "the MCP server `{server}` asks for `{method}`, which is not passed on to clients; the call was given up"
        ),
    )
}

/// Returns the error of a call in which the server asks again and again.
pub(super) fn asks_without_end(server: &str, rounds: usize) -> RpcError {
    RpcError::new(
        ErrorKind::InvalidResponse,
        format!("the MCP server `{server}` asked for input {rounds} times in one call; the call was given up"),
    )
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
