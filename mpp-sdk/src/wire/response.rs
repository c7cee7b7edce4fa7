//! Responses: what a tool writes to its stdout.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{Content, JSONRPC, REQUEST_ID, RpcError, ToolDefinition};

/// A JSON-RPC 2.0 response: exactly one of `result` and `error`.
///
/// Reading is lenient, so that a reader can say what is wrong: a member that is missing reads as empty, and both `result` and
/// `error` may be there. A `result` that is `null` is a result.
///
/// ```
/// use mpp_sdk::{serde_json, wire::Response};
///
/// let response: Response = serde_json::from_str(r#"{"jsonrpc":"2.0","id":1,"result":null}"#)?;
/// assert_eq!(response.result, Some(serde_json::Value::Null));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Response<R = Value> {
    /// Always `"2.0"`.
    #[serde(default)]
    pub jsonrpc: Cow<'static, str>,
    /// The request's `id`; `null` if the request could not be read.
    pub id: Option<u64>,
    /// The result of a call that succeeded.
    #[serde(
        default = "Option::default",
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none",
        bound(deserialize = "R: Deserialize<'de>")
    )]
    pub result: Option<R>,
    /// The error of a call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

/// Reads `null` as a value, not as a missing member.
fn present<'de, R: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<R>, D::Error> {
    R::deserialize(deserializer).map(Some)
}

impl<R> Response<R> {
    /// Creates a response that reports success.
    pub fn success(result: R) -> Self {
        Self { jsonrpc: JSONRPC.into(), id: Some(REQUEST_ID), result: Some(result), error: None }
    }

    /// Creates a response that reports a failure.
    #[must_use]
    pub fn failure(error: RpcError) -> Self {
        Self { jsonrpc: JSONRPC.into(), id: Some(REQUEST_ID), result: None, error: Some(error) }
    }
}

/// The result of `tools/list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ListToolsResult {
    /// The definitions, sorted by name.
    pub tools: Vec<ToolDefinition>,
}

/// The result of `tools/call`: MCP's `CallToolResult`.
///
/// A tool whose result is partly text and partly data returns one of these:
///
/// ```
/// use mpp_sdk::{CallToolResult, Content, serde_json::json};
///
/// /// Sum up a list of numbers.
/// #[mpp_sdk::tool]
/// fn sum(numbers: &[f64]) -> CallToolResult {
///     let sum: f64 = numbers.iter().sum();
///     CallToolResult::new().with_content(Content::text(format!("the sum is {sum}"))).with_structured(json!(sum))
/// }
/// # fn main() {}
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallToolResult {
    /// Text and media.
    #[serde(default)]
    pub content: Vec<Content>,
    /// The result as data: any JSON value.
    #[serde(default, rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    pub structured_content: Option<Value>,
    /// Whether the call failed in a way that the model can read about in `content` and correct.
    #[serde(default, rename = "isError")]
    pub is_error: bool,
    /// MCP's `_meta`: anything that tool and client agree on.
    #[serde(default, rename = "_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
}

impl CallToolResult {
    /// Creates an empty result.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an item to `content`.
    #[must_use]
    pub fn with_content(mut self, item: impl Into<Content>) -> Self {
        self.content.push(item.into());
        self
    }

    /// Sets `structuredContent`.
    #[must_use]
    pub fn with_structured(mut self, value: impl Into<Value>) -> Self {
        self.structured_content = Some(value.into());
        self
    }

    /// Marks the call as failed: `isError`.
    #[must_use]
    pub fn failed(mut self) -> Self {
        self.is_error = true;
        self
    }

    /// Adds a member to `_meta`.
    #[must_use]
    pub fn with_meta(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.meta.get_or_insert_default().insert(key.into(), value.into());
        self
    }
}
