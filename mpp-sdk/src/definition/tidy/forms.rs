//! Forms: the alternatives of a schema, written with `anyOf` and `enum`.

use serde_json::Value;

use super::{ANNOTATIONS, Keywords};

/// Returns the type that a keyword applies to; `None` if it applies to every type.
///
/// Code and not a table: the packer removes the code that computes definitions, but not its data.
fn type_of(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "minLength" | "maxLength" | "pattern" | "format" => "string",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => "number",
        "minItems" | "maxItems" | "uniqueItems" | "contains" => "array",
        "minProperties" | "maxProperties" | "required" => "object",
        // `items` and `prefixItems`; `properties`, `additionalProperties` and the like.
        _ if keyword.ends_with("tems") => "array",
        _ if keyword.ends_with("roperties") || keyword == "propertyNames" => "object",
        _ => return None,
    })
}

/// Replaces an array of types by one form for each.
pub(super) fn split_types(keywords: &mut Keywords) {
    if !matches!(keywords.get("type"), Some(Value::Array(_))) || keywords.contains_key("anyOf") {
        return;
    }
    let Some(Value::Array(types)) = keywords.shift_remove("type") else { return };
    let mut whole = std::mem::take(keywords);
    for annotation in ANNOTATIONS {
        keywords.extend(whole.shift_remove_entry(annotation));
    }
    let forms = types.iter().filter_map(Value::as_str).map(|kind| Value::Object(of_type(&whole, kind))).collect();
    keywords.insert("anyOf".to_owned(), Value::Array(forms));
    unwrap_single(keywords);
}

/// Returns the part of a schema that applies to one type.
fn of_type(whole: &Keywords, kind: &str) -> Keywords {
    let mut form = Keywords::new();
    form.insert("type".to_owned(), Value::from(kind));
    let family = if kind == "integer" { "number" } else { kind };
    for (keyword, value) in whole {
        if type_of(keyword).is_some_and(|owner| owner != family) {
            continue;
        }
        let value = match (keyword.as_str(), value) {
            ("enum", Value::Array(values)) => {
                values.iter().filter(|value| is_of_type(value, kind)).cloned().collect::<Vec<_>>().into()
            }
            (_, value) => value.clone(),
        };
        // `{ "type": "null", "enum": [null] }` says the same twice.
        if keyword != "enum" || kind != "null" {
            form.insert(keyword.clone(), value);
        }
    }
    form
}

fn is_of_type(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || (kind == "integer" && !number.is_f64()),
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

/// Describes the items of a tuple beside `prefixItems`, or instead of them if they are all alike.
pub(super) fn complete_tuple(keywords: &mut Keywords) {
    let Some(Value::Array(parts)) = keywords.get("prefixItems") else { return };
    let mut kinds: Vec<Value> = Vec::new();
    for part in parts {
        if !kinds.contains(part) {
            kinds.push(part.clone());
        }
    }
    let items = match kinds.len() {
        0 => return,
        1 => kinds.remove(0),
        _ => serde_json::json!({ "anyOf": kinds }),
    };
    if parts.iter().all(|part| *part == items) {
        keywords.shift_remove("prefixItems");
    }
    keywords.entry("items").or_insert(items);
}

/// Simplifies `anyOf`: forms of forms become forms, and all lists of strings become one.
pub(super) fn join(keywords: &mut Keywords) {
    let Some(Value::Array(forms)) = keywords.shift_remove("anyOf") else { return };
    let mut joined: Vec<Value> = Vec::new();
    let mut words: Option<(usize, Words)> = None;
    for form in spliced(forms) {
        if let Some(more) = Words::of(&form) {
            match &mut words {
                Some((_, words)) => words.add(more),
                None => {
                    words = Some((joined.len(), more));
                    joined.push(Value::Null);
                }
            }
        } else if !joined.contains(&form) {
            joined.push(form);
        }
    }
    if let Some((at, words)) = words {
        joined[at] = words.into_schema();
    }
    keywords.insert("anyOf".to_owned(), Value::Array(joined));
    unwrap_single(keywords);
}

/// Replaces forms that are nothing but lists of forms by these forms.
fn spliced(forms: Vec<Value>) -> Vec<Value> {
    let mut flat = Vec::new();
    for form in forms {
        match form {
            Value::Object(mut form) if form.len() == 1 && matches!(form.get("anyOf"), Some(Value::Array(_))) => {
                if let Some(Value::Array(inner)) = form.shift_remove("anyOf") {
                    flat.extend(inner);
                }
            }
            form => flat.push(form),
        }
    }
    flat
}

/// A list of strings, each with its description.
struct Words {
    values: Vec<Value>,
    descriptions: Vec<String>,
}

impl Words {
    /// Returns the strings of a form that is nothing but a list of strings.
    fn of(form: &Value) -> Option<Self> {
        let form = form.as_object()?;
        if form.get("type")?.as_str()? != "string" {
            return None;
        }
        let known = ["type", "enum", "description", "title", "deprecated", super::markers::ALIASES];
        if !form.keys().all(|key| known.contains(&key.as_str())) {
            return None;
        }
        let values = form.get("enum")?.as_array()?.clone();
        let description = form.get("description").and_then(Value::as_str);
        let descriptions = match (values.as_slice(), description) {
            ([Value::String(name)], Some(text)) => vec![format!("- `{name}`: {text}")],
            // The text is about all of the strings.
            (_, Some(text)) => vec![text.to_owned()],
            (_, None) => Vec::new(),
        };
        Some(Self { values, descriptions })
    }

    fn add(&mut self, more: Self) {
        self.values.extend(more.values);
        self.descriptions.extend(more.descriptions);
    }

    fn into_schema(self) -> Value {
        let mut schema = Keywords::new();
        schema.insert("type".to_owned(), Value::from("string"));
        schema.insert("enum".to_owned(), Value::Array(self.values));
        if !self.descriptions.is_empty() {
            schema.insert("description".to_owned(), Value::from(self.descriptions.join("\n")));
        }
        Value::Object(schema)
    }
}

/// Removes the form `null`.
pub(super) fn without_null(keywords: &mut Keywords) {
    let is_null = |form: &Value| form.get("type").and_then(Value::as_str) == Some("null");
    let Some(Value::Array(forms)) = keywords.get_mut("anyOf") else { return };
    if forms.iter().all(is_null) {
        return;
    }
    forms.retain(|form| !is_null(form));
    unwrap_single(keywords);
}

/// Returns the list of choices in the description of an enum, without the text before it.
fn choices(description: &str) -> Option<&str> {
    let start = if description.starts_with("- `") { 0 } else { description.find("\n- `")? + 1 };
    Some(&description[start..])
}

/// Replaces a list of one form by this form. What is said beside the list takes precedence; descriptions of the choices of
/// an enum are added to the description beside it.
fn unwrap_single(keywords: &mut Keywords) {
    let Some(Value::Array(forms)) = keywords.get_mut("anyOf") else { return };
    if forms.len() != 1 || !forms[0].is_object() {
        return;
    }
    let Some(Value::Object(form)) = forms.pop() else { return };
    keywords.shift_remove("anyOf");
    for (key, value) in form {
        match (key.as_str(), keywords.get_mut(&key), value) {
            ("description", Some(Value::String(outer)), Value::String(inner)) => {
                if let Some(choices) = choices(&inner) {
                    outer.push('\n');
                    outer.push_str(choices);
                }
            }
            (_, Some(_), _) => {}
            (_, None, value) => {
                keywords.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Keywords, join, without_null};

    /// The description of an optional enum, with `outer` beside it.
    fn described(outer: Option<&str>, inner: &str) -> String {
        let mut keywords = Keywords::new();
        let choices = json!({ "type": "string", "enum": ["name", "company"], "description": inner });
        keywords.insert("anyOf".to_owned(), json!([choices, { "type": "null" }]));
        if let Some(outer) = outer {
            keywords.insert("description".to_owned(), json!(outer));
        }
        join(&mut keywords);
        without_null(&mut keywords);
        assert_eq!(keywords["enum"], json!(["name", "company"]));
        keywords["description"].as_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_description_of_an_enum_is_not_taken_for_that_of_its_first_choice() {
        let inner = "A field of an entry.\n- `name`: The name.\n- `company`: The company.";
        assert_eq!(
            described(Some("Search in this field only."), inner),
            "Search in this field only.\n- `name`: The name.\n- `company`: The company."
        );
        assert_eq!(described(None, inner), inner);
        assert_eq!(described(Some("Search in this field only."), "A field of an entry."), "Search in this field only.");
    }
}
