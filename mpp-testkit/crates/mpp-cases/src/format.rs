//! The format of a file of test cases.

mod faults;
mod schema;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

pub use faults::{FaultKind, GivenFault};
pub use schema::json_schema;

/// A file of test cases.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CaseFile {
    /// Path or URL of the JSON Schema of this file, for editors.
    #[serde(rename = "$schema", default, skip_serializing)]
    pub schema: Option<String>,
    /// Surroundings of every case of the file. What a case gives itself is added, and comes first.
    #[serde(default)]
    pub given: Given,
    /// The cases. Each one is run by itself: with a state, files and mocks of its own.
    pub cases: Vec<Case>,
}

/// A test case: one call of a tool.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Case {
    /// Name of the case, unique in its file.
    pub name: String,
    /// Name of the tool.
    pub tool: String,
    /// Arguments of the call.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// What surrounds the call.
    #[serde(default)]
    pub given: Given,
    /// What is expected of the call.
    #[serde(default)]
    pub expect: Option<Expect>,
    /// Reason why the case is not run.
    #[serde(default)]
    pub skip: Option<String>,
}

/// What surrounds a call.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Given {
    /// Values of declared environment variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Entries of the state before the call. A text is stored as it is, `{"hex": "00ff"}` as these bytes, and any other value as JSON.
    #[serde(default)]
    pub kv: BTreeMap<String, Value>,
    /// Files before the call, by the path that the tool uses. Declared directories are empty otherwise.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Exchanges that answer the tool's HTTP requests, in the form of a fixture: `{"request": {…}, "response": {…}}`. A request that
    /// none of them answers fails the case.
    #[serde(default)]
    pub http: Vec<Value>,
    /// Paths of fixtures, relative to the file of cases, whose exchanges answer the tool's HTTP requests.
    #[serde(default)]
    pub fixtures: Vec<String>,
    /// The time that the tool reads, for example `2026-01-01T00:00:00Z`. The state expires by it, too.
    #[serde(default)]
    pub clock: Option<String>,
    /// Seed of the random bytes that the tool reads.
    #[serde(default)]
    pub seed: Option<u64>,
    /// Failures that are injected.
    #[serde(default)]
    pub faults: Vec<GivenFault>,
    /// Limits of the call, below those of the manifest.
    #[serde(default)]
    pub limits: GivenLimits,
}

/// Limits of a call. Those of the manifest apply to what is left out.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GivenLimits {
    /// Time in milliseconds.
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    /// Memory in MiB.
    #[serde(default)]
    pub memory_mb: Option<u64>,
    /// Size of the response in bytes.
    #[serde(default)]
    pub output_bytes: Option<u64>,
}

/// What is expected of a call. Without `error` and `denied`, the call has to succeed. A result is compared as an agent receives it,
/// after the privacy filter: a redacted value is written as its marker, for example `[REDACTED:email]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Expect {
    /// The structured result, exactly. `1` and `1.0` are the same number.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub result: Option<Value>,
    /// A part of the structured result: objects may have further members, and lists further items.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Value")]
    pub partial: Option<Value>,
    /// JSON pointers to values of the result that have to exist, but may have any value. `*` stands for any member or index.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// The text items of the result, exactly; several are joined by a line break.
    #[serde(default)]
    pub text: Option<String>,
    /// Parts of the text of the result.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The items of the result in the form of MCP, exactly.
    #[serde(default)]
    pub content: Option<Vec<Value>>,
    /// The error with which the call fails.
    #[serde(default)]
    pub error: Option<ExpectedError>,
    /// What the host denies to the tool, whether or not the call then fails.
    #[serde(default)]
    pub denied: Option<Denied>,
    /// The state after the call, exactly. Values are written as in `given`.
    #[serde(default)]
    pub kv: Option<BTreeMap<String, Value>>,
    /// Files after the call, by the path that the tool uses. Other files may be there.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Parts of the tool's log, each of which has to occur in it.
    #[serde(default)]
    pub log: Vec<String>,
    /// The HTTP requests that the tool sends, exactly and in order, as method and URL: `GET https://api.example.com/v1`.
    #[serde(default)]
    pub requests: Option<Vec<String>>,
}

/// The error with which a call fails.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExpectedError {
    /// The tool's own code, the kind of any other error (`invalid_arguments`, `timeout`, …), or the code of this project (`MPP-R105`).
    pub code: String,
    /// A part of the message.
    #[serde(default)]
    pub message: Option<String>,
    /// Whether the same call may succeed later.
    #[serde(default)]
    pub retryable: Option<bool>,
    /// A part of the error's `data`.
    #[serde(default)]
    pub data: Option<Map<String, Value>>,
}

/// What the host denies to a tool: one of the three.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Denied {
    /// A host that the manifest does not declare.
    #[serde(default)]
    pub network: Option<String>,
    /// A path that the manifest does not declare, or not for writing.
    #[serde(default)]
    pub filesystem: Option<String>,
    /// A variable that the manifest does not declare. It is found if the tool passes the denial on.
    #[serde(default)]
    pub env_vars: Option<String>,
}

impl Expect {
    /// Returns whether nothing is expected besides that the call succeeds.
    #[must_use]
    pub fn is_success_only(&self) -> bool {
        self.result.is_none()
            && self.partial.is_none()
            && self.text.is_none()
            && self.contains.is_empty()
            && self.content.is_none()
            && self.error.is_none()
            && self.denied.is_none()
    }
}

/// Reads a value that is there, also if it is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
