//! What crosses the border between a tool and its host: pure data, no I/O, the same on both sides.
//!
//! One invocation is one JSON-RPC 2.0 request on the tool's stdin (one line, `id` 1, then end of file) and one response
//! line on its stdout. Methods: [`METHOD_LIST`] and [`METHOD_CALL`].

mod definition;
mod error;
mod mistake;
mod name;
mod request;
mod response;
mod status;

pub use definition::{Annotations, SecurityLevel, ToolDefinition};
pub use error::{ErrorKind, RpcError};
pub use mistake::Mistake;
pub use name::{did_you_mean, is_tool_name, nearest};
pub use request::{CallParams, Request};
pub use response::{CallToolResult, Content, ListToolsResult, Response};
pub use status::Status;

/// The JSON-RPC version that every message carries.
pub const JSONRPC: &str = "2.0";
/// The `id` of every request that a host sends to a tool.
pub const REQUEST_ID: u64 = 1;
/// Asks for the tool definitions.
pub const METHOD_LIST: &str = "tools/list";
/// Calls one tool.
pub const METHOD_CALL: &str = "tools/call";
