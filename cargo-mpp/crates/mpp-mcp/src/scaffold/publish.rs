//! The schemas that a port publishes: the original's, without what the host cannot enforce, and closed for unknown keys.

use serde_json::{Map, Value, json};

use super::clean::{clean, declare_required, nameless};
use super::document::{escaped, keywords_mut};
use super::enforce::is_enforceable;
use super::report::{Note, Reason};
use super::shape::{Field, Shape, Typing};
use super::simplify::{self, Simplified};

/// Keywords that make the root describe keys elsewhere than in `properties`.
const COMBINING: [&str; 5] = ["$ref", "allOf", "anyOf", "oneOf", "if"];

/// A published schema, and the types for its values.
pub(super) struct Published {
    pub(super) schema: Value,
    pub(super) notes: Vec<Note>,
    /// Number of objects that accept unknown keys in the original, and not in the port.
    pub(super) newly_closed: usize,
}

/// Returns the arguments of a tool, and the schema to publish for them.
///
/// Objects are closed where the original does not say whether they take unknown keys, so that a misspelled argument is reported instead of
/// ignored. Where types are checks, that includes arguments that the original leaves open on purpose: a function has no others.
pub(super) fn arguments(original: &Value, typing: Typing) -> (Vec<Field>, Published) {
    let is_checked = typing == Typing::Checked;
    let (mut schema, mut notes) = prepared(original, true);
    if is_checked {
        nameless(&mut schema, &mut notes);
    }
    let (fields, simplified) = simplify::arguments(&schema, typing);
    if is_checked {
        state_all(&mut schema, &simplified);
    }
    let mut newly_closed = close(&mut schema, &simplified);
    notes.extend(simplified.notes);
    if let Some(root) = keywords_mut(&mut schema, "") {
        // Arguments are an object, whether or not the original says so.
        match is_checked {
            true => drop(root.insert("type".to_owned(), json!("object"))),
            false => drop(root.entry("type").or_insert_with(|| json!("object"))),
        }
        if is_checked || !is_open(root) {
            newly_closed += close_root(root);
        }
    }
    deduplicate(&mut notes);
    (fields, Published { schema, notes, newly_closed })
}

/// Returns whether the schema of an object says that it takes unknown keys.
pub(super) fn is_open(keywords: &Map<String, Value>) -> bool {
    keywords.contains_key("patternProperties")
        || ["additionalProperties", "unevaluatedProperties"]
            .iter()
            .any(|keyword| matches!(keywords.get(*keyword), Some(Value::Bool(true) | Value::Object(_))))
}

/// Closes the arguments. Returns 1 if the original leaves them open.
fn close_root(root: &mut Map<String, Value>) -> usize {
    if root.get("additionalProperties") == Some(&Value::Bool(false)) {
        return 0;
    }
    let combines = COMBINING.iter().any(|keyword| root.contains_key(*keyword));
    let keyword = if combines { "unevaluatedProperties" } else { "additionalProperties" };
    let before = root.insert(keyword.to_owned(), json!(false));
    if combines {
        root.shift_remove("additionalProperties");
    }
    usize::from(before != Some(json!(false)))
}

/// Returns the shape of a result, whether it can be `null`, and the schema to publish for it.
pub(super) fn result(original: &Value, typing: Typing) -> (Shape, bool, Published) {
    let (mut schema, mut notes) = prepared(original, typing == Typing::Checked);
    let simplified = simplify::result(&schema, typing);
    // A result may have more keys than its type: readers cope with them.
    state_all(&mut schema, &simplified);
    let Simplified { shape, is_nullable, notes: more, .. } = simplified;
    notes.extend(more);
    deduplicate(&mut notes);
    (shape, is_nullable, Published { schema, notes, newly_closed: 0 })
}

/// Returns the schema in a form that the host enforces. `can_close` is whether objects in it may be closed.
fn prepared(original: &Value, can_close: bool) -> (Value, Vec<Note>) {
    let mut schema = original.clone();
    let mut notes = Vec::new();
    clean(&mut schema, &mut notes);
    if can_close {
        declare_required(&mut schema, &mut notes);
    }
    if is_enforceable(&schema) {
        return (schema, notes);
    }
    let keys: Vec<String> =
        schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect();
    for key in keys {
        let pointer = format!("/properties/{}", escaped(&key));
        let mut alone = schema.clone();
        if let Some(root) = keywords_mut(&mut alone, "") {
            root.retain(|keyword, _| {
                ["type", "properties", "$defs", "definitions", "$schema"].contains(&keyword.as_str())
            });
        }
        if let Some(properties) = keywords_mut(&mut alone, "/properties") {
            properties.retain(|other, _| *other == key);
        }
        if !is_enforceable(&alone)
            && let Some(property) = schema.pointer_mut(&pointer)
        {
            *property = json!({});
            notes.push(Note::new(&pointer, Reason::NotEnforceable));
        }
    }
    if !is_enforceable(&schema) {
        notes.push(Note::new("", Reason::NotEnforceable));
        let keys = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let properties: Map<String, Value> = keys.map(|key| (key.clone(), json!({}))).collect();
        schema = json!({ "type": "object", "properties": properties });
    }
    (schema, notes)
}

/// States the types that the generated types have.
fn state_all(schema: &mut Value, simplified: &Simplified) {
    for (pointer, word) in &simplified.typed {
        state(schema, pointer, word);
    }
}

/// Closes the objects whose keys the generated types name. Returns the number of objects that the original leaves open.
fn close(schema: &mut Value, simplified: &Simplified) -> usize {
    let mut newly_closed = 0;
    for pointer in &simplified.closed {
        if let Some(keywords) = keywords_mut(schema, pointer)
            && keywords.insert("additionalProperties".to_owned(), json!(false)) != Some(json!(false))
        {
            newly_closed += 1;
        }
    }
    newly_closed
}

fn state(schema: &mut Value, pointer: &str, word: &str) {
    if let Some(keywords) = keywords_mut(schema, pointer) {
        keywords.entry("type").or_insert_with(|| json!(word));
    }
}

fn deduplicate(notes: &mut Vec<Note>) {
    let mut seen = Vec::new();
    notes.retain(|note| {
        let is_new = !seen.contains(note);
        seen.push(note.clone());
        is_new
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(original: &Value) -> (Vec<Field>, Published) {
        super::arguments(original, Typing::Checked)
    }

    #[test]
    fn types_that_are_hints_only_close_objects() {
        let original = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {
                "": { "type": "string" },
                "near": { "type": "object", "properties": { "x": { "type": "number" } }, "required": ["y"] },
                "tags": { "type": "object", "additionalProperties": { "type": "string" } },
                "more": { "type": "object", "properties": { "x": {} }, "additionalProperties": true },
                "untyped": { "properties": { "x": {} } },
                "unit": { "enum": ["+1", "-1"] },
            },
            "required": ["near", "z"],
        });
        let (fields, published) = super::arguments(&original, Typing::Hints);
        let mut expected = original;
        expected["properties"]["near"]["properties"]["y"] = json!({});
        expected["properties"]["near"]["additionalProperties"] = json!(false);
        expected["properties"]["z"] = json!({});
        expected["additionalProperties"] = json!(false);
        assert_eq!((published.schema, published.newly_closed), (expected, 2));
        let keys = fields.iter().map(|field| field.key.as_str()).collect::<Vec<_>>();
        assert_eq!(keys, ["", "near", "tags", "more", "untyped", "unit", "z"]);
        assert!(fields[4].shape.is_value() && matches!(fields[5].shape, Shape::Choice { .. }));
        assert!(published.notes.iter().all(|note| !note.reason.changes_acceptance()), "{:?}", published.notes);
    }

    #[test]
    fn what_is_open_on_purpose_is_closed_only_where_types_are_checks() {
        for open in [
            json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": true }),
            json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": { "type": "string" } }),
            json!({ "type": "object", "patternProperties": { "^x-": {} } }),
            json!({ "allOf": [{ "properties": { "a": {} } }], "unevaluatedProperties": true, "type": "object" }),
        ] {
            let (_, published) = super::arguments(&open, Typing::Hints);
            assert_eq!((published.schema, published.newly_closed), (open.clone(), 0));
            let (_, published) = super::arguments(&open, Typing::Checked);
            assert_eq!(published.newly_closed, 1, "{open}");
        }
        let combined = json!({ "allOf": [{ "properties": { "a": {} } }] });
        let (_, published) = super::arguments(&combined, Typing::Hints);
        assert_eq!(published.schema["unevaluatedProperties"], false);
    }

    #[test]
    fn objects_that_become_structs_are_closed() {
        let (_, published) = arguments(&json!({
            "type": "object",
            "properties": {
                "near": { "type": "object", "properties": { "x": { "type": "number" } } },
                "tags": { "type": "object", "additionalProperties": { "type": "string" } },
            },
            "required": ["near"],
        }));
        assert_eq!(published.newly_closed, 2);
        assert_eq!(published.schema["additionalProperties"], false);
        assert_eq!(published.schema["properties"]["near"]["additionalProperties"], false);
        assert_eq!(published.schema["properties"]["tags"]["additionalProperties"], json!({ "type": "string" }));
    }

    #[test]
    fn a_schema_that_is_not_valid_is_replaced_alone() {
        let (fields, published) = arguments(&json!({
            "type": "object", "properties": { "a": { "type": "strnig" }, "b": { "type": "string", "minLength": 1 } },
        }));
        assert_eq!(fields.len(), 2);
        assert_eq!(published.schema["properties"], json!({ "a": {}, "b": { "type": "string", "minLength": 1 } }));
        assert!(published.notes.contains(&Note::new("/properties/a", Reason::NotEnforceable)));
    }

    #[test]
    fn an_invalid_root_leaves_the_names_of_the_arguments() {
        let (fields, published) =
            arguments(&json!({ "type": "object", "required": "a", "properties": { "a": { "type": "string" } } }));
        assert_eq!(fields[0].key, "a");
        assert_eq!(
            published.schema,
            json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": false })
        );
    }
}
