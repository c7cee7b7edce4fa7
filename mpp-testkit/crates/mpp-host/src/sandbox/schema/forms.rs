//! Forms: the alternatives that a schema lists, and the key that tells them apart.

use serde_json::Value;

/// Maximum depth of nested parts and references.
const DEEPEST: usize = 8;

/// What the tag of an object says about the forms of its schema.
pub(super) enum Tagged<'s> {
    /// The object has the tag of the form with this index.
    Form(usize),
    /// The tag is missing, or no form has it.
    Wrong { key: &'s str, choices: Vec<&'s Value> },
}

/// Returns the form that the tag of `value` names; `None` if the forms at the JSON pointer `path` have no tag.
pub(super) fn tagged<'s>(root: &'s Value, path: &str, value: &Value) -> Option<Tagged<'s>> {
    let forms = root.pointer(path)?.as_array()?;
    let members = value.as_object()?;
    let objects: Vec<(usize, &'s Value)> = forms
        .iter()
        .map(|form| resolved(form, root))
        .enumerate()
        .filter(|(_, form)| form.get("properties").is_some())
        .collect();
    let (_, first) = objects.first().filter(|_| objects.len() > 1)?;
    let key = first.get("properties")?.as_object()?.keys().find(|key| is_tag(key, &objects))?;
    let given = members.get(key);
    let of_tag = objects.iter().find(|(_, form)| given.is_some_and(|given| choices(form, key).contains(&given)));
    Some(match of_tag {
        Some((index, _)) => Tagged::Form(*index),
        None => Tagged::Wrong { key, choices: objects.iter().flat_map(|(_, form)| choices(form, key)).collect() },
    })
}

/// Returns whether `key` is required in each form, with values that no other form has.
fn is_tag(key: &str, forms: &[(usize, &Value)]) -> bool {
    let mut seen: Vec<&Value> = Vec::new();
    forms.iter().all(|(_, form)| {
        let required = form.get("required").and_then(Value::as_array);
        let values = choices(form, key);
        let is_distinct = !values.is_empty() && values.iter().all(|value| !seen.contains(value));
        seen.extend(values);
        is_distinct && required.is_some_and(|required| required.iter().any(|name| name == key))
    })
}

/// Returns the values that a form lists for a member.
fn choices<'s>(form: &'s Value, key: &str) -> Vec<&'s Value> {
    let Some(member) = form.get("properties").and_then(|members| members.get(key)) else { return Vec::new() };
    match (member.get("const"), member.get("enum").and_then(Value::as_array)) {
        (Some(value), _) => vec![value],
        (None, Some(values)) => values.iter().collect(),
        (None, None) => Vec::new(),
    }
}

/// Follows references.
fn resolved<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let mut schema = schema;
    for _ in 0..DEEPEST {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        match target.and_then(|pointer| root.pointer(pointer)) {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// Appends the keys that an object may have, in any of its forms.
pub(super) fn keys(schema: &Value, root: &Value, found: &mut Vec<String>) {
    collect(schema, root, found, 0);
}

fn collect(schema: &Value, root: &Value, found: &mut Vec<String>, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    let own = schema.get("properties").and_then(Value::as_object);
    for (key, _) in own.into_iter().flatten() {
        if !found.contains(key) {
            found.push(key.clone());
        }
    }
    if schema.get("$ref").is_some() {
        let target = resolved(schema, root);
        if !std::ptr::eq(target, schema) {
            collect(target, root, found, depth + 1);
        }
    }
    for keyword in ["allOf", "anyOf", "oneOf"] {
        for part in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
            collect(part, root, found, depth + 1);
        }
    }
}
