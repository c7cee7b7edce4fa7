//! Removes from a schema what a host cannot enforce, so that the rest can be published.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::{self, all, children, escaped, keywords_mut, target};
use super::enforce::is_enforceable;
use super::report::{Note, Reason};

/// Dialects of JSON Schema that the host knows.
const DIALECTS: &[&str] = &[
    "json-schema.org/draft-04/schema",
    "json-schema.org/draft-06/schema",
    "json-schema.org/draft-07/schema",
    "json-schema.org/draft/2019-09/schema",
    "json-schema.org/draft/2020-12/schema",
];

/// Cleans the schema of arguments or of a result, and notes every change that a caller can notice.
pub(super) fn clean(root: &mut Value, notes: &mut Vec<Note>) {
    dialect(root);
    names(root);
    for pointer in unresolvable(root) {
        remove(root, &pointer, &["$ref"]);
        notes.push(Note::new(&pointer, Reason::ReferenceElsewhere));
    }
    for pointer in endless(root) {
        remove(root, &pointer, &["$ref"]);
        notes.push(Note::new(&pointer, Reason::EndlessReference));
    }
    patterns(root, notes);
}

fn remove(root: &mut Value, pointer: &str, keywords: &[&str]) {
    if let Some(found) = keywords_mut(root, pointer) {
        found.retain(|keyword, _| !keywords.contains(&keyword.as_str()));
    }
}

/// Removes the name of a dialect that the host does not know.
fn dialect(root: &mut Value) {
    let known = root.get("$schema").and_then(Value::as_str).is_some_and(|dialect| {
        let dialect = dialect.trim_end_matches('#');
        let dialect = dialect.strip_prefix("http://").or_else(|| dialect.strip_prefix("https://"));
        dialect.is_some_and(|dialect| DIALECTS.contains(&dialect))
    });
    if !known {
        remove(root, "", &["$schema"]);
    }
}

/// Removes names of schemas, relative to which other references would be resolved.
fn names(root: &mut Value) {
    for pointer in all(root) {
        remove(root, &pointer, &["$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"]);
        if !pointer.is_empty() {
            remove(root, &pointer, &["$schema"]);
        }
    }
}

/// Removes an argument with an empty name, which no parameter can have.
pub(super) fn nameless(root: &mut Value, notes: &mut Vec<Note>) {
    if keywords_mut(root, "/properties").and_then(|properties| properties.shift_remove("")).is_none() {
        return;
    }
    if let Some(Value::Array(required)) = keywords_mut(root, "").and_then(|keywords| keywords.get_mut("required")) {
        required.retain(|key| key.as_str() != Some(""));
    }
    notes.push(Note::new("/properties/", Reason::NoName));
}

/// Returns the schemas whose `$ref` leads nowhere or to another document.
fn unresolvable(root: &mut Value) -> Vec<String> {
    let mut found = Vec::new();
    for pointer in all(root) {
        let Some(keywords) = root.pointer(&pointer).and_then(Value::as_object) else { continue };
        let leads_here =
            |value: &Value| value.as_str().is_some_and(|reference| document::target(root, reference).is_some());
        let is_dynamic = ["$dynamicRef", "$recursiveRef"].iter().any(|keyword| keywords.contains_key(*keyword));
        let is_lost = keywords.get("$ref").is_some_and(|value| !leads_here(value));
        if is_dynamic {
            remove(root, &pointer, &["$dynamicRef", "$recursiveRef"]);
        }
        if is_lost || is_dynamic {
            found.push(pointer);
        }
    }
    found
}

/// A step from one schema to another that applies to the same value.
#[derive(Clone)]
struct Step {
    to: String,
    is_reference: bool,
}

/// Returns the schemas whose `$ref` closes a circle in which no member or item of a value is entered, so that a validator would not end.
fn endless(root: &Value) -> Vec<String> {
    let mut steps: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    for pointer in all(root) {
        let Some(schema) = root.pointer(&pointer) else { continue };
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|reference| target(root, reference));
        let inside = children(schema).into_iter().filter(|child| child.is_in_place);
        let mut of: Vec<Step> =
            inside.map(|child| Step { to: format!("{pointer}{}", child.pointer), is_reference: false }).collect();
        of.extend(reference.map(|to| Step { to, is_reference: true }));
        steps.insert(pointer, of);
    }
    let mut found = Vec::new();
    let mut finished: BTreeMap<&str, bool> = BTreeMap::new();
    for start in steps.keys() {
        // The path from `start`: each schema, the next of its steps, and whether a reference led to it.
        let mut path: Vec<(&str, usize, bool)> = vec![(start.as_str(), 0, false)];
        while let Some((at, next, _)) = path.last_mut() {
            let at = *at;
            let step = steps.get(at).and_then(|steps| steps.get(*next));
            *next += 1;
            finished.entry(at).or_insert(false);
            match step {
                None => {
                    finished.insert(at, true);
                    path.pop();
                }
                Some(step) => match finished.get(step.to.as_str()) {
                    None => path.push((step.to.as_str(), 0, step.is_reference)),
                    Some(true) => {}
                    // A circle: the last reference on it is the one to remove.
                    Some(false) => {
                        let closing = if step.is_reference {
                            Some(at)
                        } else {
                            let last = path.iter().rposition(|(_, _, by_reference)| *by_reference);
                            last.and_then(|index| index.checked_sub(1)).map(|index| path[index].0)
                        };
                        found.extend(closing.map(str::to_owned));
                    }
                },
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Removes patterns that the host cannot match in linear time.
fn patterns(root: &mut Value, notes: &mut Vec<Note>) {
    let can_match = |pattern: &str| {
        is_enforceable(&serde_json::json!({ "type": "object", "properties": { "x": { "pattern": pattern } } }))
    };
    for pointer in all(root) {
        let Some(keywords) = keywords_mut(root, &pointer) else { continue };
        let pattern = keywords.get("pattern").and_then(Value::as_str);
        if pattern.is_some_and(|pattern| !can_match(pattern)) {
            keywords.shift_remove("pattern");
            notes.push(Note::new(&pointer, Reason::Pattern));
        }
        let keys = keywords.get("patternProperties").and_then(Value::as_object);
        if keys.is_some_and(|keys| !keys.keys().all(|pattern| can_match(pattern))) {
            keywords.shift_remove("patternProperties");
            keywords.shift_remove("additionalProperties");
            keywords.insert("additionalProperties".to_owned(), Value::Object(Map::new()));
            notes.push(Note::new(&pointer, Reason::Pattern));
        }
    }
}

/// Declares keys that a schema requires without describing them: a closed object could not have them.
pub(super) fn declare_required(root: &mut Value, notes: &mut Vec<Note>) {
    for pointer in all(root) {
        let Some(keywords) = keywords_mut(root, &pointer) else { continue };
        let is_object = keywords.get("type").and_then(Value::as_str) == Some("object");
        let required: Vec<String> = match keywords.get("required") {
            Some(Value::Array(keys)) if is_object => keys.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => continue,
        };
        // At the root, and where other keys are described.
        if !pointer.is_empty() && !keywords.contains_key("properties") {
            continue;
        }
        let properties = keywords.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(properties) = properties else { continue };
        for key in required {
            if !properties.contains_key(&key) {
                notes.push(Note::new(&format!("{pointer}/properties/{}", escaped(&key)), Reason::NotDescribed));
                properties.insert(key, Value::Object(Map::new()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cleaned(mut schema: Value) -> (Value, Vec<String>) {
        let mut notes = Vec::new();
        clean(&mut schema, &mut notes);
        (schema, notes.iter().map(|note| format!("{} {:?}", note.pointer, note.reason)).collect())
    }

    #[test]
    fn references_to_elsewhere_are_removed() {
        let (schema, notes) = cleaned(json!({
            "$schema": "https://example.com/mine", "$id": "https://example.com/tool", "type": "object",
            "properties": { "a": { "$ref": "https://example.com/a.json", "description": "A." }, "b": { "$ref": "#/$defs/none" } },
        }));
        assert_eq!(schema, json!({ "type": "object", "properties": { "a": { "description": "A." }, "b": {} } }));
        assert_eq!(notes, ["/properties/a ReferenceElsewhere", "/properties/b ReferenceElsewhere"]);
    }

    #[test]
    fn only_references_that_never_end_are_removed() {
        let (schema, notes) = cleaned(json!({
            "type": "object",
            "properties": { "tree": { "$ref": "#/$defs/tree" }, "a": { "$ref": "#/$defs/a" } },
            "$defs": {
                "tree": { "type": "object", "properties": { "children": { "items": { "$ref": "#/$defs/tree" } } } },
                "a": { "allOf": [{ "$ref": "#/$defs/b" }] },
                "b": { "$ref": "#/$defs/a" },
            },
        }));
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].ends_with("EndlessReference"), "{notes:?}");
        assert_eq!(schema.pointer("/$defs/tree/properties/children/items/$ref"), Some(&json!("#/$defs/tree")));
        assert!(is_enforceable(&schema));
    }

    #[test]
    fn a_long_chain_of_references_does_not_exhaust_the_stack() {
        let definitions: Map<String, Value> = (0..20_000)
            .map(|index| (format!("d{index}"), json!({ "$ref": format!("#/$defs/d{}", (index + 1) % 20_000) })))
            .collect();
        let (_, notes) = cleaned(json!({ "type": "object", "$defs": definitions }));
        assert_eq!(notes.len(), 1, "the circle is opened at one place");
    }

    #[test]
    fn patterns_without_linear_time_are_removed() {
        let (schema, notes) = cleaned(json!({
            "type": "object", "properties": { "a": { "type": "string", "pattern": "^(?=x)y" }, "b": { "type": "string", "pattern": "^y$" } },
        }));
        assert_eq!(schema["properties"]["a"], json!({ "type": "string" }));
        assert_eq!(schema["properties"]["b"]["pattern"], "^y$");
        assert_eq!(notes, ["/properties/a Pattern"]);
    }

    #[test]
    fn an_argument_without_a_name_is_removed() {
        let mut schema = json!({ "type": "object", "properties": { "": {}, "a": {} }, "required": ["", "a"] });
        let mut notes = Vec::new();
        nameless(&mut schema, &mut notes);
        assert_eq!(schema, json!({ "type": "object", "properties": { "a": {} }, "required": ["a"] }));
        assert_eq!(notes, [Note::new("/properties/", Reason::NoName)]);
    }

    #[test]
    fn required_keys_are_declared() {
        let (mut schema, mut notes) = (json!({ "type": "object", "required": ["x"] }), Vec::new());
        declare_required(&mut schema, &mut notes);
        assert_eq!(schema["properties"], json!({ "x": {} }));
        assert_eq!(notes, [Note::new("/properties/x", Reason::NotDescribed)]);
    }
}
