//! Tests of the order in the published schemas.

use serde_json::{Value, json};

use super::tidy::{Side, tidy};

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn other_names_of_a_field_follow_it() {
    let mut schema = json!({ "type": "object", "required": ["zoo"], "properties": {
        "zoo": { "type": "string", "x-mpp-aliases": ["park", "animals"] },
        "old": { "type": "string", "x-mpp-aliases": ["age"] },
        "ant": { "type": "string" },
    } });
    tidy(&mut schema, Side::Arguments);
    assert_eq!(keys(&schema["properties"]), ["zoo", "park", "animals", "old", "age", "ant"]);
    assert_eq!(keys(&schema["properties"]["zoo"]), ["type"]);
}

#[test]
fn a_name_that_is_a_field_already_keeps_its_place() {
    let mut schema = json!({ "type": "object", "properties": {
        "b": { "type": "string", "x-mpp-aliases": ["a", "c"] }, "a": { "type": "integer" },
    } });
    tidy(&mut schema, Side::Arguments);
    assert_eq!(keys(&schema["properties"]), ["b", "a", "c"]);
}

#[test]
fn replaced_keywords_leave_the_order_of_the_others() {
    let mut schema = json!({
        "description": "A size.", "type": ["integer", "null"], "format": "uint8", "minimum": 1, "title": "Size", "default": 3,
    });
    tidy(&mut schema, Side::Arguments);
    assert_eq!(keys(&schema), ["title", "description", "default", "anyOf"]);
    assert_eq!(keys(&schema["anyOf"][0]), ["type", "minimum", "maximum"]);

    let mut form =
        json!({ "z": {}, "const": 1, "y": {}, "oneOf": [{ "type": "string" }, { "type": "integer" }], "x": {} });
    tidy(&mut form, Side::Result);
    assert_eq!(keys(&form), ["z", "y", "x", "enum", "anyOf"]);
}

#[test]
fn members_of_a_flattened_enum_follow_those_of_the_object() {
    let mut schema = json!({
        "type": "object", "properties": { "name": { "type": "string" }, "id": { "type": "string" } }, "required": ["name", "id"],
        "oneOf": [
            { "type": "object", "properties": { "kind": { "const": "dot" } }, "required": ["kind"] },
            { "type": "object", "properties": { "kind": { "const": "circle" }, "at": {} }, "required": ["kind", "at"] },
        ],
    });
    tidy(&mut schema, Side::Arguments);
    assert_eq!(keys(&schema["anyOf"][1]["properties"]), ["name", "id", "kind", "at"]);
    assert_eq!(schema["anyOf"][1]["required"], json!(["name", "id", "kind", "at"]));
}
