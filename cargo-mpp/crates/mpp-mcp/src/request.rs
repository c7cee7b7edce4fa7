//! Reads as much of a message as is needed to decide who answers it.

use std::borrow::Cow;

use mpp_host::wire::{ErrorKind, RpcError};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::bridge::Era;

/// A message of a client, of which only the envelope was read.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// A request that is to be answered.
    Request {
        /// The id, a string or number as JSON text.
        id: &'a RawValue,
        /// The name of the method.
        method: Cow<'a, str>,
        /// The parameters, as JSON text.
        params: Option<&'a RawValue>,
    },
    /// A notification.
    Notification {
        /// The name of the method.
        method: Cow<'a, str>,
        /// The parameters, as JSON text.
        params: Option<&'a RawValue>,
    },
    /// A response to a request of ours.
    Response {
        /// The id, as JSON text.
        id: Option<&'a RawValue>,
        /// The result, as JSON text; `None` if the response is an error.
        result: Option<&'a RawValue>,
    },
}

/// Why a line is not a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    /// The JSON-RPC code.
    pub(crate) code: i64,
    /// What is wrong with the line.
    pub(crate) reason: String,
    /// The id as JSON text, if it can be read.
    pub(crate) id: Option<String>,
}

impl Malformed {
    /// Returns the error with which the line is answered.
    pub(crate) fn error(&self) -> RpcError {
        let kind = if self.code == -32700 { ErrorKind::ParseError } else { ErrorKind::InvalidRequest };
        RpcError::new(kind, self.reason.clone())
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Reads a member that is there, so that `null` is told from a member that is left out.
fn present<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Only the id, of a message that cannot be read otherwise.
#[derive(Deserialize)]
struct IdOnly<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// The parameters of `tools/call`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallParams<'a> {
    /// The published name of the tool.
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    /// The arguments, as JSON text.
    #[serde(borrow)]
    pub(crate) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    input_responses: Option<&'a RawValue>,
    #[serde(borrow)]
    request_state: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

/// The parameters of `tools/list`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct ListParams<'a> {
    #[serde(borrow)]
    cursor: Option<&'a RawValue>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Debug, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/logLevel")]
    log_level: Option<&'a RawValue>,
}

/// How a request was made: what decides its era.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lifecycle {
    /// The request carries its version.
    Modern,
    /// The request belongs to the session that `initialize` opened, if there is one.
    Session,
    /// The request has something that only the full protocol handles.
    Other,
}

/// Reads a line.
pub(crate) fn read(line: &[u8]) -> Result<Message<'_>, Malformed> {
    let parse_error = |reason: String| Malformed { code: -32700, reason, id: None };
    let text = std::str::from_utf8(line).map_err(|_| parse_error("the message is not UTF-8".to_owned()))?;
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| parse_error(format!("the message is not JSON: {error}")))?;
    if whole.get().starts_with('[') {
        let reason = "batches are not supported: send one message a line".to_owned();
        return Err(Malformed { code: -32600, reason, id: None });
    }
    let invalid = |reason: String| {
        let id = serde_json::from_str::<IdOnly<'_>>(text).ok().and_then(|only| only.id).and_then(usable_id);
        Malformed { code: -32600, reason, id: id.map(|id| id.get().to_owned()) }
    };
    if !whole.get().starts_with('{') {
        return Err(invalid("the message is not a JSON object".to_owned()));
    }
    let envelope: Envelope<'_> = serde_json::from_str(text)
        .map_err(|error| invalid(format!("the message is not a JSON-RPC request: {error}")))?;
    if envelope.jsonrpc.as_deref() != Some("2.0") {
        return Err(invalid("`jsonrpc` is not \"2.0\"".to_owned()));
    }
    match (envelope.id, envelope.method) {
        (Some(id), Some(method)) => match usable_id(id) {
            Some(id) => Ok(Message::Request { id, method, params: envelope.params }),
            None => Err(invalid("`id` is not a string or an integer".to_owned())),
        },
        (None, Some(method)) => Ok(Message::Notification { method, params: envelope.params }),
        (id, None) if envelope.result.is_some() || envelope.error.is_some() => {
            Ok(Message::Response { id, result: envelope.result })
        }
        (_, None) => Err(invalid("the message has no `method`".to_owned())),
    }
}

/// Returns whether the protocol library begins a session with this request.
pub(crate) fn opens_session(method: &str, params: Option<&RawValue>) -> bool {
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow, rename = "_meta")]
        meta: Option<Meta<'a>>,
    }
    #[derive(Deserialize)]
    struct Initialize {
        #[serde(rename = "protocolVersion")]
        _version: String,
        #[serde(rename = "capabilities")]
        _capabilities: serde_json::Map<String, serde_json::Value>,
        #[serde(rename = "clientInfo")]
        _client: serde_json::Map<String, serde_json::Value>,
    }
    if method == "initialize" {
        return params.is_some_and(|params| serde_json::from_str::<Initialize>(params.get()).is_ok());
    }
    let meta =
        params.and_then(|params| serde_json::from_str::<Params<'_>>(params.get()).ok()).and_then(|params| params.meta);
    let is_complete = meta.is_some_and(|meta| meta.version.is_some() && meta.capabilities.is_some());
    is_complete && !matches!(method, "ping" | "server/discover")
}

/// Ids are strings or integers: `null`, fractions and structures are not.
fn usable_id(id: &RawValue) -> Option<&RawValue> {
    let text = id.get();
    let is_string = text.starts_with('"');
    let is_integer = text.parse::<i64>().is_ok();
    (is_string || is_integer).then_some(id)
}

impl CallParams<'_> {
    /// Returns how the call was made; [`Lifecycle::Other`] if it continues another call or wants progress.
    pub(crate) fn lifecycle(&self) -> Lifecycle {
        if self.input_responses.is_some() || self.request_state.is_some() {
            return Lifecycle::Other;
        }
        lifecycle(self.meta.as_ref())
    }

    /// Returns whether the request says that a person can be asked at the client.
    pub(crate) fn can_ask(&self) -> bool {
        #[derive(Deserialize)]
        struct Capabilities<'a> {
            #[serde(borrow)]
            elicitation: Option<&'a RawValue>,
        }
        let capabilities = self.meta.as_ref().and_then(|meta| meta.capabilities);
        // What cannot be read counts, so that the protocol library looks at it.
        capabilities.is_some_and(|capabilities| {
            serde_json::from_str::<Capabilities<'_>>(capabilities.get()).map_or(true, |read| read.elicitation.is_some())
        })
    }
}

impl ListParams<'_> {
    /// Returns how the request was made; [`Lifecycle::Other`] if it asks for a further page.
    pub(crate) fn lifecycle(&self) -> Lifecycle {
        if self.cursor.is_some() { Lifecycle::Other } else { lifecycle(self.meta.as_ref()) }
    }
}

fn lifecycle(meta: Option<&Meta<'_>>) -> Lifecycle {
    let Some(meta) = meta else { return Lifecycle::Session };
    if meta.progress_token.is_some() || meta.log_level.is_some() {
        return Lifecycle::Other;
    }
    match (meta.version.as_deref(), meta.capabilities) {
        (None, None) => Lifecycle::Session,
        (Some(Era::MODERN_VERSION), Some(capabilities)) if capabilities.get().starts_with('{') => Lifecycle::Modern,
        _ => Lifecycle::Other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn malformed_lines_have_the_code_of_their_fault_and_the_id_if_it_can_be_read() {
        let brackets = "[".repeat(100_000);
        for (line, code, id) in [
            (&b"\xff{}"[..], -32700, None),
            (b"{", -32700, None),
            (brackets.as_bytes(), -32700, None),
            (br#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, None),
            (br#"{"id":1,"method":"ping"}"#, -32600, Some("1")),
            (br#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, -32600, Some("\"a\"")),
            (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, None),
            (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, None),
            (br#"{"jsonrpc":"2.0","id":7,"method":8}"#, -32600, Some("7")),
            (br#"{"jsonrpc":"2.0","id":7}"#, -32600, Some("7")),
            (b"7", -32600, None),
        ] {
            let shown = String::from_utf8_lossy(&line[..line.len().min(60)]);
            let malformed = read(line).map(|message| format!("{message:?}")).unwrap_err();
            assert_eq!((malformed.code, malformed.id.as_deref()), (code, id), "{shown}");
        }
    }

    #[test]
    fn requests_notifications_and_responses_are_told_apart() {
        let kind = |line: &str| match read(line.as_bytes()).unwrap() {
            Message::Request { method, .. } => format!("request {method}"),
            Message::Notification { method, .. } => format!("notification {method}"),
            Message::Response { .. } => "response".to_owned(),
        };
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#), "request ping");
        assert_eq!(kind(r#"{"jsonrpc":"2.0","method":"x","params":{}}"#), "notification x");
        assert_eq!(kind(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#), "response");
        assert_eq!(kind(r#"{"jsonrpc":"2.0","error":{"code":1,"message":""}}"#), "response");
    }

    #[test]
    fn calls_with_more_than_a_name_and_arguments_are_left_to_the_full_protocol() {
        let lifecycle = |params: &str| serde_json::from_str::<CallParams<'_>>(params).unwrap().lifecycle();
        assert_eq!(lifecycle(r#"{"name":"a","arguments":{}}"#), Lifecycle::Session);
        assert_eq!(lifecycle(r#"{"name":"a","_meta":{"traceparent":"00-1"}}"#), Lifecycle::Session);
        assert_eq!(lifecycle(r#"{"name":"a","_meta":{"progressToken":1}}"#), Lifecycle::Other);
        assert_eq!(lifecycle(r#"{"name":"a","requestState":"x"}"#), Lifecycle::Other);
        let modern = |version: &str| {
            format!(
                r#"{{"name":"a","_meta":{{"io.modelcontextprotocol/protocolVersion":"{version}","io.modelcontextprotocol/clientCapabilities":{{}}}}}}"#
            )
        };
        assert_eq!(lifecycle(&modern("2026-07-28")), Lifecycle::Modern);
        assert_eq!(lifecycle(&modern("2027-01-01")), Lifecycle::Other);
    }
}
