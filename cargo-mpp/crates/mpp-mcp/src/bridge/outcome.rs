//! The outcome of a call in the shape that an MCP client expects.

use std::borrow::Cow;

use mpp_host::codes::Remedy;
use mpp_host::host::{CallOutcome, ServerAnswer, ServerReply};
use mpp_host::wire::{Content, ErrorKind, RpcError};
use mpp_host::{Code, FilteredOutput};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::era::Era;
use super::wording::Wording;

/// Member of a result's `_meta` that holds the error object of a failed call.
const ERROR: &str = "mpp/error";

/// JSON-RPC's code of an internal error.
const INTERNAL_ERROR: i64 = -32603;

/// Details of an error that are for the tool's author and not for a model.
const FOR_AUTHORS: &[&str] = &["backtrace", "remedy", "help", "frames"];

/// What a client receives for a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The result, a JSON object as text.
    Result(String),
    /// A JSON-RPC error: the request itself is wrong.
    Error(RpcError),
    /// The client cancelled the call and receives no response.
    Cancelled,
}

/// The members of a `CallToolResult`, in MCP's order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    result_type: Option<&'static str>,
    content: Items<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    structured_content: Option<Structured<'a>>,
    is_error: bool,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Cow<'a, RawValue>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Items<'a> {
    Given(&'a [Content]),
    Own(Vec<Content>),
    /// One item with a text, which may be long and is not copied.
    Text([TextItem<'a>; 1]),
}

#[derive(Serialize)]
struct TextItem<'a> {
    r#type: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Structured<'a> {
    Value(&'a RawValue),
    Wrapped { result: &'a RawValue },
}

/// Returns the outcome of a call of a package. `package` is the package as the user named it.
pub(super) fn of_package(output: &FilteredOutput, era: Era, wording: &dyn Wording, package: &str) -> Outcome {
    match output.outcome() {
        Ok(result) => Outcome::Result(result_text(result, era)),
        Err(error) => of_error(error, output.code(), era, wording, package),
    }
}

/// Returns the outcome of a call that failed with `error`.
pub(super) fn of_error(
    error: &RpcError,
    code: Option<&'static Code>,
    era: Era,
    wording: &dyn Wording,
    package: &str,
) -> Outcome {
    match error.kind() {
        Some(ErrorKind::Cancelled) => Outcome::Cancelled,
        Some(ErrorKind::UnknownTool | ErrorKind::InvalidRequest | ErrorKind::ParseError) => {
            Outcome::Error(error.clone())
        }
        _ => Outcome::Result(error_text(error, code, era, wording, package)),
    }
}

/// Returns the outcome of a call of a server's tool, in the shape of the client's era.
pub(super) fn of_server(reply: ServerReply, era: Era, wording: &dyn Wording, server: &str) -> Outcome {
    match reply.outcome {
        Ok(answer) => Outcome::Result(server_text(answer, era)),
        Err(error) => of_error(&error, reply.code, era, wording, server),
    }
}

/// Writes the result of a server's tool. Its members are text already.
fn server_text(answer: ServerAnswer, era: Era) -> String {
    let ServerAnswer { mut content, structured, is_error, meta, extra, .. } = answer;
    if let (true, Some(structured)) = (content.is_empty(), &structured) {
        content.extend(serde_json::value::to_raw_value(&Content::text(structured.get())));
    }
    let structured = structured.map(|value| match era {
        // Older versions allow only objects.
        Era::Legacy if !value.get().starts_with('{') => format!(r#"{{"result":{}}}"#, value.get()),
        Era::Legacy | Era::Modern => value.get().to_owned(),
    });
    let mut text = "{".to_owned();
    if let Some(kind) = result_type(era) {
        text.push_str(&format!(r#""resultType":"{kind}","#));
    }
    let items: Vec<&str> = content.iter().map(|item| item.get()).collect();
    text.push_str(&format!(r#""content":[{}]"#, items.join(",")));
    let structured = structured.map(|value| ("structuredContent".to_owned(), value));
    let meta = meta.map(|value| ("_meta".to_owned(), value.get().to_owned()));
    let is_error = [("isError".to_owned(), is_error.to_string())];
    let extra = extra.into_iter().map(|(name, value)| (name, value.get().to_owned()));
    for (name, value) in structured.into_iter().chain(is_error).chain(meta).chain(extra) {
        text.push_str(&format!(",{}:{value}", Value::String(name)));
    }
    text.push('}');
    text
}

/// Returns the error of a call that panicked.
pub(crate) fn internal_error() -> RpcError {
    let mut error =
        RpcError::new(ErrorKind::InvalidRequest, "an internal error: please report it, with the call that caused it");
    error.code = INTERNAL_ERROR;
    error.data.insert("kind".to_owned(), "internal_error".into());
    error
}

/// Returns the result of a call that failed before it reached a package or server, in words for a model.
pub(super) fn failed(kind: &str, message: &str, era: Era) -> Outcome {
    let content = Items::Own(vec![Content::text(format!("{kind}: {message}"))]);
    let mut error = Map::new();
    error.insert("kind".to_owned(), kind.into());
    error.insert("message".to_owned(), message.into());
    Outcome::Result(to_text(&ToolResult {
        result_type: result_type(era),
        content,
        structured_content: None,
        is_error: true,
        meta: meta_with(error),
    }))
}

fn result_text(result: &CallOutcome, era: Era) -> String {
    let structured = result.structured.as_deref();
    // The text of a structured result is made here, after the filter, so that clients which read only text see the same.
    let content = match structured {
        Some(structured) if result.content.is_empty() => {
            Items::Text([TextItem { r#type: "text", text: structured.get() }])
        }
        _ => Items::Given(&result.content),
    };
    let is_object = |value: &RawValue| value.get().trim_start().starts_with('{');
    let structured_content = structured.map(|value| match era {
        // Older versions allow only objects.
        Era::Legacy if !is_object(value) => Structured::Wrapped { result: value },
        Era::Legacy | Era::Modern => Structured::Value(value),
    });
    to_text(&ToolResult {
        result_type: result_type(era),
        content,
        structured_content,
        is_error: result.is_error,
        meta: result.meta.as_deref().map(Cow::Borrowed),
    })
}

fn error_text(error: &RpcError, code: Option<&'static Code>, era: Era, wording: &dyn Wording, package: &str) -> String {
    let kind = error.kind().map_or("tool_error", ErrorKind::as_str);
    let text = |key: &str| error.data.get(key).and_then(Value::as_str);
    let remedy = Remedy::of(error);
    // The second half of a denial says what the remedy says.
    let help = text("help").filter(|_| error.kind() == Some(ErrorKind::CapabilityDenied) && remedy.is_some());
    let message = help.and_then(|help| error.message.strip_suffix(help)?.strip_suffix("; ")).unwrap_or(&error.message);
    let mut words = match text("code") {
        Some(own) if error.kind() == Some(ErrorKind::ToolError) => format!("{kind} ({own}): {message}"),
        _ => format!("{kind}: {message}"),
    };
    if let Some(remedy) = &remedy {
        words.push_str(&format!("\nA person can allow this: {}.", wording.fix(remedy, package).trim_end_matches('.')));
    }
    if error.is_retryable() {
        words.push_str("\nThe same call may succeed later.");
    }
    let mut details = error.data.clone();
    details.retain(|key, _| !FOR_AUTHORS.contains(&key.as_str()));
    details.insert("code".to_owned(), error.code.into());
    if let Some(own) = text("code") {
        details.insert("tool_code".to_owned(), own.into());
    }
    if let Some(code) = code {
        details.insert("mpp_code".to_owned(), code.id.into());
    }
    to_text(&ToolResult {
        result_type: result_type(era),
        content: Items::Own(vec![Content::text(words)]),
        structured_content: None,
        is_error: true,
        meta: meta_with(details),
    })
}

fn result_type(era: Era) -> Option<&'static str> {
    (era == Era::Modern).then_some("complete")
}

fn meta_with(error: Map<String, Value>) -> Option<Cow<'static, RawValue>> {
    let meta = serde_json::json!({ ERROR: error });
    RawValue::from_string(meta.to_string()).ok().map(Cow::Owned)
}

fn to_text(result: &ToolResult<'_>) -> String {
    // The text of a structured result is in the result twice, once with a `\` before each quote.
    let length = match &result.content {
        Items::Text([TextItem { text, .. }]) => 2 * text.len() + text.len() / 2,
        Items::Given(_) | Items::Own(_) => 0,
    };
    let mut text = Vec::with_capacity(length + 256);
    // Serialising strings, raw JSON and maps with string keys cannot fail.
    let written = serde_json::to_writer(&mut text, result);
    written.ok().and_then(|()| String::from_utf8(text).ok()).unwrap_or_default()
}
