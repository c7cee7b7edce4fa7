//! Responses: what a tool writes to its stdout.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{JSONRPC, REQUEST_ID, RpcError, ToolDefinition};

/// A JSON-RPC 2.0 response: exactly one of `result` and `error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response<R = Value> {
    /// Always `"2.0"`.
    pub jsonrpc: Cow<'static, str>,
    /// The request's `id`; `null` where the request could not be read.
    pub id: Option<u64>,
    /// The result of a call that succeeded.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub result: Option<R>,
    /// The error of a call that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<RpcError>,
}

impl<R> Response<R> {
    /// A successful response to the one request.
    pub fn success(result: R) -> Self {
        Self { jsonrpc: JSONRPC.into(), id: Some(REQUEST_ID), result: Some(result), error: None }
    }

    /// A failed response to the one request.
    #[must_use]
    pub fn failure(error: RpcError) -> Self {
        Self { jsonrpc: JSONRPC.into(), id: Some(REQUEST_ID), result: None, error: Some(error) }
    }
}

/// The result of `tools/list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListToolsResult {
    /// Sorted by name.
    pub tools: Vec<ToolDefinition>,
}

/// The result of `tools/call`, with MCP's names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CallToolResult {
    /// Text and media.
    #[serde(default)]
    pub content: Vec<Content>,
    /// Any JSON value: the serialised result.
    #[serde(default, rename = "structuredContent", skip_serializing_if = "Option::is_none")]
    pub structured_content: Option<Value>,
    /// Whether the call failed in a way that the model can read and correct.
    #[serde(default, rename = "isError")]
    pub is_error: bool,
}

/// One item of `content`, with MCP's names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// An image.
    Image {
        /// Base64.
        data: String,
        /// For example `image/png`.
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    /// Sound.
    Audio {
        /// Base64.
        data: String,
        /// For example `audio/wav`.
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    /// A resource that the result points at.
    ResourceLink {
        /// Where it is.
        uri: String,
        /// Its name.
        name: String,
        /// What it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        description: Option<String>,
        /// Its media type.
        #[serde(default, rename = "mimeType", skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
    },
    /// A resource carried in the result: `{"uri", "mimeType", "text" | "blob"}`.
    Resource {
        /// The resource object.
        resource: Value,
    },
}

impl Content {
    /// A text item.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}
