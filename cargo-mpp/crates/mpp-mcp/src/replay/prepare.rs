//! Brings the answer of an MCP server into the form in which a package answers.
//!
//! A package returns structured results without a text, and texts without a structure; a client sees both for each. MCP servers
//! publish the same result in several forms.

use serde_json::{Map, Value, json};

/// Returns the recorded outcome in the form that is compared with `found`.
pub(super) fn recorded(outcome: &Value, found: &Value) -> Value {
    let Some(Value::Object(result)) = outcome.get("result") else { return outcome.clone() };
    let mut result = result.clone();
    let is_structured = found.pointer("/result/structuredContent").is_some();
    let has_structure = result.get("structuredContent").is_some_and(|structured| !structured.is_null());
    if !has_structure {
        result.remove("structuredContent");
    }
    if !is_structured && wraps_its_text(&result) {
        // A server that wraps a text as `{"result": text}` shows the same text as content.
        result.remove("structuredContent");
    }
    if is_structured
        && !has_structure
        && let Some(list) = texts_as_list(&result, found)
    {
        // One text item for each item of a list.
        result.insert("structuredContent".to_owned(), list);
    }
    if !is_structured {
        plain_content(&mut result);
    }
    if result.get("isError") == Some(&Value::Bool(true)) {
        without_wrapper(&mut result);
    }
    json!({ "result": result })
}

/// Returns whether both sides refuse the arguments, or the name of the tool. A package's host refuses them in words of its own.
pub(super) fn both_refuse_the_call(recorded: &Value, found: &Value) -> bool {
    let kind = found.pointer("/error/data/kind").and_then(Value::as_str);
    let code = recorded.pointer("/error/code").and_then(Value::as_i64);
    let text = recorded.get("result").filter(|result| result.get("isError") == Some(&Value::Bool(true)));
    let text =
        text.and_then(Value::as_object).map(|result| texts(result).concat().to_ascii_lowercase()).unwrap_or_default();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match kind {
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

/// Removes what libraries for servers put before the message of a tool's error.
fn without_wrapper(result: &mut Map<String, Value>) {
    let Some(text) = result.get_mut("content").and_then(|content| content.pointer_mut("/0/text")) else { return };
    let Some(message) = text.as_str() else { return };
    for (start, end) in [("Error executing tool ", ": "), ("Error calling tool '", "': ")] {
        if let Some((_, rest)) = message.strip_prefix(start).and_then(|rest| rest.split_once(end)) {
            *text = Value::from(rest);
            return;
        }
    }
}

/// Returns the answer of a package in the form that is compared.
pub(super) fn found(outcome: &Value) -> Value {
    let mut outcome = outcome.clone();
    if let Some(Value::Object(result)) = outcome.get_mut("result")
        && result.get("structuredContent").is_none()
    {
        plain_content(result);
    }
    outcome
}

/// Returns the text of a result as JSON, if both texts are JSON.
pub(super) fn as_json(text: &Value) -> Option<Value> {
    let text = text.as_str()?.trim();
    text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()
}

fn wraps_its_text(result: &Map<String, Value>) -> bool {
    let Some(Value::Object(structured)) = result.get("structuredContent") else { return false };
    match (structured.len(), structured.get("result")) {
        (1, Some(Value::String(text))) => texts(result).concat() == *text,
        _ => false,
    }
}

fn texts_as_list(result: &Map<String, Value>, found: &Value) -> Option<Value> {
    let texts = texts(result);
    if texts.len() < 2 || !found.pointer("/result/structuredContent")?.is_array() {
        return None;
    }
    texts.iter().map(|text| serde_json::from_str::<Value>(text).ok()).collect::<Option<Vec<Value>>>().map(Value::Array)
}

fn texts(result: &Map<String, Value>) -> Vec<&str> {
    let items = result.get("content").and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.get("text").and_then(Value::as_str)).collect()
}

/// Removes what a client does not need of content items: empty annotations and metadata.
fn plain_content(result: &mut Map<String, Value>) {
    for item in result.get_mut("content").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            item.retain(|key, value| !(value.is_null() || key == "_meta"));
        }
    }
}
