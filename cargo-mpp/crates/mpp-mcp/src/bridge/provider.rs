//! Input schemas in the form that model providers accept.
//!
//! Providers take a subset of JSON Schema: no `oneOf`, `const`, lists of types, boolean schemas, or tuples without `items`. Each of these
//! has an equivalent, or a wider form, within the subset; the host checks the arguments against the published schema in any case.

use serde_json::{Map, Value, json};

/// Members whose value is one schema.
const ONE: &[&str] = &["items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"];

/// Members whose value is a list of schemas.
const LIST: &[&str] = &["anyOf", "allOf", "prefixItems"];

/// Members whose value is a map of schemas.
const MAP: &[&str] = &["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Rewrites the schema of a tool's arguments.
///
/// ```
/// use mpp_mcp::bridge::provider::accepted;
/// use serde_json::json;
///
/// let schema = json!({ "type": "object", "properties": { "unit": { "oneOf": [{ "const": "c" }, { "const": "f" }] } } });
/// assert_eq!(accepted(&schema)["properties"]["unit"], json!({ "anyOf": [{ "enum": ["c"] }, { "enum": ["f"] }] }));
/// ```
#[must_use]
pub fn accepted(schema: &Value) -> Value {
    let mut schema = schema.clone();
    rewrite(&mut schema);
    if let Some(object) = schema.as_object_mut() {
        // Clients require the member, even of a tool without arguments.
        object.entry("type").or_insert_with(|| json!("object"));
        object.entry("properties").or_insert_with(|| json!({}));
    }
    schema
}

fn rewrite(schema: &mut Value) {
    match schema {
        Value::Bool(true) => *schema = json!({}),
        Value::Bool(false) => *schema = json!({ "not": {} }),
        Value::Object(object) => rewrite_object(object),
        _ => {}
    }
}

fn rewrite_object(schema: &mut Map<String, Value>) {
    without_null_arms(schema);
    if let Some(value) = schema.shift_remove("const") {
        schema.entry("enum").or_insert_with(|| Value::Array(vec![value]));
    }
    if let Some(arms) = schema.shift_remove("oneOf") {
        match schema.get_mut("anyOf") {
            None => drop(schema.insert("anyOf".to_owned(), arms)),
            // Both must hold.
            Some(_) => {
                let all = schema.entry("allOf").or_insert_with(|| json!([]));
                if let Some(all) = all.as_array_mut() {
                    all.push(json!({ "anyOf": arms }));
                }
            }
        }
    }
    if schema.contains_key("prefixItems") {
        schema.entry("items").or_insert_with(|| json!({}));
    }
    for key in ONE {
        match schema.get_mut(*key) {
            // Closed objects are what providers want; an open one is the default.
            Some(Value::Bool(_)) if *key == "additionalProperties" => {}
            Some(inner) => rewrite(inner),
            None => {}
        }
    }
    for key in LIST {
        schema.get_mut(*key).and_then(Value::as_array_mut).into_iter().flatten().for_each(rewrite);
    }
    for key in MAP {
        schema.get_mut(*key).and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(rewrite);
    }
    split_types(schema);
}

/// Replaces a list of types by alternatives, one for each type.
fn split_types(schema: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = schema.get("type").cloned() else { return };
    schema.shift_remove("type");
    if let [only] = types.as_slice() {
        schema.insert("type".to_owned(), only.clone());
    } else if !schema.contains_key("anyOf") {
        let arms = types.into_iter().map(|kind| json!({ "type": kind })).collect();
        schema.insert("anyOf".to_owned(), Value::Array(arms));
    }
}

/// Drops `null` from the types of properties that may be left out: the host reads an explicit `null` there as "left out".
fn without_null_arms(schema: &mut Map<String, Value>) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(name)) {
        let Some(object) = property.as_object_mut() else { continue };
        if let Some(types) = object.get_mut("type").and_then(Value::as_array_mut)
            && types.len() > 1
        {
            types.retain(|kind| kind != "null");
        }
        for key in ["anyOf", "oneOf"] {
            let Some(arms) = object.get_mut(key).and_then(Value::as_array_mut) else { continue };
            if arms.len() > 1 {
                arms.retain(|arm| *arm != json!({ "type": "null" }));
            }
            if let [only] = arms.as_slice() {
                let only = only.clone();
                object.shift_remove(key);
                for (name, value) in only.as_object().into_iter().flatten() {
                    object.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructs_that_providers_refuse_are_replaced_at_every_depth() {
        let schema = json!({
            "type": "object",
            "properties": {
                "any": true,
                "kind": { "const": "a" },
                "both": { "type": ["string", "integer"] },
                "pair": { "type": "array", "prefixItems": [{ "const": 1 }, true] },
                "nested": { "type": "array", "items": { "type": "object", "properties": { "x": { "oneOf": [true, false] } } } },
            },
            "required": ["any", "kind", "both", "pair", "nested"],
            "additionalProperties": false,
        });
        assert_eq!(
            accepted(&schema),
            json!({
                "type": "object",
                "properties": {
                    "any": {},
                    "kind": { "enum": ["a"] },
                    "both": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
                    "pair": { "type": "array", "prefixItems": [{ "enum": [1] }, {}], "items": {} },
                    "nested": {
                        "type": "array",
                        "items": { "type": "object", "properties": { "x": { "anyOf": [{}, { "not": {} }] } } },
                    },
                },
                "required": ["any", "kind", "both", "pair", "nested"],
                "additionalProperties": false,
            })
        );
    }

    #[test]
    fn optional_properties_lose_their_null() {
        let schema = json!({
            "properties": {
                "a": { "type": ["string", "null"], "description": "A" },
                "b": { "anyOf": [{ "$ref": "#/$defs/B" }, { "type": "null" }], "description": "B" },
                "c": { "type": ["string", "null"] },
            },
            "required": ["c"],
        });
        let properties = &accepted(&schema)["properties"];
        assert_eq!(properties["a"], json!({ "type": "string", "description": "A" }));
        assert_eq!(properties["b"], json!({ "$ref": "#/$defs/B", "description": "B" }));
        assert_eq!(properties["c"], json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }));
    }

    #[test]
    fn a_tool_without_arguments_has_an_object_schema() {
        assert_eq!(accepted(&json!({})), json!({ "type": "object", "properties": {} }));
    }

    #[test]
    fn a_property_that_has_the_name_of_a_keyword_is_a_property() {
        let schema =
            json!({ "type": "object", "properties": { "const": { "type": "string" }, "oneOf": { "const": 1 } } });
        assert_eq!(accepted(&schema)["properties"], json!({ "const": { "type": "string" }, "oneOf": { "enum": [1] } }));
    }
}
