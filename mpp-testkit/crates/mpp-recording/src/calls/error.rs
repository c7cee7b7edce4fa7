//! Errors in files of recorded calls.

use std::fmt;

use mpp_host::causes::with_causes;
use mpp_host::codes::{Code, Coded};
use serde_json::Value;

use crate::codes;

/// A file that is not a recording of calls.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallsError {
    /// Lines of the file are not recorded exchanges.
    #[error("{} of the recording {} not valid", counted(mistakes.len()), if mistakes.len() == 1 { "is" } else { "are" })]
    Invalid {
        /// Each of these lines.
        mistakes: Vec<LineMistake>,
    },
    /// No line of the file is a `tools/call`.
    #[error("the recording contains no `tools/call`")]
    Empty,
}

/// A line that is not a recorded exchange.
#[derive(Debug)]
#[non_exhaustive]
pub struct LineMistake {
    /// Number of the line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: LineProblem,
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LineProblem {
    /// The line is not JSON.
    #[error("not JSON")]
    NotJson(#[source] serde_json::Error),
    /// A member is missing.
    #[error("`{member}` is missing")]
    Missing {
        /// Path of the member.
        member: &'static str,
    },
    /// The response is not an object.
    #[error("`response` is not an object")]
    ResponseNotObject,
    /// The response has neither a result nor an error.
    #[error("`response` has neither `result` nor `error`")]
    NoOutcome,
    /// The response has both a result and an error.
    #[error("`response` has both `result` and `error`")]
    TwoOutcomes,
    /// The time of the call is not one.
    #[error("`at` is {found}, which is not a time in UTC in the form of RFC 3339")]
    Time {
        /// The value.
        found: Box<Value>,
    },
    /// The ids of request and response differ.
    #[error("the request has the id {request}, the response {response}")]
    IdMismatch {
        /// The request's id.
        request: Box<Value>,
        /// The response's id.
        response: Box<Value>,
    },
}

impl Coded for CallsError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Invalid { .. } => &codes::R608,
            Self::Empty => &codes::R609,
        }
    }
}

impl Coded for LineProblem {
    fn code(&self) -> &'static Code {
        &codes::R608
    }
}

impl fmt::Display for LineMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, with_causes(&self.problem))
    }
}

fn counted(lines: usize) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}
