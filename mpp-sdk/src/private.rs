//! What generated code names. Not an interface: it changes with the macros.

mod constraint;
mod tag;

pub use constraint::{IsText, Length, LengthKind, Measure, Text};
pub use inventory;
pub use schemars::{self, Schema, SchemaGenerator};
pub use serde;
pub use serde_json::{self, Value};
pub use tag::{
    Argument, Kind, KnownOutput, PlainResult, Reader, Returned, StructuredOutput, Tag, ToolFailure, ToolOutput,
    WrappedResult,
};

pub use crate::{
    arguments::Arguments,
    registry::{Apart, Constant, Describe, Done, Job, Parameter, Presence, Rule, Submitted, Tool, ToolFn},
    wire::{Annotations, SecurityLevel},
};

use crate::{ToolRequest, ToolResponse, ToolSet};

/// A default or an example as JSON.
pub fn json<T: serde::Serialize>(value: T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// An error of the author's with what caused it: where that is a denial of the host's, it stays one.
pub fn caused(error: crate::Error, cause: Option<&(dyn std::error::Error + 'static)>) -> crate::Error {
    match cause {
        Some(cause) if crate::Error::is_denial(cause) => crate::Error::denied(cause.to_string()),
        _ => error,
    }
}

/// Bytes in, one response line out, without a process: for tests of tools.
#[must_use]
pub fn respond(tools: &ToolSet, input: &[u8]) -> Vec<u8> {
    crate::handler::answer(tools, input)
}

/// The same with a closure as given to `tool_handler`.
pub fn respond_by_hand(handle: &mut dyn FnMut(ToolRequest) -> ToolResponse, input: &[u8]) -> Vec<u8> {
    crate::handler::answer_by_hand(handle, input)
}

/// One line of log.
pub fn log(line: std::fmt::Arguments<'_>) {
    crate::abi::log(line);
}

/// The tools that `#[tool]` marks in this program.
#[must_use]
pub fn annotated() -> ToolSet {
    crate::registry::annotated()
}
