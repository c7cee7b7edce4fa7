//! Changes one member of a JSON file and leaves everything else as it was written, comments too.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use serde_json::Value;

/// Why a file cannot be changed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file is not JSON.
    Syntax(String),
    /// The file, or this member of it, is not an object.
    NotAnObject(String),
}

/// Sets `outer.inner` to `value`. An empty text stands for an empty object.
pub(super) fn with_member(
    text: &str,
    outer: &str,
    inner: &str,
    members: &[(&'static str, Value)],
) -> Result<String, Fault> {
    let text = text.trim_start_matches('\u{feff}');
    let start = if text.trim().is_empty() { "{}\n" } else { text };
    let root = CstRootNode::parse(start, &lenient()).map_err(|error| Fault::Syntax(error.to_string()))?;
    let top = root.object_value().ok_or_else(|| Fault::NotAnObject("the file".to_owned()))?;
    let servers = object(&top, outer)?;
    match servers.get(inner) {
        Some(member) if is_same(member.to_serde_value(), members) => return Ok(text.to_owned()),
        Some(member) => member.set_value(entry(members)),
        None => drop(servers.append(inner, entry(members))),
    }
    Ok(root.to_string())
}

/// Returns the object in a member, which is created if it does not exist.
fn object(parent: &CstObject, name: &str) -> Result<CstObject, Fault> {
    parent.object_value_or_create(name).ok_or_else(|| Fault::NotAnObject(name.to_owned()))
}

/// What editors accept in their settings: comments and trailing commas, but nothing else that is not JSON.
fn lenient() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Returns whether a member holds these members and no other ones, in any order.
fn is_same(held: Option<Value>, members: &[(&'static str, Value)]) -> bool {
    let Some(Value::Object(held)) = held else { return false };
    held.len() == members.len() && members.iter().all(|(name, value)| held.get(*name) == Some(value))
}

fn entry(members: &[(&'static str, Value)]) -> CstInputValue {
    CstInputValue::Object(members.iter().map(|(name, value)| ((*name).to_owned(), input(value))).collect())
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(value) => CstInputValue::Bool(*value),
        Value::Number(value) => CstInputValue::Number(value.to_string()),
        Value::String(value) => CstInputValue::String(value.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => {
            CstInputValue::Object(members.iter().map(|(name, member)| (name.clone(), input(member))).collect())
        }
    }
}
