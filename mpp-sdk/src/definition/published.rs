//! Schemas that a tool publishes as they are written in a file.

use serde_json::Value;

/// Keywords that describe keys elsewhere than in `properties`.
const COMBINING: [&str; 6] = ["$ref", "allOf", "anyOf", "oneOf", "if", "$dynamicRef"];

/// Returns the schema in `text`. `#[tool]` has checked that it is one.
pub(super) fn schema(text: &'static str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns the schema of arguments in `text`. It refuses keys that it does not describe, as the handler does.
pub(super) fn arguments(text: &'static str) -> Value {
    let mut schema = schema(text);
    if let Value::Object(keywords) = &mut schema
        && keywords.get("additionalProperties") != Some(&Value::Bool(false))
    {
        let combines = COMBINING.iter().any(|keyword| keywords.contains_key(*keyword));
        let keyword = if combines { "unevaluatedProperties" } else { "additionalProperties" };
        // An explicit `true`, and a schema of other keys, would promise keys that no parameter takes.
        keywords.insert(keyword.to_owned(), Value::Bool(false));
        if combines {
            keywords.shift_remove("additionalProperties");
        }
    }
    schema
}
