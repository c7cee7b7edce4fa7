//! The definitions of tools as `tools/list` publishes them.

use std::borrow::Cow;

use mpp_host::host::members;
use mpp_host::package::Manifest;
use mpp_host::wire::{ToolAnnotations, ToolDefinition};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::era::Era;
use super::{provider, widen};
use crate::visible::{visible, with_visible_descriptions};

/// How long a client may keep the list, in milliseconds. It is notified of changes, so the time is for clients that do not listen.
const LIST_TTL_MS: u32 = 60_000;

/// A published tool, in MCP's shape and order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Published<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Cow<'a, str>>,
    description: Cow<'a, str>,
    input_schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Hints<'a>>,
    #[serde(rename = "_meta")]
    meta: Value,
}

/// The hints, with the title where versions before 2025-06-18 look for it.
#[derive(Debug, Clone, Serialize)]
struct Hints<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(flatten)]
    hints: ToolAnnotations,
}

/// Returns the definition of a package's tool as JSON text. `name` is the name under which it is published.
pub(super) fn of_package(manifest: &Manifest, tool: &ToolDefinition, name: &str, era: Era) -> String {
    let title = tool.title.as_deref();
    let hints = tool.annotations.unwrap_or_default();
    let published = Published {
        name,
        title: title.map(Cow::Borrowed),
        description: Cow::Borrowed(&tool.description),
        input_schema: provider::accepted(&tool.parameters),
        output_schema: tool.returns.as_ref().map(|returns| output_schema(returns, era)),
        annotations: (title.is_some() || !hints.is_empty()).then_some(Hints { title, hints }),
        meta: json!({
            "mpp/package": manifest.package_id,
            "mpp/version": manifest.version.to_string(),
            "mpp/securityLevel": tool.security_level.as_str(),
        }),
    };
    // Serialising strings, maps with string keys and numbers cannot fail.
    serde_json::to_string(&published).unwrap_or_default()
}

/// Returns the definition of a server's tool as JSON text: as the server sent it, but under the published `name`, marked as unverified,
/// with an output schema that admits redactions, and without hidden characters in descriptions. `definition` is JSON text.
pub(super) fn of_server(server: &str, definition: &str, name: &str, level: &str, era: Era) -> String {
    let mut members = members(&with_visible_descriptions(definition)).unwrap_or_default();
    let parsed = |members: &[(String, Box<RawValue>)], key: &str| -> Value {
        let found = members.iter().find(|(name, _)| name == key);
        found.and_then(|(_, raw)| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    };
    let (own_name, title) = (parsed(&members, "name"), parsed(&members, "title"));
    let (mut hints, mut meta) = (parsed(&members, "annotations"), parsed(&members, "_meta"));
    let title = title.as_str().or(hints["title"].as_str()).or(own_name.as_str()).unwrap_or(name);
    let title = format!("{} (unverified)", visible(title));
    if !hints.is_object() {
        hints = json!({});
    }
    hints["title"] = json!(title);
    if !meta.is_object() {
        meta = json!({});
    }
    if let Some(meta) = meta.as_object_mut() {
        // Nobody but the host speaks for the host.
        meta.retain(|name, _| !name.starts_with("mpp/"));
        meta.insert("mpp/server".to_owned(), json!(server));
        meta.insert("mpp/unverified".to_owned(), json!(true));
        meta.insert("mpp/securityLevel".to_owned(), json!(level));
    }
    let returns = parsed(&members, "outputSchema");
    members.retain(|(name, _)| !matches!(name.as_str(), "name" | "title" | "annotations" | "_meta" | "outputSchema"));
    let mut text = format!(r#"{{"name":{},"title":{}"#, json!(name), json!(title));
    let more = members.iter().map(|(name, raw)| (name.as_str(), raw.get().to_owned()));
    let returns = returns.is_object().then(|| ("outputSchema", output_schema(&returns, era).to_string()));
    let marks = [("annotations", hints.to_string()), ("_meta", meta.to_string())];
    for (name, value) in more.chain(returns).chain(marks) {
        text.push_str(&format!(",{}:{value}", json!(name)));
    }
    text.push('}');
    text
}

/// Returns the schema of a result after the privacy filter.
fn output_schema(returns: &Value, era: Era) -> Value {
    let schema = widen::widened(returns);
    let is_object = schema.get("type").is_some_and(|kind| kind == "object");
    if era == Era::Modern || is_object {
        return schema;
    }
    // Versions before 2026-07-28 allow only objects. References within the schema start at its root, so definitions move there.
    let mut schema = schema;
    let definitions = schema.as_object_mut().and_then(|object| object.shift_remove("$defs"));
    let mut wrapped = json!({ "type": "object", "properties": { "result": schema }, "required": ["result"] });
    if let (Some(definitions), Some(object)) = (definitions, wrapped.as_object_mut()) {
        object.insert("$defs".to_owned(), definitions);
    }
    wrapped
}

/// Returns the result of `tools/list`: a JSON object as text. `tools` are definitions as JSON text.
pub(super) fn list<'a>(tools: impl Iterator<Item = &'a str>, era: Era) -> String {
    let mut text = match era {
        Era::Legacy => "{\"tools\":[".to_owned(),
        Era::Modern => {
            format!("{{\"resultType\":\"complete\",\"ttlMs\":{LIST_TTL_MS},\"cacheScope\":\"private\",\"tools\":[")
        }
    };
    for (index, tool) in tools.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(tool);
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_that_are_no_objects_are_wrapped_for_older_versions() {
        let returns =
            json!({ "type": "array", "items": { "$ref": "#/$defs/City" }, "$defs": { "City": { "type": "string" } } });
        assert_eq!(
            output_schema(&returns, Era::Legacy),
            json!({
                "type": "object",
                "properties": { "result": { "type": "array", "items": { "$ref": "#/$defs/City" } } },
                "required": ["result"],
                "$defs": { "City": { "type": "string" } },
            })
        );
        assert_eq!(output_schema(&returns, Era::Modern), returns);
    }

    #[test]
    fn a_tool_of_a_server_is_marked_and_keeps_what_is_not_known() -> Result<(), serde_json::Error> {
        let own = r#"{"name":"now","inputSchema":{"type":"object","maximum":12345678901234567890123.50},"icons":[ {"src":"x"} ],"outputSchema":{"type":"object","properties":{"n":{"type":"integer"}}},"annotations":{"title":"Now","readOnlyHint":true},"_meta":{"a":1,"mpp/unverified":false},"execution":{"taskSupport":"optional"}}"#;
        let text = of_server("time", own, "time__now", "medium", Era::Legacy);
        let parsed: Value = serde_json::from_str(&text)?;
        assert_eq!(
            parsed,
            json!({
                "name": "time__now", "title": "Now (unverified)", "icons": [{ "src": "x" }],
                "inputSchema": parsed["inputSchema"], "execution": { "taskSupport": "optional" },
                "outputSchema": { "type": "object", "properties": { "n": { "anyOf": [{ "type": "integer" }, { "type": "string" }] } } },
                "annotations": { "title": "Now (unverified)", "readOnlyHint": true },
                "_meta": { "a": 1, "mpp/server": "time", "mpp/unverified": true, "mpp/securityLevel": "medium" },
            })
        );
        assert!(text.contains(r#""maximum":12345678901234567890123.50}"#), "{text}");
        Ok(())
    }

    #[test]
    fn a_list_is_valid_json_in_both_eras() -> Result<(), serde_json::Error> {
        for era in [Era::Legacy, Era::Modern] {
            for tools in [&[][..], &["{}"][..], &["{\"name\":\"a\"}", "{\"name\":\"b\"}"][..]] {
                let list: Value = serde_json::from_str(&list(tools.iter().copied(), era))?;
                assert_eq!(list["tools"].as_array().map(Vec::len), Some(tools.len()));
                assert_eq!(list["resultType"] == "complete", era == Era::Modern);
            }
        }
        Ok(())
    }
}
