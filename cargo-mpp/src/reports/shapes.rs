//! JSON Schemas of parts of the manifest in reports. They are taken from the schema of the manifest.

use mpp_host::package::Manifest;
use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

/// The whole manifest.
pub(super) fn manifest(generator: &mut SchemaGenerator) -> Schema {
    part(generator, "", "The manifest of the package.")
}

/// `capabilities`.
pub(super) fn capabilities(generator: &mut SchemaGenerator) -> Schema {
    part(generator, "/properties/capabilities", "The capabilities that the package declares, as in its manifest.")
}

/// `privacy_filters`.
pub(super) fn privacy_filters(generator: &mut SchemaGenerator) -> Schema {
    part(generator, "/properties/privacy_filters", "The settings of the privacy filter, as in the manifest.")
}

/// The items of `tool_definitions`.
pub(super) fn tool_definition(generator: &mut SchemaGenerator) -> Schema {
    part(generator, "/properties/tool_definitions/items", "The definition of a tool, as in the manifest.")
}

/// The security level of a tool.
pub(super) fn security_level(generator: &mut SchemaGenerator) -> Schema {
    let pointer = "/properties/tool_definitions/items/properties/security_level";
    part(generator, pointer, "How much harm a call can do, in the author's judgement.")
}

/// A list of tool definitions.
pub(super) fn tool_definitions(generator: &mut SchemaGenerator) -> Schema {
    let items = tool_definition(generator);
    schemars::json_schema!({ "type": "array", "items": items })
}

/// Security levels by the name of the tool.
pub(super) fn levels_by_tool(generator: &mut SchemaGenerator) -> Schema {
    let level = security_level(generator);
    schemars::json_schema!({ "type": "object", "additionalProperties": level })
}

/// Returns a part of the manifest's schema, whose definitions are added to those of the generator.
fn part(generator: &mut SchemaGenerator, pointer: &str, description: &str) -> Schema {
    let whole = Manifest::json_schema();
    for (name, definition) in whole["$defs"].as_object().into_iter().flatten() {
        generator.definitions_mut().entry(name.clone()).or_insert_with(|| definition.clone());
    }
    let mut part = whole.pointer(pointer).cloned().unwrap_or_default();
    if let Some(members) = part.as_object_mut() {
        for member in ["$schema", "$id", "$defs", "title", "default"] {
            members.remove(member);
        }
        members.insert("description".to_owned(), Value::from(description));
    }
    Schema::try_from(part).unwrap_or_default()
}
