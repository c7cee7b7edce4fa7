//! What a front end learns about a server while it runs.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::visible::visible;

/// Receives events. It may be called on any thread.
pub trait Events: Send + Sync {
    /// Something happened to a server.
    fn event(&self, event: &Event);
}

/// Something that happened to a server. [`Display`](fmt::Display) gives a sentence that names no program.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The server was used for the first time, and its tools were accepted as they were.
    FirstUse {
        /// Name of the server.
        server: String,
        /// Number of tools.
        tools: usize,
    },
    /// The tools of the server differ from the accepted ones.
    Differs {
        /// Name of the server.
        server: String,
        /// Changed members of definitions.
        changed: Vec<Changed>,
        /// Tools that were not accepted.
        new: Vec<String>,
        /// Accepted tools that the server no longer has.
        missing: Vec<String>,
    },
    /// Definitions contain characters that are not shown. In descriptions and titles they are published as escapes.
    Hidden {
        /// Name of the server.
        server: String,
        /// The tools.
        tools: Vec<String>,
    },
    /// A definition cannot be used. The other tools are not affected.
    BadDefinition {
        /// Name of the server.
        server: String,
        /// Name of the tool, or its place in the list.
        tool: String,
        /// What is wrong.
        reason: String,
    },
    /// The server cannot be started or reached, or has ended.
    Down {
        /// Name of the server.
        server: String,
        /// What happened, in a sentence.
        reason: String,
        /// Time until it may be tried again.
        pause: Duration,
    },
    /// The server takes long to start for the first time, so that others are not kept waiting.
    Slow {
        /// Name of the server.
        server: String,
        /// How long it was awaited.
        waited: Duration,
    },
    /// The server made a mistake in the protocol, for the first time on this connection.
    Fault {
        /// Name of the server.
        server: String,
        /// The mistake, as the end of a sentence about the server.
        what: &'static str,
    },
}

/// A member of a tool's definition that has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Changed {
    /// Name of the tool.
    pub tool: String,
    /// JSON pointer to the member.
    pub pointer: String,
    /// The accepted value, as JSON or text, cut; empty if there was none.
    pub before: String,
    /// The present value, as JSON or text, cut; empty if there is none.
    pub after: String,
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstUse { server, tools } => {
                let s = if *tools == 1 { "" } else { "s" };
                write!(
                    f,
                    "the MCP server `{server}` is used for the first time: {tools} tool{s} accepted as they are now; a later change of a \
                     definition has to be accepted"
                )
            }
            Self::Differs { server, changed, new, missing } => {
                write!(f, "the tools of the MCP server `{server}` differ from those that were accepted")?;
                for Changed { tool, pointer, before, after } in changed {
                    write!(f, "\nchanged: `{tool}` at {pointer}")?;
                    for (sign, text) in [("-", before), ("+", after)] {
                        text.lines().try_for_each(|line| write!(f, "\n  {sign} {line}"))?;
                    }
                }
                new.iter().try_for_each(|tool| write!(f, "\nnew: `{tool}`"))?;
                missing.iter().try_for_each(|tool| write!(f, "\nmissing: `{tool}`"))?;
                if !changed.is_empty() {
                    f.write_str("\nchanged tools are unavailable until they are accepted")?;
                }
                if !new.is_empty() {
                    f.write_str("\nnew tools are not published until they are accepted")?;
                }
                Ok(())
            }
            Self::Hidden { server, tools } => {
                let tools: Vec<String> = tools.iter().map(|tool| format!("`{}`", visible(tool))).collect();
                write!(
                    f,
                    "definitions of the MCP server `{server}` contain characters that are not shown and may hide instructions: {}\nin \
                     descriptions and titles they are published as escapes",
                    tools.join(", ")
                )
            }
            Self::BadDefinition { server, tool, reason } => {
                write!(f, "the MCP server `{server}` has a tool that is not published: {tool}: {reason}")
            }
            Self::Down { reason, pause, .. } => {
                write!(
                    f,
                    "{reason}\nits tools are unavailable; it is tried again on demand after {} s",
                    pause.as_secs()
                )
            }
            Self::Slow { server, waited } => {
                write!(
                    f,
                    "the MCP server `{server}` has not started within {} s; its tools are published as soon as it has",
                    waited.as_secs_f64()
                )
            }
            Self::Fault { server, what } => write!(f, "the MCP server `{server}` {what}; that is ignored"),
        }
    }
}
