//! Compares the tools that a server listed with those that a package publishes.

use mpp_host::definitions::{self, Class, Kind};
use mpp_host::wire::{ToolAnnotations, ToolDefinition};
use serde::Serialize;
use serde_json::{Value, json};

/// A difference between two definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DefinitionDifference {
    /// Name of the tool.
    pub tool: String,
    /// Path of the part that differs, such as `parameters/limit`; empty for the tool itself.
    pub place: String,
    /// Effect on clients of the server.
    pub class: Class,
    /// Kind of the difference.
    pub kind: Kind,
    /// Whether every port differs in this way: other wording, and objects that refuse unknown keys.
    pub is_expected: bool,
    /// The difference as a sentence.
    pub message: String,
}

/// The message of a change that closes an object.
const CLOSED: &str = "no longer allows unknown keys";

/// Compares `recorded`, items of `tools/list`, with the definitions of a package.
#[must_use]
pub fn compare(recorded: &[Value], published: &[ToolDefinition]) -> Vec<DefinitionDifference> {
    let old: Vec<ToolDefinition> = recorded.iter().filter_map(|tool| definition(tool, published)).collect();
    let changes = definitions::diff(&old, published);
    let differences = changes.as_slice().iter().map(|change| DefinitionDifference {
        tool: change.tool.clone(),
        place: change.place.clone(),
        class: change.class,
        kind: change.kind,
        is_expected: change.class == Class::Wording || change.message == CLOSED,
        message: match change.kind {
            Kind::ToolRemoved => "the package does not have this tool".to_owned(),
            Kind::ToolAdded => "the server does not have this tool".to_owned(),
            _ => {
                change.to_string().split_once(": ").map_or_else(|| change.message.clone(), |(_, rest)| rest.to_owned())
            }
        },
    });
    differences.collect()
}

/// Reads a tool of MCP as a definition that can be compared with those of the package.
fn definition(tool: &Value, published: &[ToolDefinition]) -> Option<ToolDefinition> {
    let name = tool.get("name")?.as_str()?;
    let text = |key: &str| tool.get(key).and_then(Value::as_str);
    let port = published.iter().find(|published| published.name == name);
    let parameters = tool.get("inputSchema").cloned().unwrap_or_else(|| json!({ "type": "object" }));
    let mut found = ToolDefinition::new(name, text("description").unwrap_or_default(), parameters);
    let hint = |name: &str| tool.get("annotations")?.get(name)?.as_bool();
    let annotations = tool.get("annotations").filter(|annotations| annotations.is_object()).map(|_| {
        let mut hints = ToolAnnotations::new();
        hints.read_only_hint = hint("readOnlyHint");
        hints.destructive_hint = hint("destructiveHint");
        hints.idempotent_hint = hint("idempotentHint");
        hints.open_world_hint = hint("openWorldHint");
        hints
    });
    found.annotations = annotations.filter(|hints| *hints != ToolAnnotations::new());
    let title = text("title").or_else(|| tool.pointer("/annotations/title").and_then(Value::as_str));
    found.title = title.map(str::to_owned);
    if let Some(port) = port {
        // A server has no security level.
        found.security_level = port.security_level;
        found.returns = returns(tool.get("outputSchema"), port.returns.as_ref());
    }
    Some(found)
}

/// Returns the schema of the result, in the form in which a package publishes it. Clients see the text of a structured result, so it
/// is not a difference that a server publishes no schema for it; and servers wrap results that are not objects.
fn returns(recorded: Option<&Value>, published: Option<&Value>) -> Option<Value> {
    let recorded = recorded.filter(|schema| schema.is_object());
    let Some(recorded) = recorded else { return published.cloned() };
    let members = recorded.get("properties").and_then(Value::as_object);
    let wrapped = members.filter(|members| members.len() == 1).and_then(|members| members.get("result"));
    match (wrapped, published) {
        (Some(inner), None) if inner.get("type") == Some(&json!("string")) => None,
        (Some(inner), Some(published)) if published.pointer("/properties/result").is_none() => {
            let mut inner = inner.clone();
            // References lead into the definitions of the whole schema.
            if let (Some(inner), Some(defs)) = (inner.as_object_mut(), recorded.get("$defs")) {
                inner.insert("$defs".to_owned(), defs.clone());
            }
            Some(inner)
        }
        _ => Some(recorded.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::compare;
    use mpp_host::wire::ToolDefinition;
    use serde_json::{Value, json};

    fn port(parameters: Value) -> ToolDefinition {
        ToolDefinition::new("find", "Finds people.", parameters)
    }

    #[test]
    fn other_wording_and_closed_objects_are_expected() {
        let recorded = json!({"name": "find", "description": "find", "inputSchema": {"type": "object", "title": "findArguments",
            "properties": {"query": {"type": "string", "title": "Query"}}, "required": ["query"]}});
        let parameters = json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"], "additionalProperties": false});
        let found = compare(&[recorded], &[port(parameters)]);
        assert!(!found.is_empty() && found.iter().all(|difference| difference.is_expected), "{found:#?}");
        assert!(
            found.iter().any(|difference| difference.message == "the list of arguments no longer allows unknown keys"),
            "{found:#?}"
        );
    }

    #[test]
    fn missing_extra_and_changed_tools_are_differences() {
        let recorded = [
            json!({"name": "find", "inputSchema": {"type": "object", "properties": {"limit": {"type": "integer", "maximum": 5}}}}),
            json!({"name": "gone", "inputSchema": {"type": "object"}}),
        ];
        let extra = ToolDefinition::new("extra", "", json!({"type": "object"}));
        let find = port(json!({"type": "object", "properties": {"limit": {"type": "integer", "maximum": 3}}}));
        let found = compare(&recorded, &[find, extra]);
        let unexpected: Vec<String> = found
            .iter()
            .filter(|found| !found.is_expected)
            .map(|found| format!("{}: {}", found.tool, found.message))
            .collect();
        assert_eq!(
            unexpected,
            [
                "extra: the server does not have this tool",
                "find: argument `/limit` may be at most 3, not 5 as before",
                "gone: the package does not have this tool",
            ]
        );
    }

    #[test]
    fn a_wrapped_result_is_compared_with_what_it_wraps() {
        let tool = |schema: Value| json!({"name": "find", "description": "Finds people.", "inputSchema": {"type": "object"}, "outputSchema": schema});
        let wrapped =
            |inner: Value| tool(json!({"type": "object", "properties": {"result": inner}, "required": ["result"]}));
        let object = json!({"type": "object"});
        let list = json!({"type": "array", "items": {"type": "integer"}});
        assert_eq!(compare(&[wrapped(json!({"type": "string"}))], &[port(object.clone())]), []);
        assert_eq!(compare(&[wrapped(list.clone())], &[port(object.clone()).returns(list.clone())]), []);
        assert_eq!(compare(&[tool(Value::Null)], &[port(object).returns(list)]), []);
    }
}
