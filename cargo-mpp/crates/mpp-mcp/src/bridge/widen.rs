//! Output schemas that also admit redacted results.
//!
//! The privacy filter replaces text within strings, and a number that matches by a string. A client that validates results against the
//! `outputSchema` must accept both, so the published schema drops what a redaction can break.

use serde_json::{Map, Value, json};

/// Constraints of a string that a redaction can break.
const OF_STRINGS: &[&str] = &["format", "pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType"];

/// Constraints of a number, which a string instead of it does not have.
const OF_NUMBERS: &[&str] = &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"];

/// Members whose value is one schema, a list of schemas, or a map of schemas.
const ONE: &[&str] =
    &["items", "additionalProperties", "not", "contains", "if", "then", "else", "unevaluatedProperties"];
const LIST: &[&str] = &["anyOf", "oneOf", "allOf", "prefixItems"];
const MAP: &[&str] = &["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Widens the schema of a result.
///
/// ```
/// use mpp_mcp::bridge::widen::widened;
/// use serde_json::json;
///
/// let schema = json!({ "type": "object", "properties": { "phone": { "type": "integer" } } });
/// assert_eq!(
///     widened(&schema)["properties"]["phone"],
///     json!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] })
/// );
/// ```
#[must_use]
pub fn widened(schema: &Value) -> Value {
    let mut schema = schema.clone();
    widen(&mut schema);
    schema
}

fn widen(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    // Values that are listed can be redacted, unless they are neither text nor numbers.
    let can_be_redacted = |value: &Value| value.is_string() || value.is_number();
    let constant = object.get("const").is_some_and(can_be_redacted);
    let listed = object.get("enum").and_then(Value::as_array).is_some_and(|values| values.iter().any(can_be_redacted));
    if constant {
        object.shift_remove("const");
    }
    if listed {
        object.shift_remove("enum");
    }
    // Keys are filtered, too.
    object.shift_remove("propertyNames");
    object.shift_remove("uniqueItems");
    for key in ONE {
        if let Some(inner) = object.get_mut(*key) {
            widen(inner);
        }
    }
    for key in LIST {
        object.get_mut(*key).and_then(Value::as_array_mut).into_iter().flatten().for_each(widen);
    }
    // After widening, more than one arm can match.
    if let Some(arms) = object.shift_remove("oneOf") {
        object.entry("anyOf").or_insert(arms);
    }
    for key in MAP {
        object.get_mut(*key).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(widen);
    }
    for key in OF_STRINGS {
        object.shift_remove(*key);
    }
    widen_types(object);
}

/// Admits a string where a number is expected, and splits lists of types into alternatives.
fn widen_types(object: &mut Map<String, Value>) {
    let types: Vec<String> = match object.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return,
    };
    let is_number = |kind: &String| kind == "integer" || kind == "number";
    let has_number = types.iter().any(is_number);
    if !has_number && types.len() == 1 {
        return;
    }
    object.shift_remove("type");
    let mut number = Map::new();
    for key in OF_NUMBERS {
        if let Some(value) = object.shift_remove(*key) {
            number.insert((*key).to_owned(), value);
        }
    }
    let mut arms: Vec<Value> = Vec::new();
    for kind in &types {
        let mut arm = if is_number(kind) { number.clone() } else { Map::new() };
        arm.insert("type".to_owned(), json!(kind));
        arms.push(Value::Object(arm));
    }
    if has_number && !types.iter().any(|kind| kind == "string") {
        arms.push(json!({ "type": "string" }));
    }
    match object.get_mut("anyOf") {
        None => drop(object.insert("anyOf".to_owned(), Value::Array(arms))),
        Some(_) => {
            let all = object.entry("allOf").or_insert_with(|| json!([]));
            if let Some(all) = all.as_array_mut() {
                all.push(json!({ "anyOf": arms }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_redaction_can_break_is_dropped_at_every_depth() {
        let schema = json!({
            "type": "object",
            "properties": {
                "mail": { "type": "string", "format": "email", "maxLength": 50 },
                "size": { "type": "number", "minimum": 0, "description": "in bytes" },
                "state": { "enum": ["on", "off"] },
                "flags": { "enum": [true, null] },
                "list": { "type": "array", "items": { "type": ["integer", "null"] } },
            },
            "required": ["mail"],
            "additionalProperties": false,
        });
        assert_eq!(
            widened(&schema),
            json!({
                "type": "object",
                "properties": {
                    "mail": { "type": "string" },
                    "size": { "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "string" }], "description": "in bytes" },
                    "state": {},
                    "flags": { "enum": [true, null] },
                    "list": {
                        "type": "array",
                        "items": { "anyOf": [{ "type": "integer" }, { "type": "null" }, { "type": "string" }] },
                    },
                },
                "required": ["mail"],
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn alternatives_of_which_exactly_one_matched_become_any_of() {
        let schema = json!({ "oneOf": [{ "type": "integer" }, { "type": "string" }] });
        assert_eq!(
            widened(&schema),
            json!({ "anyOf": [{ "anyOf": [{ "type": "integer" }, { "type": "string" }] }, { "type": "string" }] })
        );
    }
}
