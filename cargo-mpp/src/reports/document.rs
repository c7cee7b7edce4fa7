//! The documents that `--format json` prints: one frame around every result, and the errors of all commands.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::diagnostic::Diagnostic;
use crate::exit::Exit;

/// The version of the documents. It changes when a member is removed or renamed, or changes its meaning; not when one is added.
pub(crate) const FORMAT: u32 = 1;

/// The result of a command with the version of its form, and with an error if the command failed although it has a result.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "{R}Document")]
pub(crate) struct Document<'a, R> {
    format: Format,
    #[serde(flatten)]
    result: &'a R,
    /// Why the command failed; absent if it succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
}

impl<'a, R> Document<'a, R> {
    /// Creates the document for the result of a command that succeeded.
    pub(crate) fn new(result: &'a R) -> Self {
        Self { format: Format, result, error: None }
    }

    /// Creates the document for the result of a command that failed.
    pub(crate) fn failed(result: &'a R, diagnostic: &'a Diagnostic, exit: Exit) -> Self {
        Self { format: Format, result, error: Some(Failure::new(diagnostic, exit)) }
    }
}

/// The document of a command that failed without a result.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorDocument<'a> {
    format: Format,
    /// Why the command failed.
    error: Failure<'a>,
}

impl<'a> ErrorDocument<'a> {
    /// Creates the document for `diagnostic`.
    pub(crate) fn new(diagnostic: &'a Diagnostic, exit: Exit) -> Self {
        Self { format: Format, error: Failure::new(diagnostic, exit) }
    }
}

/// An error and the exit code of the program.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Error")]
struct Failure<'a> {
    #[serde(flatten)]
    diagnostic: &'a Diagnostic,
    /// Exit code of the program.
    exit_code: u8,
}

impl<'a> Failure<'a> {
    fn new(diagnostic: &'a Diagnostic, exit: Exit) -> Self {
        Self { diagnostic, exit_code: exit.code() }
    }
}

/// Stands for [`FORMAT`] in each document.
#[derive(Debug, Clone, Copy)]
struct Format;

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(FORMAT)
    }
}

impl JsonSchema for Format {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": FORMAT, "description": "Version of the documents of this program." })
    }
}
