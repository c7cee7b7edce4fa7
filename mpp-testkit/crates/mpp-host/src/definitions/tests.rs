//! Tests of the classification of changes as breaking, compatible or wording.

use std::slice::from_ref;

use mpp_sdk::wire::ToolDefinition;
use serde_json::{Value, json};

use super::{Class, diff};

fn tool(parameters: Value, returns: Value) -> ToolDefinition {
    serde_json::from_value(json!({
        "name": "find", "description": "Find", "parameters": parameters, "returns": returns,
    }))
    .expect("a definition")
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Returns the changes of an argument whose schema changes, and of a result field that changes in the same way.
fn both(old: Value, new: Value) -> (Vec<String>, Vec<String>) {
    let side = |schema: Value| object(json!({ "x": schema }), &["x"]);
    let lines = |changes: super::Changes| {
        let line = |change: &super::Change| format!("{:?}: {}", change.class, change.message);
        changes.as_slice().iter().map(line).collect()
    };
    let fixed = || object(json!({}), &[]);
    let arguments = diff(&[tool(side(old.clone()), fixed())], &[tool(side(new.clone()), fixed())]);
    let results = diff(&[tool(fixed(), side(old))], &[tool(fixed(), side(new))]);
    (lines(arguments), lines(results))
}

#[test]
fn narrowing_breaks_arguments_and_widening_breaks_results() {
    for (old, new, message) in [
        (
            json!({ "type": ["string", "null"] }),
            json!({ "type": "string" }),
            "must be a string; before, it could be a string or null",
        ),
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            json!({ "type": "string" }),
            "must be a string; before, it could be a string or null",
        ),
        (json!({ "type": "number" }), json!({ "type": "integer" }), "must be an integer; before, it could be a number"),
        (json!({}), json!({ "type": "integer" }), "must be an integer; before, it could be anything"),
        (json!({ "enum": ["a", "b"] }), json!({ "enum": ["a"] }), "can no longer be `\"b\"`"),
        (
            json!({ "oneOf": [{ "const": "a" }, { "const": "b", "description": "B" }] }),
            json!({ "enum": ["a"] }),
            "can no longer be `\"b\"`",
        ),
        (json!({ "maximum": 100 }), json!({ "maximum": 50 }), "may be at most 50, not 100 as before"),
        (json!({ "minLength": 1 }), json!({ "minLength": 2 }), "has at least 2 characters, not 1 as before"),
        (json!({}), json!({ "maxItems": 3 }), "has at most 3 items; before, there was no such limit"),
        (json!({}), json!({ "pattern": "^a" }), "has the pattern `^a`; before, it had none"),
    ] {
        let (arguments, results) = both(old.clone(), new.clone());
        assert_eq!(arguments, [format!("Breaking: {message}")]);
        assert_eq!(results, [format!("Compatible: {message}")]);
        let (back, results) = both(new, old);
        assert_eq!(back.len(), 1, "{back:?}");
        assert!(back[0].starts_with("Compatible: ") && results[0].starts_with("Breaking: "), "{back:?} {results:?}");
    }
}

#[test]
fn changed_types_defaults_and_unknown_keywords_always_break() {
    let (arguments, results) = both(json!({ "type": "string" }), json!({ "type": "integer" }));
    assert_eq!(arguments, ["Breaking: is an integer, not a string as before"]);
    assert_eq!(arguments, results);
    let (arguments, results) = both(json!({ "default": 1 }), json!({ "default": 2 }));
    assert_eq!(arguments, ["Breaking: defaults to `2`, not `1` as before"]);
    assert_eq!(results, Vec::<String>::new());
    let (arguments, _) = both(json!({ "not": { "const": 1 } }), json!({ "not": { "const": 2 } }));
    assert_eq!(arguments, ["Breaking: changed in `not`"]);
    let (arguments, results) = both(json!({ "description": "a" }), json!({ "description": "b" }));
    assert_eq!(arguments, ["Wording: has another description"]);
    assert_eq!(arguments, results);
}

#[test]
fn added_and_removed_fields_are_classified() {
    let old = tool(object(json!({ "a": {}, "b": {}, "c": {} }), &["a"]), object(json!({ "a": {}, "b": {} }), &["a"]));
    let new = tool(
        object(json!({ "a": {}, "b": {}, "d": {}, "e": {} }), &["b", "d"]),
        object(json!({ "a": {}, "e": {} }), &["e"]),
    );
    assert_eq!(
        diff(&[old], &[new]).to_string(),
        "breaking:\n  \
           find: argument `/b` must be given\n  \
           find: argument `/c` was removed, and is now refused\n  \
           find: argument `/d` is new and must be given\n  \
           find: result `/a` may be missing\n  \
           find: result `/b` was removed\n\
         compatible:\n  \
           find: argument `/a` may be left out\n  \
           find: argument `/e` is new and may be left out\n  \
           find: result `/e` is new"
    );
}

#[test]
fn null_for_an_argument_that_may_be_left_out_is_no_change() {
    for nullable in [
        json!({ "type": ["string", "null"], "enum": ["a", "b", null] }),
        json!({ "anyOf": [{ "type": "string", "enum": ["a", "b"] }, { "type": "null" }] }),
    ] {
        let old = tool(object(json!({ "x": nullable }), &[]), json!({}));
        let new = tool(object(json!({ "x": { "type": "string", "enum": ["a", "b"] } }), &[]), json!({}));
        assert!(diff(from_ref(&old), from_ref(&new)).is_empty(), "{}", diff(from_ref(&old), from_ref(&new)));
    }
}

#[test]
fn forms_are_matched_by_their_tag() {
    let form = |tag: &str, more: Value| {
        let mut properties = json!({ "do": { "type": "string", "const": tag } });
        properties.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        object(properties, &["do"])
    };
    let step = |forms: Vec<Value>| object(json!({ "steps": { "type": "array", "items": { "oneOf": forms } } }), &[]);
    let old = step(vec![form("trim", json!({})), form("wrap", json!({ "width": { "type": "integer" } }))]);
    let new = step(vec![form("wrap", json!({ "width": { "type": "string" } })), form("sort", json!({}))]);
    let changes = diff(&[tool(old, Value::Null)], &[tool(new, Value::Null)]);
    assert_eq!(
        changes.to_string(),
        "breaking:\n  \
           find: argument `/steps/*` can no longer be the form `do=trim`\n  \
           find: argument `/steps/*[do=wrap]/width` is a string, not an integer as before\n\
         compatible:\n  \
           find: argument `/steps/*` may also be the form `do=sort`"
    );
}

#[test]
fn the_order_of_keys_is_no_change() {
    // Two members of each form have a single value, and a listed value is an object.
    let old = r#"{"type":"object","required":["at","do"],"properties":{"at":{"enum":[{"x":1,"y":2}]},"do":{"anyOf":[
        {"type":"object","required":["a","z"],"properties":{"a":{"const":1},"z":{"const":1}}},
        {"type":"object","required":["a","z"],"properties":{"a":{"const":2},"z":{"const":1}}}]}}}"#;
    let new = r#"{"properties":{"do":{"anyOf":[
        {"properties":{"z":{"const":1},"a":{"const":1}},"required":["z","a"],"type":"object"},
        {"properties":{"z":{"const":1},"a":{"const":2}},"required":["z","a"],"type":"object"}]},
        "at":{"enum":[{"y":2,"x":1}]}},"required":["do","at"],"type":"object"}"#;
    let [old, new] = [old, new].map(|text| tool(serde_json::from_str(text).expect("JSON"), Value::Null));
    let changes = diff(from_ref(&old), from_ref(&new));
    assert!(changes.is_empty(), "{changes}");
}

#[test]
fn recursive_types_end() {
    let tree = |leaf: &str| {
        json!({ "type": "object", "properties": { "root": { "$ref": "#/$defs/Node" } }, "$defs": { "Node": {
            "type": "object",
            "properties": { "leaf": { "type": leaf }, "children": { "type": "array", "items": { "$ref": "#/$defs/Node" } } },
        } } })
    };
    let changes = diff(&[tool(tree("string"), Value::Null)], &[tool(tree("integer"), Value::Null)]);
    assert_eq!(changes.to_string(), "breaking:\n  find: argument `/root/leaf` is an integer, not a string as before");
}

#[test]
fn changes_of_tools_levels_and_hints_are_classified() {
    let with = |name: &str, level: &str, hints: Value| -> ToolDefinition {
        serde_json::from_value(json!({ "name": name, "description": "d", "parameters": { "type": "object" },
            "security_level": level, "annotations": hints }))
        .expect("a definition")
    };
    let old = [with("a", "low", json!({})), with("b", "low", json!({ "readOnlyHint": true }))];
    let new = [with("b", "high", json!({ "readOnlyHint": false, "openWorldHint": true })), with("c", "low", json!({}))];
    let changes = diff(&old, &new);
    assert_eq!(
        changes.to_string(),
        "breaking:\n  \
           a: the tool was removed\n  \
           b: the tool has the security level `high`, not `low` as before\n  \
           b: the tool has `readOnlyHint` `false`; before, it was `true`\n\
         compatible:\n  \
           c: the tool is new\n\
         wording:\n  \
           b: the tool has `openWorldHint` `true`; before, it was not set"
    );
    assert_eq!(changes.worst(), Some(Class::Breaking));
    assert!(diff(&old, &old).is_empty());
    let data = serde_json::to_value(&changes).expect("JSON");
    assert_eq!(
        data[0],
        json!({ "class": "breaking", "kind": "tool_removed", "tool": "a", "place": "", "message": "was removed" })
    );
}
