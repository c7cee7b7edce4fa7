//! Objects with flattened enums: the members of the object become members of each form.
//!
//! schemars writes the object's own members beside `oneOf`, and each form sees only its own. Such an object can be closed
//! only with `unevaluatedProperties`, which models and validators read badly.

use serde_json::Value;

use super::{ANNOTATIONS, Keywords};

/// Maximum number of forms that the members are copied to.
const MOST_FORMS: usize = 32;

/// Moves the members of an object with forms into the forms, if that is possible.
pub(super) fn merge(keywords: &mut Keywords) {
    if !keywords.contains_key("properties") || !is_composed(keywords) {
        return;
    }
    let Some(forms) = expanded(keywords) else { return };
    let mut whole = Keywords::new();
    for annotation in ANNOTATIONS {
        whole.extend(keywords.shift_remove_entry(annotation));
    }
    whole.extend(keywords.shift_remove_entry("$defs"));
    whole.insert("anyOf".to_owned(), forms.into_iter().map(Value::Object).collect());
    *keywords = whole;
}

fn is_composed(keywords: &Keywords) -> bool {
    ["allOf", "anyOf", "oneOf"].iter().any(|keyword| keywords.contains_key(*keyword))
}

/// Returns the forms of a composed object, each with all its members; `None` if a part is not a plain object.
fn expanded(keywords: &Keywords) -> Option<Vec<Keywords>> {
    let mut base = keywords.clone();
    let mut groups: Vec<Vec<Value>> = Vec::new();
    for keyword in ["oneOf", "anyOf"] {
        if let Some(Value::Array(forms)) = base.shift_remove(keyword) {
            groups.push(forms);
        }
    }
    if let Some(Value::Array(parts)) = base.shift_remove("allOf") {
        groups.extend(parts.into_iter().map(|part| vec![part]));
    }
    if ["$ref", "not", "if", "enum", "const"].iter().any(|keyword| base.contains_key(*keyword)) {
        return None;
    }
    if base.get("type").is_some_and(|kind| kind != "object") {
        return None;
    }
    let is_root_of_forms = !groups.is_empty();
    let mut forms = vec![base];
    if is_root_of_forms {
        // They describe the whole, and stay with it.
        for annotation in ANNOTATIONS.iter().chain(&["$defs"]) {
            forms[0].shift_remove(*annotation);
        }
    }
    for group in groups {
        let mut parts = Vec::new();
        for part in &group {
            parts.extend(expanded(part.as_object()?)?);
        }
        if forms.len() * parts.len() > MOST_FORMS {
            return None;
        }
        forms = forms.iter().flat_map(|form| parts.iter().map(|part| joined(form, part))).collect();
    }
    Some(forms)
}

/// Returns the object with the members of both.
fn joined(left: &Keywords, right: &Keywords) -> Keywords {
    let mut whole = left.clone();
    for (keyword, value) in right {
        match (whole.get_mut(keyword), value) {
            (Some(Value::Object(members)), Value::Object(more)) if keyword.ends_with("roperties") => {
                members.extend(more.clone());
            }
            (Some(Value::Array(keys)), Value::Array(more)) if keyword == "required" => keys.extend(more.clone()),
            (Some(Value::Bool(false)), value) => {
                whole.insert(keyword.clone(), value.clone());
            }
            (Some(_), _) => {}
            (None, value) => {
                whole.insert(keyword.clone(), value.clone());
            }
        }
    }
    whole
}
