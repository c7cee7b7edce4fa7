//! Items that generated code names. They are not a public interface and change with the macros.

pub(crate) mod constraint;
pub(crate) mod tag;

pub use constraint::{Described, IsText, Length, LengthKind, Measure, Text};
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
    parameter::{AboutParameter, Apart, Constant, Describe, Parameter, Presence, Rule},
    registry::{About, Done, Job, Submitted, Tool, ToolFn},
    wire::{SecurityLevel, ToolAnnotations},
};

use crate::{
    causes,
    error::Error,
    registry::ToolSet,
    request::{ToolRequest, ToolResponse},
};

/// Prints a floating-point number as JSON.
#[must_use]
pub fn float(value: f64) -> String {
    serde_json::to_string(&value).unwrap_or_default()
}

/// Converts a default or an example to JSON.
pub fn json<T: serde::Serialize>(value: T) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// Returns `error`, or a denial if the host denied what `cause` reports: a denial reaches the caller as one.
pub fn caused(error: Error, cause: Option<&(dyn std::error::Error + 'static)>) -> Error {
    cause.and_then(causes::denial_in).unwrap_or(error)
}

/// Answers the request in `input` and returns the response line. For tests of tools.
#[must_use]
pub fn respond(tools: &ToolSet, input: &[u8]) -> Vec<u8> {
    crate::handler::answer(tools, input)
}

/// Answers the request in `input` with a closure, as `tool_handler` does. For tests of tools.
pub fn respond_by_hand(handle: &mut dyn FnMut(ToolRequest) -> ToolResponse, input: &[u8]) -> Vec<u8> {
    crate::handler::answer_by_hand(handle, input)
}

/// Deserializes a unit variant of an internally tagged enum: no key is allowed beside the tag.
///
/// # Errors
/// The error about an unknown key.
pub fn no_fields<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    struct NoFields;
    impl<'de> serde::de::Visitor<'de> for NoFields {
        type Value = ();

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            match map.next_key::<String>()? {
                Some(key) => Err(serde::de::Error::unknown_field(&key, &[])),
                None => Ok(()),
            }
        }
    }
    deserializer.deserialize_map(NoFields)
}

/// Writes one line to the log.
pub fn log(line: std::fmt::Arguments<'_>) {
    crate::abi::log(line);
}

/// Returns the tools that `#[tool]` marks in this program.
#[must_use]
pub fn annotated() -> ToolSet {
    crate::registry::annotated()
}
