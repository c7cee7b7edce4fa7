//! Markers that `#[mpp::data]` leaves in schemas for what schemars does not know. They are never published.

use serde_json::Value;

use super::{Keywords, Side};

/// Other names of a field (a list), or of a variant (an object with the tag's key and the names).
pub(super) const ALIASES: &str = "x-mpp-aliases";
/// The type ignores unknown keys: `#[mpp::data(open)]`.
const OPEN: &str = "x-mpp-open";
/// `null` means something else than a key that is left out.
pub(super) const NULLABLE: &str = "x-mpp-nullable";
/// The variant stands for all names that are not listed, `#[serde(other)]`: the key of the tag, or `null`.
const OTHER: &str = "x-mpp-other";

/// Returns whether the object is open. The forms of an open enum are open, too.
pub(super) fn take_open(keywords: &mut Keywords) -> bool {
    let is_open = keywords.shift_remove(OPEN).is_some();
    if is_open {
        for keyword in ["oneOf", "anyOf"] {
            for form in keywords.get_mut(keyword).and_then(Value::as_array_mut).into_iter().flatten() {
                open(form);
            }
        }
    }
    is_open
}

/// Marks a form of an open enum and, if it is an object with a single key of its own, the content under that key.
fn open(form: &mut Value) {
    let Value::Object(form) = form else { return };
    let has_content = form.get("additionalProperties") == Some(&Value::Bool(false));
    if !has_content && form.contains_key("properties") {
        form.insert(OPEN.to_owned(), Value::Bool(true));
    }
    if let Some(Value::Object(members)) = form.get_mut("properties") {
        for member in members.values_mut().filter_map(Value::as_object_mut) {
            if member.contains_key("properties") && !member.contains_key("additionalProperties") && has_content {
                member.insert(OPEN.to_owned(), Value::Bool(true));
            }
        }
    }
}

/// Returns whether `null` must stay in the schema of a key that may be left out.
pub(super) fn take_nullable(keywords: &mut Keywords) -> bool {
    keywords.shift_remove(NULLABLE).is_some()
}

/// Publishes other names of fields and variants for arguments, and removes the markers.
pub(super) fn apply(keywords: &mut Keywords, side: Side) {
    let is_argument = side == Side::Arguments;
    if let Some(tag) = keywords.shift_remove(OTHER).filter(|_| is_argument) {
        let tag = tag.as_str().map(str::to_owned);
        let choices = match (tag, keywords.get_mut("properties")) {
            (Some(tag), Some(properties)) => properties.get_mut(tag).and_then(Value::as_object_mut),
            _ => Some(&mut *keywords),
        };
        choices.map(|choices| choices.shift_remove("enum"));
    }
    fields(keywords, is_argument);
    // A list of names belongs to a field, and the object around it removes it.
    if keywords.get(ALIASES).is_some_and(Value::is_object)
        && let Some(Value::Object(marker)) = keywords.shift_remove(ALIASES)
        && is_argument
    {
        let names: Vec<Value> = marker.get("names").and_then(Value::as_array).cloned().unwrap_or_default();
        variant(keywords, marker.get("tag").and_then(Value::as_str), names);
    }
}

/// Adds the other names of fields, each after its field. One of the names of a required field must be given.
fn fields(keywords: &mut Keywords, is_argument: bool) {
    let Some(Value::Object(properties)) = keywords.get_mut("properties") else { return };
    let mut aliased: Vec<(String, Vec<String>)> = Vec::new();
    for (key, schema) in properties.iter_mut() {
        if let Some(Value::Array(names)) = schema.as_object_mut().and_then(|schema| schema.shift_remove(ALIASES)) {
            aliased.push((key.clone(), names.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
        }
    }
    if !is_argument {
        return;
    }
    let mut choices: Vec<Value> = Vec::new();
    for (key, names) in &aliased {
        let place = properties.keys().position(|known| known == key).unwrap_or(0);
        for (index, name) in names.iter().enumerate() {
            let mut schema = properties.get(key).cloned().unwrap_or_default();
            if let Some(schema) = schema.as_object_mut() {
                schema.insert("description".to_owned(), Value::from(format!("Another name of `{key}`.")));
            }
            match properties.contains_key(name) {
                true => properties.insert(name.clone(), schema),
                false => {
                    properties.shift_insert(place + 1 + index.min(properties.len() - place - 1), name.clone(), schema)
                }
            };
        }
    }
    for (key, names) in aliased {
        let Some(Value::Array(required)) = keywords.get_mut("required") else { continue };
        let before = required.len();
        required.retain(|known| known != &key);
        if required.len() == before {
            continue;
        }
        let names = std::iter::once(key).chain(names);
        choices.push(names.map(|name| serde_json::json!({ "required": [name] })).collect());
    }
    if keywords.get("required").and_then(Value::as_array).is_some_and(Vec::is_empty) {
        keywords.shift_remove("required");
    }
    match choices.len() {
        0 => {}
        1 => {
            keywords.extend(choices.pop().map(|choice| ("anyOf".to_owned(), choice)));
        }
        _ => {
            let all = choices.into_iter().map(|choice| serde_json::json!({ "anyOf": choice })).collect();
            keywords.insert("allOf".to_owned(), all);
        }
    }
}

/// Adds the other names of a variant: to the choices of its tag, or as further forms.
fn variant(keywords: &mut Keywords, tag: Option<&str>, names: Vec<Value>) {
    if let Some(Value::Array(choices)) = keywords.get_mut("enum") {
        let own_name = choices.first().and_then(Value::as_str).map(str::to_owned);
        choices.extend(names);
        // The text is about this variant, and not about all that the list contains.
        if let (Some(name), Some(Value::String(text))) = (own_name, keywords.get_mut("description")) {
            *text = format!("- `{name}`: {text}");
        }
        return;
    }
    let Some(Value::Object(properties)) = keywords.get_mut("properties") else { return };
    match tag {
        Some(tag) => {
            if let Some(Value::Array(choices)) = properties.get_mut(tag).and_then(|schema| schema.get_mut("enum")) {
                choices.extend(names);
            }
        }
        // `{ "Name": content }`
        None if properties.len() == 1 => {
            let form = keywords.clone();
            let members = form.get("properties").and_then(Value::as_object);
            let Some((_, content)) = members.and_then(|members| members.iter().next()) else { return };
            let mut forms = vec![Value::Object(form.clone())];
            for name in names {
                let mut other = form.clone();
                if let Some(key) = name.as_str() {
                    other.insert("properties".to_owned(), serde_json::json!({ key: content }));
                }
                other.insert("required".to_owned(), Value::Array(vec![name]));
                forms.push(Value::Object(other));
            }
            keywords.clear();
            keywords.insert("anyOf".to_owned(), Value::Array(forms));
        }
        None => {}
    }
}
