//! Checks generated values with a validator: schemas that the macros emit, and others that a manifest may contain.
#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use std::rc::Rc;

use mpp_host::sandbox::{Compiled, Contract};
use mpp_sdk::wire::ToolDefinition;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::{Value, json};

use super::{invalid, valid};

/// Returns the host's own check.
fn validity(schema: &Value) -> impl Fn(&Value) -> bool + Clone + 'static {
    let definition = json!({ "name": "t", "description": "d", "parameters": schema });
    let definition: ToolDefinition = serde_json::from_value(definition).expect("a definition");
    let held = Rc::new((definition, Compiled::default()));
    move |value| Contract::new(&held.0, &held.1).check_arguments(value).expect("a schema").is_empty()
}

/// Returns how many of a hundred generated values are valid without the filter, and asserts that invalid ones are invalid.
fn check(schema: &Value) -> usize {
    let is_valid = validity(schema);
    let strategy = valid::values(schema).unwrap_or_else(|| panic!("no valid value for {schema}"));
    let mut runner =
        TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() });
    let fits = (0..100).filter(|_| is_valid(&strategy.new_tree(&mut runner).expect("a value").current())).count();
    let filter = is_valid.clone();
    let broken = invalid::values(strategy.prop_filter("valid", move |value| filter(value)).boxed(), is_valid.clone());
    for _ in 0..20 {
        let broken = broken.new_tree(&mut runner).expect("a value").current();
        assert!(!is_valid(&broken.arguments), "{} of {schema}", broken.arguments);
    }
    fits
}

fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().expect("an object").keys().collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

#[test]
fn values_of_schemas_that_the_macros_emit_are_valid() {
    for properties in [
        json!({ "a": { "type": "string" }, "b": { "type": "boolean" }, "c": { "type": "number" } }),
        json!({ "a": { "type": "integer", "minimum": 0 } }),
        json!({ "a": { "type": "integer", "minimum": 0, "maximum": u64::MAX } }),
        json!({ "a": { "type": "integer", "minimum": i64::MIN, "maximum": -1 } }),
        json!({ "a": { "type": "integer", "minimum": 1, "exclusiveMaximum": 3 } }),
        json!({ "a": { "type": ["integer", "null"], "minimum": 8, "maximum": 200 } }),
        json!({ "a": { "type": "number", "minimum": 0.5, "maximum": 0.75 } }),
        json!({ "a": { "type": "number", "exclusiveMinimum": 0 } }),
        json!({ "a": { "type": "string", "minLength": 3, "maxLength": 3 } }),
        json!({ "a": { "type": "string", "pattern": "^[A-Z]{3}-\\d+$" } }),
        json!({ "a": { "type": "string", "enum": ["x", "y"] }, "b": { "const": 1 } }),
        json!({ "a": { "anyOf": [{ "type": "string" }, { "type": "null" }] } }),
        json!({ "a": { "oneOf": [{ "type": "string", "const": "x" }, { "type": "string", "const": "y" }] } }),
        json!({ "a": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 2 } }),
        json!({ "a": { "type": "array", "items": { "type": "boolean" }, "uniqueItems": true } }),
        json!({ "a": { "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }], "minItems": 2, "maxItems": 2 } }),
        json!({ "a": { "type": "object", "additionalProperties": { "type": "integer" }, "minProperties": 1 } }),
        json!({ "a": { "type": "string", "format": "date-time" }, "b": { "type": "string", "format": "uuid" } }),
        json!({ "a": { "oneOf": [object(json!({ "do": { "const": "trim" } })), object(json!({ "do": { "const": "wrap" }, "width": { "type": "integer", "minimum": 0, "maximum": 65535 } }))] } }),
        json!({ "a": object(json!({ "b": object(json!({ "c": { "type": "null" } })) })) }),
    ] {
        let schema = object(properties);
        assert_eq!(check(&schema), 100, "{schema}");
    }
}

#[test]
fn recursive_types_end() {
    let schema = json!({
        "type": "object",
        "properties": { "root": { "$ref": "#/$defs/Node" } },
        "required": ["root"],
        "additionalProperties": false,
        "$defs": { "Node": {
            "type": "object",
            "properties": {
                "name": { "type": "string" },
                "next": { "anyOf": [{ "$ref": "#/$defs/Node" }, { "type": "null" }] },
                "children": { "type": "array", "items": { "$ref": "#/$defs/Node" } },
            },
            "required": ["name", "children"],
            "additionalProperties": false,
        } },
    });
    assert_eq!(check(&schema), 100);
    let endless = json!({ "type": "object", "properties": { "a": { "$ref": "#/$defs/A" } }, "required": ["a"],
        "$defs": { "A": { "type": "object", "properties": { "a": { "$ref": "#/$defs/A" } }, "required": ["a"] } } });
    assert!(valid::values(&endless).is_none());
}

#[test]
fn a_flattened_enum_is_one_object() {
    let schema = json!({
        "type": "object",
        "properties": { "id": { "type": "integer" } },
        "required": ["id"],
        "oneOf": [
            { "type": "object", "properties": { "by": { "const": "mail" }, "address": { "type": "string" } }, "required": ["by", "address"] },
            { "type": "object", "properties": { "by": { "const": "none" } }, "required": ["by"] },
        ],
        "unevaluatedProperties": false,
    });
    assert_eq!(check(&schema), 100);
    let parts = json!({
        "type": "object",
        "allOf": [
            { "type": "object", "properties": { "a": { "type": "string" } }, "required": ["a"] },
            { "type": "object", "properties": { "b": { "type": "integer" } }, "required": ["b"] },
        ],
        "unevaluatedProperties": false,
    });
    assert_eq!(check(&parts), 100);
}

#[test]
fn negated_schemas_are_left_to_the_filter() {
    let schema = object(json!({ "a": { "type": "integer", "minimum": 0, "maximum": 9, "not": { "const": 0 } } }));
    let fits = check(&schema);
    assert!((40..100).contains(&fits), "{fits} of 100");
}

#[test]
fn only_one_name_of_a_field_is_given() {
    let text = json!({ "type": "string" });
    let place = json!({
        "type": "object",
        "properties": { "name": text, "town": { "type": "string", "description": "Another name of `name`." } },
        "anyOf": [{ "required": ["name"] }, { "required": ["town"] }],
        "additionalProperties": false,
    });
    let schema = object(json!({ "place": place }));
    assert_eq!(check(&schema), 100);
    let strategy = valid::values(&schema).expect("a strategy");
    let mut runner =
        TestRunner::new(Config { rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() });
    for _ in 0..50 {
        let value = strategy.new_tree(&mut runner).expect("a value").current();
        assert_eq!(value["place"].as_object().map(serde_json::Map::len), Some(1), "{value}");
    }
}
