//! Replays a captured conversation with a package, and compares what a client would see.
//!
//! The definitions of the tools are compared, then every answered call is made again. The caller makes the calls; this module says
//! with which arguments and at what time, and compares the answers.

mod compare;
mod definitions;
mod junit;
mod prepare;
mod report;
mod volatile;

use std::time::SystemTime;

use mpp_host::codes::{Code, Coded};
use serde_json::Value;

use crate::capture::{Answer, Capture, CapturedCall, Conversation};
use crate::codes;

pub use compare::{CallComparison, DifferenceClass, PlacedDifference};
pub use definitions::{DefinitionDifference, compare as compare_definitions};
pub use junit::junit;
pub use report::{CallReport, Counts, ReplayReport};
pub use volatile::{Volatile, VolatileRule};

/// Returns whether another answer to the same call differs from the captured one, apart from times and ids.
pub(crate) fn answers_differ(call: &CapturedCall, other: &Value) -> bool {
    let Answer::Response(answer) = &call.answer else { return false };
    compare::calls(call, answer, other, None, &Volatile::default()).class >= DifferenceClass::Different
}

/// A replay cannot begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The capture contains neither a list of tools nor an answered call.
    #[error("the capture contains neither a list of tools nor an answered call")]
    Nothing,
    /// A volatile pointer is not valid.
    #[error("`{given}` is not a volatile pointer: {reason}")]
    Volatile {
        /// The text.
        given: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Coded for ReplayError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Nothing => &codes::M302,
            Self::Volatile { .. } => &codes::M303,
        }
    }
}

/// A conversation to replay.
#[derive(Debug)]
pub struct Replay<'a> {
    conversation: &'a Conversation,
    started: Option<SystemTime>,
    volatile: &'a Volatile,
}

impl<'a> Replay<'a> {
    /// Prepares a replay. `conversation` is that of `capture`.
    ///
    /// # Errors
    /// Returns [`ReplayError::Nothing`] if there is nothing to compare.
    pub fn new(capture: &Capture, conversation: &'a Conversation, volatile: &'a Volatile) -> Result<Self, ReplayError> {
        let is_answered = |call: &CapturedCall| matches!(call.answer, Answer::Response(_));
        if conversation.tools.is_none() && !conversation.calls.iter().any(is_answered) {
            return Err(ReplayError::Nothing);
        }
        Ok(Self { conversation, started: mpp_host::clock::parse_rfc3339(&capture.header.started), volatile })
    }

    /// Compares the definitions, makes every answered call with `call`, and compares the answers. `call` is given the recorded call and
    /// the time at which it was made, and returns `{"result": …}` or `{"error": …}`.
    ///
    /// # Errors
    /// Returns the first error of `call`, which ends the replay.
    pub fn run<E>(
        &self,
        published: &[mpp_host::wire::ToolDefinition],
        mut call: impl FnMut(&CapturedCall, Option<SystemTime>) -> Result<Value, E>,
    ) -> Result<ReplayReport, E> {
        let mut report = ReplayReport::default();
        if let Some(tools) = &self.conversation.tools {
            report.tools_compared = true;
            report.definitions = definitions::compare(tools, published);
        }
        for recorded in &self.conversation.calls {
            // Arguments that were redacted are not those of the call.
            let is_whole = !recorded.arguments.to_string().contains("[REDACTED:");
            let Answer::Response(expected) = (if is_whole { &recorded.answer } else { &Answer::None }) else {
                report.skipped += 1;
                continue;
            };
            let at = self.started.and_then(|started| started.checked_add(recorded.sent));
            let found = call(recorded, at)?;
            let comparison = compare::calls(recorded, expected, &found, at, self.volatile);
            report.add(recorded, comparison);
        }
        Ok(report)
    }
}
