//! Validation of a manifest against its JSON Schema, with errors that name the mistake and its place.
//!
//! The published schema of the manifest is the one that is enforced. This module supports only those keywords of JSON
//! Schema that the manifest's schema uses; `pattern` is left to [`super::rules`], which gives better messages.

use std::sync::LazyLock;

use mpp_sdk::wire::did_you_mean;
use serde_json::{Map, Value};

use super::ManifestError;
use crate::codes;
use crate::package::json::pointer_part;

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("schema.json")).unwrap_or_default());

/// Returns the JSON Schema (2020-12) of the manifest.
pub(super) fn schema() -> &'static Value {
    &SCHEMA
}

/// Checks `value` against the schema.
pub(super) fn check(value: &Value) -> Result<(), ManifestError> {
    walk(value, schema(), "")
}

fn walk(value: &Value, schema: &Value, pointer: &str) -> Result<(), ManifestError> {
    if let Some(target) = schema["$ref"].as_str().and_then(|target| target.strip_prefix('#')) {
        return walk(value, self::schema().pointer(target).unwrap_or(&Value::Null), pointer);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        // The choices differ in type, so the type selects the one to validate against.
        let choice = choices.iter().map(resolved).find(|choice| has_type(value, choice));
        return match choice {
            Some(choice) => walk(value, choice, pointer),
            None => Err(wrong_type(value, "a string or an object", pointer)),
        };
    }
    if !has_type(value, schema) {
        return Err(wrong_type(value, &type_words(schema), pointer));
    }
    match value {
        Value::Object(members) => walk_object(members, schema, pointer),
        Value::Array(items) => {
            bounds(items.len() as u64, schema, ["minItems", "maxItems"], "items", pointer)?;
            let item = &schema["items"];
            items.iter().enumerate().try_for_each(|(index, value)| walk(value, item, &format!("{pointer}/{index}")))
        }
        Value::String(text) => {
            bounds(text.chars().count() as u64, schema, ["minLength", "maxLength"], "characters", pointer)?;
            one_of(text, schema, pointer)
        }
        Value::Number(number) => {
            // A negative number is below every minimum in the schema, and so is 0, which represents it here.
            let found = number.as_u64().unwrap_or(0);
            bounds(found, schema, ["minimum", "maximum"], "", pointer).map_err(|error| {
                let message = error.message.replacen(&format!("found {found}"), &format!("found {number}"), 1);
                ManifestError { message, ..error }
            })
        }
        Value::Null | Value::Bool(_) => Ok(()),
    }
}

fn walk_object(members: &Map<String, Value>, schema: &Value, pointer: &str) -> Result<(), ManifestError> {
    let empty = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&empty);
    let rest = &schema["additionalProperties"];
    for name in members.keys() {
        if !properties.contains_key(name) && *rest == Value::Bool(false) {
            let hint = did_you_mean(name, properties.keys().map(String::as_str));
            let message = format!("unknown field `{name}`{hint}");
            let at = format!("{pointer}{}", pointer_part(name));
            let known = properties.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(
                ManifestError::new(&codes::G610, at, message).with_help(format!("the known fields are {known}"))
            );
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            return Err(ManifestError::new(&codes::G611, pointer, format!("the field `{name}` is missing")));
        }
    }
    bounds(members.len() as u64, schema, ["minProperties", "maxProperties"], "members", pointer)?;
    members.iter().try_for_each(|(name, value)| {
        let at = format!("{pointer}{}", pointer_part(name));
        match properties.get(name) {
            Some(property) => walk(value, property, &at),
            None if rest.is_object() => walk(value, rest, &at),
            None => Ok(()),
        }
    })
}

fn resolved(choice: &Value) -> &Value {
    choice["$ref"].as_str().and_then(|target| schema().pointer(target.strip_prefix('#')?)).unwrap_or(choice)
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(value: &Value, schema: &Value) -> bool {
    let types = types(schema);
    types.is_empty()
        || types.iter().any(|word| match *word {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            _ => false,
        })
}

fn type_words(schema: &Value) -> String {
    types(schema).iter().map(|word| with_article(word)).collect::<Vec<_>>().join(" or ")
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {word}")
}

fn wrong_type(value: &Value, expected: &str, pointer: &str) -> ManifestError {
    let found = match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Number(number) => format!("the number {number}"),
        Value::String(_) => "a string".to_owned(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    ManifestError::new(&codes::G612, pointer, format!("expected {expected}, found {found}"))
}

fn bounds(found: u64, schema: &Value, [min, max]: [&str; 2], unit: &str, pointer: &str) -> Result<(), ManifestError> {
    let (min, max) = (schema[min].as_u64().unwrap_or(0), schema[max].as_u64());
    if found >= min && max.is_none_or(|max| found <= max) {
        return Ok(());
    }
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let expected = match max {
        Some(max) => format!("{min} to {max}{unit}"),
        None => format!("at least {min}{unit}"),
    };
    Err(ManifestError::new(&codes::G613, pointer, format!("found {found}{unit}, expected {expected}")))
}

fn one_of(text: &str, schema: &Value, pointer: &str) -> Result<(), ManifestError> {
    let Some(choices) = schema["enum"].as_array() else { return Ok(()) };
    let words = || choices.iter().filter_map(Value::as_str);
    if words().any(|word| word == text) {
        return Ok(());
    }
    let list = words().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let message = format!("unknown value `{text}`{}", did_you_mean(text, words()));
    Err(ManifestError::new(&codes::G612, pointer, message).with_help(format!("the allowed values are {list}")))
}
