//! The messages between a tool and its host: plain data, the same types on both sides.
//!
//! One invocation of a tool is one JSON-RPC 2.0 request on its stdin (one line with `id` 1, then end of file) and one
//! response line on its stdout. The methods are [`METHOD_LIST`] and [`METHOD_CALL`].
//!
//! Types that may gain members are `#[non_exhaustive]`: construct them with their constructors and builder methods.

mod content;
mod definition;
mod error;
mod mistake;
mod name;
mod request;
mod response;
mod status;

pub use content::{
    Annotations, AudioContent, Content, EmbeddedResource, Icon, ImageContent, ResourceBody, ResourceContents,
    ResourceLink, Role, TextContent,
};
pub use definition::{SecurityLevel, ToolAnnotations, ToolDefinition};
pub use error::{ErrorKind, RpcError};
pub use mistake::Mistake;
pub use name::{did_you_mean, is_tool_name, nearest};
pub use request::{CallParams, RawCallParams, Request};
pub use response::{CallToolResult, ListToolsResult, Response};
pub use status::Status;

/// The JSON-RPC version that every message carries.
pub const JSONRPC: &str = "2.0";
/// The `id` of every request that a host sends to a tool.
pub const REQUEST_ID: u64 = 1;
/// The method that asks for the tool definitions.
pub const METHOD_LIST: &str = "tools/list";
/// The method that calls a tool.
pub const METHOD_CALL: &str = "tools/call";
