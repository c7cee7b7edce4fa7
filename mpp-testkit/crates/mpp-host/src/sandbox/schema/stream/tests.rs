//! A stream admits nothing that the validator of the whole standard refuses.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Stream;

fn list() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "List",
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": { "$ref": "#/$defs/Item" } },
            "next": { "anyOf": [{ "$ref": "#/$defs/Item" }, { "type": "null" }], "description": "The next one." },
            "total": { "type": "integer", "format": "uint64", "minimum": 0, "maximum": u64::MAX },
        },
        "required": ["items"],
        "$defs": {
            "Item": {
                "type": "object",
                "properties": {
                    "id": { "type": "integer", "minimum": 0 },
                    "price": { "type": ["number", "null"], "maximum": 1000 },
                    "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 3 },
                    "state": { "$ref": "#/$defs/State" },
                    "parent": { "anyOf": [{ "$ref": "#/$defs/Item" }, { "type": "null" }] },
                    "any": true,
                },
                "required": ["id", "tags"],
                "additionalProperties": false,
            },
            "State": { "oneOf": [{ "type": "string", "enum": ["new", "old"] }, { "const": "gone", "description": "Gone." }] },
        },
    })
}

#[test]
fn results_of_common_types_are_admitted_without_a_tree() {
    let stream = Stream::compile(&list()).expect("known keywords");
    for valid in [
        r#"{"items":[]}"#,
        r#" { "items" : [ { "id" : 1 , "tags" : [ ] } ] , "more" : {"a":[1,"}"]} } "#,
        r#"{"items":[{"id":7,"price":999.5,"tags":["a","b"],"state":"gone","parent":{"id":0,"tags":[]},"any":[{}]}],"next":null,"total":3}"#,
        r#"{"total":0,"next":{"tags":["é"],"id":1,"price":null},"items":[]}"#,
    ] {
        assert!(stream.admits(valid), "{valid}");
    }
    for other in [
        "[]",
        "{}",
        r#"{"items":{}}"#,
        r#"{"items":[{"id":1}]}"#,
        r#"{"items":[{"id":-1,"tags":[]}]}"#,
        r#"{"items":[{"id":1.5,"tags":[]}]}"#,
        r#"{"items":[{"id":1,"tags":["a","b","c","d"]}]}"#,
        r#"{"items":[{"id":1,"tags":[1]}]}"#,
        r#"{"items":[{"id":1,"tags":[],"price":1000.5}]}"#,
        r#"{"items":[{"id":1,"tags":[],"state":"odd"}]}"#,
        r#"{"items":[{"id":1,"tags":[],"other":1}]}"#,
        r#"{"items":[{"id":1,"tags":[],"parent":{"id":1}}]}"#,
        r#"{"items":[],"next":7}"#,
        r#"{"items":[],"total":"3"}"#,
        // These are valid, but left to the validator.
        r#"{"items":[],"total":3.0}"#,
        r#"{"it\u0065ms":[]}"#,
    ] {
        assert!(!stream.admits(other), "{other}");
    }
}

#[test]
fn schemas_with_other_keywords_are_not_compiled() {
    for schema in [
        json!(false),
        json!({ "type": "string", "pattern": "a" }),
        json!({ "type": "string", "minLength": 1 }),
        json!({ "properties": { "a": { "not": {} } } }),
        json!({ "required": ["a"] }),
        json!({ "anyOf": [{ "type": "object" }, { "type": ["object", "null"] }] }),
        json!({ "anyOf": [{ "type": "object" }], "required": ["a"] }),
        json!({ "anyOf": [{ "type": "string" }], "enum": ["a"] }),
        json!({ "anyOf": [{ "type": "number" }], "minimum": 1 }),
        json!({ "oneOf": [{ "const": "a" }, { "enum": ["b", "a"] }] }),
        json!({ "anyOf": [{ "$ref": "#" }] }),
        json!({ "anyOf": [{ "$ref": "#/$defs/A" }], "$defs": { "A": { "anyOf": [{ "$ref": "#" }] } } }),
        json!({ "items": { "$ref": "#/$defs/A", "type": "object" }, "$defs": { "A": {} } }),
        json!({ "items": { "$ref": "other" } }),
        json!({ "$id": "https://post.example", "type": "object" }),
        json!({ "$schema": "http://json-schema.org/draft-07/schema#", "type": "object" }),
        json!({ "type": "number", "minimum": 0.5 }),
        json!({ "enum": [1] }),
    ] {
        assert!(Stream::compile(&schema).is_none(), "{schema}");
    }
}

fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!({})),
        prop::sample::select(vec!["null", "boolean", "integer", "number", "string", "array", "object"])
            .prop_map(|name| json!({ "type": name })),
        Just(json!({ "type": ["integer", "null"] })),
        Just(json!({ "type": ["string", "number"] })),
        Just(json!({ "type": "integer", "minimum": -1, "maximum": 2 })),
        Just(json!({ "minimum": 1 })),
        Just(json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX })),
        Just(json!({ "type": "number", "minimum": 0, "maximum": u64::MAX })),
        Just(json!({ "type": "number", "minimum": (1_u64 << 53) + 1 })),
        Just(json!({ "enum": ["a", "b"] })),
        Just(json!({ "const": "a", "type": "string" })),
        Just(json!({ "$ref": "#" })),
        Just(json!({ "$ref": "#/$defs/A", "description": "A" })),
        Just(json!({ "type": "string", "pattern": "a" })),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), 0_u64..3, 1_u64..4)
                .prop_map(|(items, least, most)| json!({ "items": items, "minItems": least, "maxItems": most })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|schemas| json!({ "anyOf": schemas })),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|schemas| json!({ "oneOf": schemas, "title": "x" })),
            (inner.clone(), inner.clone(), any::<bool>(), prop_oneof![Just(json!(false)), inner])
                .prop_map(|(a, b, is_required, others)| {
                    let required = if is_required { json!(["a"]) } else { json!([]) };
                    json!({ "type": "object", "properties": { "a": a, "b": b }, "required": required, "additionalProperties": others })
                }),
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-3_i64..4).prop_map(Value::from),
        prop::sample::select(vec![0.5, 1.0, 1.5, 3.0, 1e16]).prop_map(Value::from),
        prop::sample::select(vec![u64::MAX, i64::MAX as u64, (1 << 53) + 1, 1 << 53]).prop_map(Value::from),
        prop::sample::select(vec![i64::MIN as f64, 9_007_199_254_740_993.0, 1e19, 2e19]).prop_map(Value::from),
        prop::sample::select(vec!["a", "b", "c", "\n", "é"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(vec!["a", "b", "c"]), inner), 0..3)
                .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_stream_admits_is_valid(mut schema in schema(), defined in schema(), value in value()) {
        if let Some(members) = schema.as_object_mut()
            && !members.contains_key("$ref")
        {
            members.insert("$defs".to_owned(), json!({ "A": defined }));
        }
        let text = value.to_string();
        if let Some(stream) = Stream::compile(&schema)
            && stream.admits(&text)
        {
            let validator = jsonschema::options().offline().build(&schema).expect("a valid schema");
            prop_assert!(validator.is_valid(&value), "{} against {}", text, schema);
        }
    }
}
