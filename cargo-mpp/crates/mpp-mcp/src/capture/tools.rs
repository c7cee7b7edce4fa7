//! Lists of tools that come in pages.

use serde_json::Value;

/// Adds a page of `tools/list`. The first page begins a new list.
pub(super) fn merge(tools: &mut Option<Vec<Value>>, result: &Value, is_first_page: bool) {
    let page = result.get("tools").and_then(Value::as_array).cloned().unwrap_or_default();
    match tools {
        Some(known) if !is_first_page => known.extend(page),
        _ => *tools = Some(page),
    }
}

/// Returns the cursor of the next page, if there is one.
pub(super) fn next_cursor(result: &Value) -> Option<&str> {
    result.get("nextCursor").and_then(Value::as_str)
}
