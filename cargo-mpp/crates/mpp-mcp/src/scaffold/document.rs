//! The schemas inside a JSON Schema, and the places that `$ref` names.

use serde_json::{Map, Value};

/// Keywords whose value is a schema.
const ONE: &[&str] = &[
    "items",
    "additionalItems",
    "additionalProperties",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contains",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
const MANY: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems", "items"];
/// Keywords whose value is an object of schemas.
const NAMED: &[&str] = &["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
/// Keywords among these whose schemas apply to the same value as the schema that contains them.
const IN_PLACE: &[&str] = &["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"];

/// A schema inside of another one.
pub(super) struct Child<'a> {
    /// The JSON pointer from the schema that contains it, for example `/properties/name`.
    pub(super) pointer: String,
    pub(super) schema: &'a Value,
    /// Whether it applies to the same value as the schema that contains it.
    pub(super) is_in_place: bool,
}

/// Returns the schemas directly inside of a schema.
pub(super) fn children(schema: &Value) -> Vec<Child<'_>> {
    let Value::Object(keywords) = schema else { return Vec::new() };
    let mut found = Vec::new();
    for (keyword, value) in keywords {
        let word = keyword.as_str();
        let is_in_place = IN_PLACE.contains(&word);
        let mut add = |pointer: String, schema| found.push(Child { pointer, schema, is_in_place });
        match value {
            Value::Object(schemas) if NAMED.contains(&word) => {
                for (key, schema) in schemas.iter().filter(|(_, schema)| schema.is_object() || schema.is_boolean()) {
                    add(format!("/{keyword}/{}", escaped(key)), schema);
                }
            }
            Value::Array(schemas) if MANY.contains(&word) => {
                for (index, schema) in schemas.iter().enumerate() {
                    add(format!("/{keyword}/{index}"), schema);
                }
            }
            Value::Object(_) | Value::Bool(_) if ONE.contains(&word) => add(format!("/{keyword}"), value),
            _ => {}
        }
    }
    found
}

/// Returns the pointers of all object schemas in a document, each before those inside of it.
pub(super) fn all(root: &Value) -> Vec<String> {
    let mut open = vec![(String::new(), root)];
    let mut found = Vec::new();
    while let Some((pointer, schema)) = open.pop() {
        if schema.is_object() {
            open.extend(
                children(schema).into_iter().rev().map(|child| (format!("{pointer}{}", child.pointer), child.schema)),
            );
            found.push(pointer);
        }
    }
    found
}

/// Returns the keywords of the schema at a pointer.
pub(super) fn keywords_mut<'a>(root: &'a mut Value, pointer: &str) -> Option<&'a mut Map<String, Value>> {
    root.pointer_mut(pointer)?.as_object_mut()
}

/// Returns the pointer that a `$ref` names, if it leads to a schema in the same document.
pub(super) fn target(root: &Value, reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decoded(fragment)?;
    let is_pointer = pointer.is_empty() || pointer.starts_with('/');
    let schema = is_pointer.then(|| root.pointer(&pointer))??;
    (schema.is_object() || schema.is_boolean()).then_some(pointer)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Returns a key as part of a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_schemas_and_not_the_data() {
        let root = json!({
            "properties": { "$ref": { "type": "string" }, "a/b": { "items": [true, { "not": {} }] } },
            "default": { "properties": { "x": {} } },
            "enum": [{ "items": {} }],
        });
        assert_eq!(
            all(&root),
            ["", "/properties/$ref", "/properties/a~1b", "/properties/a~1b/items/1", "/properties/a~1b/items/1/not"]
        );
    }

    #[test]
    fn references_lead_to_schemas_of_the_same_document() {
        let root = json!({ "$defs": { "a b": {}, "n": 1 } });
        assert_eq!(target(&root, "#").as_deref(), Some(""));
        assert_eq!(target(&root, "#/$defs/a%20b").as_deref(), Some("/$defs/a b"));
        for elsewhere in ["#/$defs/n", "#/$defs/x", "#name", "https://example.com/a.json", "other.json#/a", "#/%zz"] {
            assert_eq!(target(&root, elsewhere), None, "{elsewhere}");
        }
    }
}
