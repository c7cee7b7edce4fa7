//! The tools of a package and their parameters.

use maud::{Markup, html};
use mpp_host::wire::SecurityLevel;
use serde_json::Value;

use super::super::text::{Shown, characters};
use super::super::view::PackageView;
use crate::protocol::files::ToolRecord;

/// Parameters that are listed; a tool with more has a note.
const MAX_PARAMETERS: usize = 40;

/// Renders the section.
pub(super) fn tools(view: &PackageView) -> Markup {
    let tools = &view.shown.tools;
    html! {
        section.card aria-labelledby="tools" {
            h2 #tools { @if tools.len() == 1 { "Tool" } @else { "Tools" } " " span.count { (tools.len()) } }
            @if tools.is_empty() { p.muted { "Nothing is known about the tools of this version." } }
            @for tool in tools { (one(tool, parameters(view, &tool.name))) }
        }
    }
}

fn one(tool: &ToolRecord, parameters: Option<&Value>) -> Markup {
    html! {
        article.tool {
            header {
                h3 { code { (characters(&tool.name)) } }
                @if let Some(title) = &tool.title { span.tool-title { (Shown(title)) } }
                (level(tool.security_level))
            }
            p.text { (Shown(&tool.description)) }
            @if let Some(parameters) = parameters { (table(parameters)) }
        }
    }
}

/// Renders a security level with the words that explain it.
fn level(level: SecurityLevel) -> Markup {
    let meaning = match level {
        SecurityLevel::Low => "reads nothing private and changes nothing",
        SecurityLevel::Medium => "reads private data",
        SecurityLevel::High => "changes data",
        SecurityLevel::Critical => "does something that cannot be undone, or moves money",
    };
    html! { span class={ "badge level-" (level) } title={ "As the author states it: " (meaning) } { (level) } }
}

fn parameters<'a>(view: &'a PackageView, tool: &str) -> Option<&'a Value> {
    let definitions = &view.manifest.as_ref()?.tool_definitions;
    definitions.iter().find(|definition| definition.name == tool).map(|definition| &definition.parameters)
}

fn table(schema: &Value) -> Markup {
    let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|all| !all.is_empty()) else {
        return html! { p.muted.small { "No parameters." } };
    };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    html! {
        details {
            summary { "Parameters " span.count { (properties.len()) } }
            dl.parameters {
                @for (name, property) in properties.iter().take(MAX_PARAMETERS) {
                    dt {
                        code { (characters(name)) } " "
                        span.type { (characters(&kind(property))) }
                        @if required.contains(&name.as_str()) { " " span.required { "required" } }
                    }
                    dd.text { (Shown(property.get("description").and_then(Value::as_str).unwrap_or_default())) }
                }
            }
            @if properties.len() > MAX_PARAMETERS {
                p.muted.small { "and " (properties.len() - MAX_PARAMETERS) " more" }
            }
        }
    }
}

/// Returns the type of a parameter in a word or two.
fn kind(property: &Value) -> String {
    let named = match property.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    let of = property.get("items").and_then(|items| items.get("type")).and_then(Value::as_str);
    match (named.as_str(), of) {
        ("array", Some(of)) => format!("array of {of}"),
        ("", _) if property.get("enum").is_some() => "one of a list".to_owned(),
        ("", _) => "any".to_owned(),
        _ => named,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::kind;

    #[test]
    fn types_are_named_in_a_word_or_two() {
        for (property, expected) in [
            (json!({"type": "string"}), "string"),
            (json!({"type": ["string", "null"]}), "string or null"),
            (json!({"type": "array", "items": {"type": "integer"}}), "array of integer"),
            (json!({"enum": [1, 2]}), "one of a list"),
            (json!({"$ref": "#/x"}), "any"),
            (json!(true), "any"),
        ] {
            assert_eq!(kind(&property), expected, "{property}");
        }
    }
}
