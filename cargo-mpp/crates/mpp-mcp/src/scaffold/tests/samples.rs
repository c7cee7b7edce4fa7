//! Arguments for a schema: valid ones, and mutations of them. Deterministic, so that a failure repeats.

use serde_json::{Map, Value, json};

/// Values that take the place of others.
fn strangers() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-7),
        json!(1.5),
        json!(1000),
        json!(""),
        json!("asc"),
        json!("12:30"),
        json!([]),
        json!(["a", "b", "c"]),
        json!(["a", "a"]),
        json!({}),
        json!({ "x": 1 }),
    ]
}

/// Returns samples: all keys, the required ones, each key left out, and each value replaced.
pub(super) fn of(schema: &Value) -> Vec<Value> {
    let whole = value(schema, schema, 0);
    let mut samples = vec![whole.clone(), json!({}), only_required(schema, &whole)];
    let mut places = Vec::new();
    pointers(&whole, String::new(), &mut places);
    for pointer in &places {
        samples.extend(without(&whole, pointer));
        for stranger in strangers() {
            let mut changed = whole.clone();
            if let Some(place) = changed.pointer_mut(pointer) {
                *place = stranger;
            }
            samples.push(changed);
        }
    }
    // `null` for a key that is left out is a difference that every port has.
    samples.retain(|sample| sample.is_object());
    samples
}

fn only_required(schema: &Value, whole: &Value) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    Value::Object(required.map(|key| (key.to_owned(), whole[key].clone())).collect::<Map<_, _>>())
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| {
            pointers(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| pointers(value, format!("{at}/{index}"), found));
        }
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

fn without(whole: &Value, pointer: &str) -> Option<Value> {
    let mut changed = whole.clone();
    let (parent, key) = pointer.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    changed.pointer_mut(parent)?.as_object_mut()?.remove(&key)?;
    Some(changed)
}

/// Returns a value that has the form of a schema.
fn value(root: &Value, schema: &Value, depth: usize) -> Value {
    if depth > 4 {
        return json!("deep");
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return match reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer)) {
            Some(target) => value(root, target, depth + 1),
            None => json!("lost"),
        };
    }
    for keyword in ["anyOf", "oneOf"] {
        if let (Some(first), None) = (schema[keyword].get(0), schema.get("properties")) {
            return value(root, first, depth + 1);
        }
    }
    if let Some(first) = schema["enum"].get(0).or_else(|| schema.get("const")) {
        return first.clone();
    }
    let word = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match word {
        Some("string") if schema.get("pattern").is_some() => json!("09:30"),
        Some("string") => json!("text"),
        Some("integer") => json!(3),
        Some("number") => json!(2.5),
        Some("boolean") => json!(true),
        Some("array") => json!([value(root, &schema["items"], depth + 1)]),
        Some("object") | None if schema.get("properties").is_some() => {
            let keys = schema["properties"].as_object().into_iter().flatten();
            Value::Object(keys.map(|(key, schema)| (key.clone(), value(root, schema, depth + 1))).collect())
        }
        Some("object") => match &schema["additionalProperties"] {
            item @ Value::Object(_) => json!({ "key": value(root, item, depth + 1) }),
            _ => json!({ "key": 1 }),
        },
        _ => json!("anything"),
    }
}
