//! Tests of shapes.

#![allow(clippy::panic, clippy::unwrap_used, clippy::disallowed_methods, reason = "a test stops at the first surprise")]

use super::*;
use serde_json::json;

fn fields(properties: Value) -> Vec<Field> {
    super::arguments(&json!({ "type": "object", "properties": properties }), Typing::Checked).0
}

fn arguments(root: &Value) -> (Vec<Field>, Simplified) {
    super::arguments(root, Typing::Checked)
}

fn shape(schema: Value) -> Shape {
    fields(json!({ "x": schema })).remove(0).shape
}

fn list(item: Shape) -> Shape {
    Shape::List(Box::new(item))
}

fn map(item: Shape) -> Shape {
    Shape::Map(Box::new(item))
}

#[test]
fn simple_types_keep_their_type() {
    for (schema, expected) in [
        (json!({ "type": "string", "minLength": 3, "format": "uri" }), Shape::Text),
        (json!({ "type": "boolean" }), Shape::Flag),
        (json!({ "type": "integer" }), Shape::Integer),
        (json!({ "type": ["integer", "number"] }), Shape::Number),
        (json!({ "type": "array", "items": { "type": "string" } }), list(Shape::Text)),
        (json!({ "type": "array" }), list(Shape::Any)),
        (json!({ "items": { "type": "integer" } }), list(Shape::Integer)),
        (json!({ "type": "object" }), map(Shape::Any)),
        (json!({ "type": "object", "additionalProperties": { "type": "number" } }), map(Shape::Number)),
        (json!({ "enum": [1, 2] }), Shape::Integer),
        (json!({ "enum": [true] }), Shape::Flag),
        (json!({ "const": "a" }), Shape::Text),
        (json!({ "anyOf": [{ "type": "string", "format": "uri" }, { "enum": ["none"] }] }), Shape::Text),
        (json!({ "allOf": [{ "type": "string" }] }), Shape::Text),
    ] {
        assert_eq!(shape(schema.clone()), expected, "{schema}");
    }
}

#[test]
fn what_has_no_type_in_rust_is_a_json_value() {
    for (schema, reason) in [
        (json!({}), Reason::AnyValue),
        (json!({ "type": ["string", "integer"] }), Reason::SeveralTypes),
        (json!({ "anyOf": [{ "type": "string" }, { "type": "array" }] }), Reason::SeveralTypes),
        (json!({ "allOf": [{ "type": "string" }, { "minLength": 1 }] }), Reason::Combined),
        (json!({ "enum": [1, "a"] }), Reason::MixedEnum),
        (json!({ "type": "array", "items": [{ "type": "string" }] }), Reason::Tuple),
        (json!({ "type": "array", "items": { "type": ["string", "null"] } }), Reason::SeveralTypes),
        (json!({ "type": "object", "properties": { "a": {} }, "additionalProperties": true }), Reason::OpenObject),
        (
            json!({ "type": "object", "properties": { "a": {} }, "oneOf": [{ "required": ["a"] }, {}] }),
            Reason::Combined,
        ),
    ] {
        let field = fields(json!({ "x": schema })).remove(0);
        assert!(field.shape.values() > 0, "{schema}: {field:?}");
        assert_eq!(field.because, Some(reason.text()), "{schema}");
    }
}

#[test]
fn null_makes_an_argument_optional() {
    for schema in [
        json!({ "type": ["string", "null"] }),
        json!({ "anyOf": [{ "type": "string" }, { "type": "null" }], "default": null }),
        json!({ "enum": ["a", null] }),
    ] {
        let (fields, _) = arguments(&json!({ "type": "object", "properties": { "x": schema }, "required": ["x"] }));
        assert!(fields[0].is_nullable && fields[0].is_optional(), "{fields:?}");
        assert!(matches!(fields[0].shape, Shape::Text | Shape::Choice { .. }), "{fields:?}");
    }
}

#[test]
fn enumerations_are_choices_if_their_values_have_names() {
    let values = vec!["a-b".to_owned(), "c d".to_owned()];
    assert_eq!(
        shape(json!({ "type": "string", "enum": values, "title": "Kind" })),
        Shape::Choice { title: Some("Kind".to_owned()), values }
    );
    let constants = json!({ "oneOf": [{ "const": "a", "title": "A" }, { "const": "b", "title": "B" }] });
    assert_eq!(shape(constants), Shape::Choice { title: None, values: vec!["a".to_owned(), "b".to_owned()] });
    assert_eq!(shape(json!({ "enum": ["+1", "-1"] })), Shape::Text);
}

#[test]
fn references_are_followed_until_they_return() {
    let schema = json!({
        "type": "object",
        "properties": { "tree": { "$ref": "#/$defs/tree", "description": "The root." } },
        "$defs": { "tree": { "type": "object", "title": "Tree", "properties": {
            "name": { "type": "string" }, "children": { "type": "array", "items": { "$ref": "#/$defs/tree" } },
        }, "required": ["name"] } },
    });
    let (fields, simplified) = arguments(&schema);
    assert_eq!(fields[0].about.as_deref(), Some("The root."));
    let Shape::Object { fields: members, .. } = &fields[0].shape else { panic!("{fields:?}") };
    let children = members.iter().find(|member| member.key == "children").unwrap();
    assert_eq!(children.shape, list(Shape::Any));
    assert_eq!(simplified.closed.iter().collect::<Vec<_>>(), ["/$defs/tree"]);
    assert!(simplified.notes.contains(&Note::new("/$defs/tree", Reason::Recursive)), "{:?}", simplified.notes);
}

#[test]
fn references_that_multiply_are_bounded() {
    let mut definitions = Map::new();
    for level in 0..20 {
        let next = json!({ "$ref": format!("#/$defs/d{}", level + 1) });
        let twice = json!({ "type": "object", "properties": { "a": next, "b": next, "c": next } });
        definitions.insert(format!("d{level}"), twice);
    }
    definitions.insert("d20".to_owned(), json!({ "type": "string" }));
    let schema = json!({ "type": "object", "properties": { "x": { "$ref": "#/$defs/d0" } }, "$defs": definitions });
    let (_, simplified) = arguments(&schema);
    assert!(simplified.notes.iter().any(|note| note.reason == Reason::TooLarge));
}

#[test]
fn keys_of_combined_arguments_are_arguments() {
    let (fields, _) = arguments(&json!({
        "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"],
        "allOf": [{ "$ref": "#/$defs/more" }, { "if": { "properties": { "c": {} } } }],
        "$defs": { "more": { "properties": { "b": { "type": "integer" } } } },
    }));
    let keys: Vec<(&str, bool)> = fields.iter().map(|field| (field.key.as_str(), field.is_required)).collect();
    assert_eq!(keys, [("a", true), ("b", false), ("c", false)]);
    assert_eq!((&fields[0].shape, &fields[1].shape), (&Shape::Text, &Shape::Any));
}

#[test]
fn a_schema_that_is_also_a_part_of_another_is_not_closed() {
    let schema = json!({
        "type": "object",
        "properties": {
            "base": { "$ref": "#/$defs/base" },
            "more": { "allOf": [{ "$ref": "#/$defs/base" }, { "properties": { "b": { "type": "string" } } }] },
            "perhaps": { "anyOf": [{ "$ref": "#/$defs/alone" }, { "type": "null" }] },
        },
        "$defs": {
            "base": { "type": "object", "properties": { "a": { "type": "string" } } },
            "alone": { "type": "object", "properties": { "a": { "type": "string" } } },
        },
    });
    let (fields, simplified) = arguments(&schema);
    assert_eq!(simplified.closed.iter().collect::<Vec<_>>(), ["/$defs/alone"]);
    let shapes: Vec<&Shape> = fields.iter().map(|field| &field.shape).collect();
    assert_eq!((shapes[0], shapes[1]), (&map(Shape::Any), &Shape::Any));
    assert!(matches!(shapes[2], Shape::Object { .. }) && fields[2].is_nullable, "{fields:?}");
}
