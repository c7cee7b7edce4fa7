//! Requests: what the host writes to the tool's stdin.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

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

impl<'a> Request<RawCallParams<'a>> {
    /// Creates a `tools/call` request whose arguments are JSON text.
    #[must_use]
    pub fn call_raw(name: &'a str, arguments: &'a RawValue) -> Self {
        Self {
            jsonrpc: JSONRPC.into(),
            id: REQUEST_ID,
            method: METHOD_CALL.into(),
            params: Some(RawCallParams { name, arguments }),
        }
    }
}

impl<P: Serialize> Request<P> {
    /// Returns the request as a host writes it to the tool's stdin: one line with a line break at its end.
    ///
    /// ```
    /// use mpp_sdk::wire::Request;
    ///
    /// assert_eq!(Request::list().to_line(), b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}\n");
    /// ```
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        // Serialising plain data into memory cannot fail.
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        // A line break in JSON text is always white space.
        line.iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        line.push(b'\n');
        line
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

/// The parameters of `tools/call` with the arguments as JSON text, in which numbers keep every digit.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct RawCallParams<'a> {
    /// Name of the tool.
    pub name: &'a str,
    /// The arguments, an object.
    pub arguments: &'a RawValue,
}

fn empty_object() -> Value {
    Value::Object(serde_json::Map::new())
}
