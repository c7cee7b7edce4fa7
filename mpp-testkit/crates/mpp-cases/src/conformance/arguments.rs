//! Arguments made from a schema: valid ones, and ones with a single mistake.

use mpp_host::wire::ToolDefinition;
use serde_json::{Map, Value, json};

/// How deep a schema is followed.
const DEEPEST: usize = 16;

/// Returns arguments that are likely valid; `None` if the schema demands more than is understood here.
pub(super) fn valid(definition: &ToolDefinition) -> Option<Map<String, Value>> {
    let root = serde_json::to_value(&definition.parameters).ok()?;
    match example(&root, &root, 0)? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// Returns a tool with a required argument, and that argument's name.
pub(super) fn required(definitions: &[ToolDefinition]) -> Option<(&ToolDefinition, String)> {
    definitions.iter().find_map(|definition| {
        let schema = serde_json::to_value(&definition.parameters).ok()?;
        let name = schema["required"].as_array()?.first()?.as_str()?.to_owned();
        valid(definition).map(|_| (definition, name))
    })
}

/// Returns a tool with an argument that accepts one simple type, the argument's name, and a value of another type.
pub(super) fn typed(definitions: &[ToolDefinition]) -> Option<(&ToolDefinition, String, Value)> {
    definitions.iter().find_map(|definition| {
        let schema = serde_json::to_value(&definition.parameters).ok()?;
        valid(definition)?;
        schema["properties"].as_object()?.iter().find_map(|(name, property)| {
            let wrong = match property["type"].as_str()? {
                "string" => json!(7),
                "integer" | "number" => json!("seven"),
                "boolean" => json!("maybe"),
                "array" | "object" => json!(true),
                _ => return None,
            };
            Some((definition, name.clone(), wrong))
        })
    })
}

/// Returns a tool whose arguments are closed and has one, and that argument's name.
pub(super) fn closed(definitions: &[ToolDefinition]) -> Option<(&ToolDefinition, String)> {
    definitions.iter().find_map(|definition| {
        let schema = serde_json::to_value(&definition.parameters).ok()?;
        valid(definition)?;
        let name = schema["properties"].as_object()?.keys().find(|name| name.len() > 3)?.clone();
        (schema["additionalProperties"] == false).then_some((definition, name))
    })
}

/// Returns a value that matches a schema, as far as it is understood.
fn example(schema: &Value, root: &Value, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
        return example(root.pointer(pointer.strip_prefix('#')?)?, root, depth + 1);
    }
    for key in ["const", "default"] {
        if let Some(value) = schema.get(key) {
            return Some(value.clone());
        }
    }
    for key in ["enum", "examples"] {
        if let Some(value) = schema.get(key).and_then(Value::as_array).and_then(|values| values.first()) {
            return Some(value.clone());
        }
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(choices) = schema.get(key).and_then(Value::as_array) {
            return choices.iter().find_map(|choice| example(choice, root, depth + 1));
        }
    }
    if schema.get("pattern").is_some() || schema.get("format").is_some() {
        return None;
    }
    let length = |key: &str| schema.get(key).and_then(Value::as_u64).unwrap_or(0);
    let kind = match schema.get("type") {
        Some(Value::String(kind)) => kind.as_str(),
        Some(Value::Array(kinds)) => kinds.first()?.as_str()?,
        _ => return Some(json!("x")),
    };
    Some(match kind {
        "string" => Value::from("x".repeat(usize::try_from(length("minLength").clamp(1, 10_000)).ok()?)),
        "integer" | "number" => match (schema.get("minimum"), schema.get("exclusiveMinimum"), schema.get("maximum")) {
            (Some(minimum), ..) => minimum.clone(),
            (None, Some(above), _) => json!(above.as_f64()?.floor() + 1.0),
            (None, None, Some(maximum)) if maximum.as_f64()? < 1.0 => maximum.clone(),
            _ => json!(1),
        },
        "boolean" => json!(false),
        "null" => Value::Null,
        "array" => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            let item = || example(items, root, depth + 1);
            Value::Array((0..length("minItems").min(100)).map(|_| item()).collect::<Option<_>>()?)
        }
        "object" => {
            let names = schema.get("required").and_then(Value::as_array);
            let mut members = Map::new();
            for name in names.into_iter().flatten().filter_map(Value::as_str) {
                members.insert(name.to_owned(), example(&schema["properties"][name], root, depth + 1)?);
            }
            Value::Object(members)
        }
        _ => return None,
    })
}
