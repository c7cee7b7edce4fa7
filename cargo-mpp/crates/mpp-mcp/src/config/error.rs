//! The error of a configuration: where it is, and what is wrong there.

use std::path::{Path, PathBuf};

use mpp_host::codes::{Code, Coded};
use mpp_host::wire::did_you_mean;

use super::url::UrlProblem;
use crate::codes;

/// The error returned when a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
#[non_exhaustive]
pub struct ConfigError {
    /// The file.
    pub path: PathBuf,
    /// Line of the mistake, from 1.
    pub line: usize,
    /// Column of the mistake in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The text is not TOML, or a value has another type than expected.
    #[error("{}", reason.trim_end())]
    Invalid {
        /// The reason, in one line or a few.
        reason: String,
    },
    /// A key does not exist.
    #[error("unknown key `{}` in {table}{}", key.escape_debug(), did_you_mean(key, known.iter().copied()))]
    UnknownKey {
        /// The key.
        key: String,
        /// The table, with an article or in brackets.
        table: &'static str,
        /// The keys of the table.
        known: &'static [&'static str],
    },
    /// The name of a server cannot be used.
    #[error("`{}` is not a name for a server: expected at most 64 letters, digits, `-` and `_`", name.escape_debug())]
    Name {
        /// The name.
        name: String,
    },
    /// Two servers have the same name.
    #[error("the name `{name}` is used for two servers")]
    Repeated {
        /// The name.
        name: String,
    },
    /// The command of a server is empty.
    #[error("the command is empty: expected a program and its arguments")]
    NoProgram,
    /// A server has both a command and a URL.
    #[error("a server has either a `command` or a `url`, and this one has both")]
    CommandAndUrl,
    /// A server has neither a command nor a URL.
    #[error("a server needs a `command` or a `url`")]
    NeitherCommandNorUrl,
    /// A key is used without the one that it belongs to.
    #[error("`{key}` is for servers with a `{other}`")]
    Misplaced {
        /// The key.
        key: &'static str,
        /// The key that it belongs to.
        other: &'static str,
    },
    /// The URL of a server cannot be used.
    #[error("the URL cannot be used: {problem}")]
    Url {
        /// What is wrong.
        problem: UrlProblem,
    },
    /// A header cannot be sent.
    #[error("{reason}")]
    Header {
        /// What is wrong.
        reason: String,
    },
    /// A time is not within its limits.
    #[error("{ms} is not a time: expected 1 to 3600000 milliseconds")]
    Time {
        /// The time in milliseconds.
        ms: u64,
    },
}

impl ConfigError {
    /// Creates the error of a mistake at the byte `offset` of `text`.
    pub(super) fn new(path: &Path, text: &str, offset: usize, problem: Problem) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        Self { path: path.to_owned(), line, column: before[line_start..].chars().count() + 1, problem }
    }

    /// Returns the place of the mistake: `agent.toml:3:1`.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

impl Coded for ConfigError {
    fn code(&self) -> &'static Code {
        match self.problem {
            Problem::Invalid { .. } => &codes::M101,
            Problem::UnknownKey { .. } => &codes::M102,
            Problem::Name { .. }
            | Problem::Repeated { .. }
            | Problem::NoProgram
            | Problem::CommandAndUrl
            | Problem::NeitherCommandNorUrl
            | Problem::Misplaced { .. }
            | Problem::Url { .. }
            | Problem::Header { .. }
            | Problem::Time { .. } => &codes::M103,
        }
    }
}
