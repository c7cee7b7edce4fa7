//! The headers that repeat arguments of a call, for whatever forwards requests over HTTP (protocol version 2026-07-28).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The annotation of a property whose value a header repeats.
const ANNOTATION: &str = "x-mcp-header";

/// What surrounds a value that cannot be a header as it is.
const MARKS: (&str, &str) = ("=?base64?", "?=");

/// Deepest level of properties that is looked at.
const DEEPEST: usize = 32;

/// Returns the headers of a call: names and values. `definition` is the definition of the tool, and `arguments` those of the call, both
/// JSON objects as text.
pub(in crate::legacy) fn header_parameters(definition: &str, arguments: &str) -> Vec<(String, String)> {
    // Few tools have such parameters.
    if !definition.contains(ANNOTATION) {
        return Vec::new();
    }
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut headers = Vec::new();
    collect(&parse(definition)["inputSchema"], &parse(arguments), DEEPEST, &mut headers);
    headers
}

fn collect(schema: &Value, value: &Value, depth: usize, headers: &mut Vec<(String, String)>) {
    let Some(properties) = schema["properties"].as_object().filter(|_| depth > 0) else { return };
    for (name, property) in properties {
        let value = &value[name];
        if let Some(header) = property[ANNOTATION].as_str().filter(|header| !header.is_empty())
            && let Some(text) = text_of(value)
        {
            headers.push((format!("Mcp-Param-{header}"), encoded(&text)));
        }
        collect(property, value, depth - 1, headers);
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Returns a text as the value of a header.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = text.chars().all(|c| (' '..='~').contains(&c)) && text.trim() == text;
    if is_plain && !(text.starts_with(MARKS.0) && text.ends_with(MARKS.1)) {
        return text.to_owned();
    }
    format!("{}{}{}", MARKS.0, STANDARD.encode(text), MARKS.1)
}

#[cfg(test)]
mod tests {
    use super::{encoded, header_parameters};

    #[test]
    fn annotated_arguments_become_headers() {
        let definition = r#"{"inputSchema":{"properties":{
            "region":{"type":"string","x-mcp-header":"Region"},
            "place":{"type":"object","properties":{"floor":{"type":"integer","x-mcp-header":"Floor"}}},
            "other":{"type":"string"},
            "absent":{"type":"string","x-mcp-header":"Absent"}}}}"#;
        let arguments = r#"{"region":"Köln","place":{"floor":3},"other":"x"}"#;
        let expected = [("Mcp-Param-Region", "=?base64?S8O2bG4=?="), ("Mcp-Param-Floor", "3")];
        assert_eq!(
            header_parameters(definition, arguments),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(header_parameters(r#"{"inputSchema":{}}"#, arguments), []);
    }

    #[test]
    fn what_is_no_header_is_encoded() {
        for (text, value) in [("a b", "a b"), ("", ""), (" a", "=?base64?IGE=?="), ("a\nb", "=?base64?YQpi?=")] {
            assert_eq!(encoded(text), value);
        }
        assert_eq!(encoded("=?base64?YQ==?="), "=?base64?PT9iYXNlNjQ/WVE9PT89?=");
    }
}
