//! What answers of MCP servers have in common: results as text, wrapped results and messages, arguments refused in own words.

use std::borrow::Cow;

use serde_json::Value;

/// What libraries for servers put before the message of a tool's error: the text before the name of the tool, and after it.
const WRAPPERS: [(&str, &str); 2] = [("Error executing tool ", ": "), ("Error calling tool '", "': ")];

/// Returns the texts of a result, one a line.
pub(super) fn texts(result: &Value) -> String {
    let items = result.get("content").and_then(Value::as_array);
    let texts = items.into_iter().flatten().filter_map(|item| item.get("text").and_then(Value::as_str));
    texts.collect::<Vec<_>>().join("\n")
}

/// Removes the `{"result": …}` in which MCP servers wrap results that are not objects, for older clients.
pub(super) fn unwrapped(recorded: Value, found: &Value) -> Value {
    match recorded {
        Value::Object(mut members) if members.len() == 1 && !found.is_object() && members.contains_key("result") => {
            members.remove("result").unwrap_or_default()
        }
        other => other,
    }
}

/// Returns the recorded response without what libraries for servers put before the message of a tool's error.
pub(super) fn without_wrapper(recorded: &Value) -> Cow<'_, Value> {
    let text = recorded.get("result").filter(|result| is_error(result)).and_then(|result| {
        let message = result.pointer("/content/0/text")?.as_str()?;
        let wrapped = WRAPPERS.iter().find_map(|(start, end)| message.strip_prefix(start)?.split_once(end));
        wrapped.map(|(_, rest)| rest.to_owned())
    });
    let Some(text) = text else { return Cow::Borrowed(recorded) };
    let mut recorded = recorded.clone();
    if let Some(place) = recorded.pointer_mut("/result/content/0/text") {
        *place = Value::from(text);
    }
    Cow::Owned(recorded)
}

/// Returns the message of the error that a response of an MCP server is, without what libraries for servers put before it; `None` if it
/// is a result.
///
/// ```
/// use mpp_recording::error_message;
/// use serde_json::json;
///
/// let content = json!([{ "type": "text", "text": "Error executing tool find: nobody has this name" }]);
/// let response = json!({ "result": { "content": content, "isError": true } });
/// assert_eq!(error_message(&response).as_deref(), Some("nobody has this name"));
/// assert_eq!(error_message(&json!({ "result": { "content": [] } })), None);
/// ```
#[must_use]
pub fn error_message(response: &Value) -> Option<String> {
    if let Some(error) = response.get("error") {
        return Some(error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned());
    }
    response.get("result").filter(|result| is_error(result))?;
    without_wrapper(response).get("result").map(texts)
}

/// Returns whether an MCP server and a package both refuse the arguments, or the name of the tool. The host of a package refuses them
/// in words of its own.
pub(super) fn both_refuse_the_call(recorded: &Value, found: &Value) -> bool {
    // A recording of a package has the kind of the error, and the same words.
    if recorded.pointer("/error/data/kind").is_some() {
        return false;
    }
    let code = recorded.pointer("/error/code").and_then(Value::as_i64);
    let text = recorded.get("result").filter(|result| is_error(result)).map(texts).unwrap_or_default();
    let text = text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match found.pointer("/error/data/kind").and_then(Value::as_str) {
        Some("invalid_arguments") => {
            code == Some(-32602)
                || says(&["validation error", "invalid arguments", "invalid input", "missing required", "is required"])
        }
        Some("unknown_tool") => {
            matches!(code, Some(-32602 | -32601)) || says(&["unknown tool", "tool not found", "no such tool"])
        }
        _ => false,
    }
}

fn is_error(result: &Value) -> bool {
    result.get("isError") == Some(&Value::Bool(true))
}
