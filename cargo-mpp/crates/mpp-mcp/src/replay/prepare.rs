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
    json!({ "result": result })
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
