//! Requests: what the host writes to the tool's stdin.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{JSONRPC, METHOD_CALL, METHOD_LIST, REQUEST_ID};

/// A JSON-RPC 2.0 request.
///
/// ```
/// use mpp_sdk::{serde_json::json, wire::Request};
///
/// let request = Request::call("lookup", json!({ "query": "ada" }));
/// assert_eq!(request.method, "tools/call");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Request<P = Value> {
    /// Always `"2.0"`.
    pub jsonrpc: Cow<'static, str>,
    /// Always 1 in a request of an MPP host.
    pub id: u64,
    /// `tools/list` or `tools/call`.
    pub method: Cow<'static, str>,
    /// The method's parameters.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub params: Option<P>,
}

impl Request<CallParams> {
    /// Creates a `tools/call` request.
    pub fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self {
            jsonrpc: JSONRPC.into(),
            id: REQUEST_ID,
            method: METHOD_CALL.into(),
            params: Some(CallParams { name: name.into(), arguments }),
        }
    }
}

impl Request<Value> {
    /// Creates a `tools/list` request.
    #[must_use]
    pub fn list() -> Self {
        Self { jsonrpc: JSONRPC.into(), id: REQUEST_ID, method: METHOD_LIST.into(), params: None }
    }
}

/// The parameters of `tools/call`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CallParams {
    /// Name of the tool.
    pub name: String,
    /// The arguments, an object.
    #[serde(default = "empty_object")]
    pub arguments: Value,
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}
