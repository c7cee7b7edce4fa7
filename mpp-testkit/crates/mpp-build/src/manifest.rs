//! Derives the manifest from `Cargo.toml`, an optional `manifest.json`, and the definitions reported by the module.

use mpp_host::package::manifest::{Manifest, RuntimeKind};
use mpp_sdk::wire::ToolDefinition;
use serde_json::{Map, Value, json};

use crate::cargo::env;
use crate::error::BuildError;
use crate::project::{CargoProject, ManifestFile, Project, Source, label};
use crate::toolchain::Declared;

/// Default archive entry of the module.
const ENTRYPOINT: &str = "bin/main.wasm";

/// A manifest that still lacks the tool definitions of the module.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    fields: Map<String, Value>,
}

impl Draft {
    /// Reads the draft from the project's files.
    pub(crate) fn from_project(project: &Project) -> Self {
        let mut fields = match &project.source {
            Source::Cargo(package, base) => {
                let mut fields = fields_from_cargo(package);
                overlay(&mut fields, base.as_ref());
                fields
            }
            Source::Module(file, toolchain) => {
                let mut fields = file.fields.clone();
                add_defaults(&mut fields, toolchain.kind(project.dir()));
                fields
            }
        };
        fields.entry("mpp_version").or_insert_with(|| "1.0.0".into());
        Self { fields }
    }

    /// Returns the archive entry of the module.
    pub(crate) fn entrypoint(&self) -> &str {
        self.fields.get("runtime").and_then(|r| r.get("entrypoint")).and_then(Value::as_str).unwrap_or(ENTRYPOINT)
    }

    /// Returns whether the project's files declare the module to be a component.
    pub(crate) fn is_component(&self) -> bool {
        self.fields.get("runtime").and_then(|r| r.get("type")).and_then(Value::as_str) == Some("wasm32-wasip2")
    }

    /// Returns what the project's files declare of what a module can import.
    pub(crate) fn declared(&self) -> Declared {
        let capability = |name| self.fields.get("capabilities").and_then(|found| found.get(name));
        Declared {
            network: capability("network").and_then(Value::as_array).is_some_and(|hosts| !hosts.is_empty()),
            kv: capability("kv").is_some_and(|kv| !kv.is_null()),
        }
    }

    /// Returns the tool definitions stated in `manifest.json`, if there are any.
    pub(crate) fn stated_definitions(&self) -> Option<&Value> {
        self.fields.get("tool_definitions").filter(|value| value.as_array().is_none_or(|list| !list.is_empty()))
    }

    /// Validates everything that does not depend on the module, so that mistakes are reported before the compiler runs. Stated
    /// definitions are compared with those of the module later.
    pub(crate) fn check(&self, name: &str) -> Result<(), BuildError> {
        let mut draft = self.clone();
        let tool = json!({"name": "tool", "description": "tool", "parameters": {"type": "object"}});
        draft.fields.insert("tool_definitions".to_owned(), json!([tool]));
        draft.finish(name, None).map(drop)
    }

    /// Completes and validates the manifest. `definitions` are those of the module; `None` keeps the stated ones.
    pub(crate) fn finish(mut self, name: &str, definitions: Option<&[ToolDefinition]>) -> Result<Manifest, BuildError> {
        if let Some(definitions) = definitions {
            self.fields.insert("tool_definitions".to_owned(), json!(definitions));
        }
        if !self.fields.contains_key("description")
            && let Some(text) = self.fields.get("tool_definitions").and_then(describe)
        {
            self.fields.insert("description".to_owned(), text.into());
        }
        let bytes = serde_json::to_vec(&self.fields).unwrap_or_default();
        Manifest::parse(&bytes).map_err(|source| BuildError::Manifest { name: name.to_owned(), source, place: None })
    }
}

impl Project {
    /// Returns the manifest as far as the project's files state it. It lacks the tool definitions that only the module knows,
    /// and it need not be valid.
    #[must_use]
    pub fn stated_manifest(&self) -> Value {
        Value::Object(Draft::from_project(self).fields)
    }
}

/// Adds what a handwritten manifest need not state, as it is derived for Cargo projects.
fn add_defaults(fields: &mut Map<String, Value>, kind: RuntimeKind) {
    let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let user = env::user();
    fields.entry("package_id").or_insert_with(|| default_id(&user, &name).into());
    fields
        .entry("publisher")
        .or_insert_with(|| json!({ "name": if user.is_empty() { "unknown" } else { user.as_str() } }));
    if let Value::Object(runtime) = fields.entry("runtime").or_insert_with(|| json!({})) {
        let target = if kind == RuntimeKind::Wasip2 { "wasm32-wasip2" } else { "wasm32-wasi" };
        runtime.entry("type").or_insert_with(|| target.into());
        runtime.entry("entrypoint").or_insert_with(|| ENTRYPOINT.into());
    }
}

/// Returns the package id of a project that does not state one.
fn default_id(user: &str, name: &str) -> String {
    let account = label(user);
    let account = if account.is_empty() { "user" } else { account.as_str() };
    format!("local.{account}.{name}")
}

fn fields_from_cargo(package: &CargoProject) -> Map<String, Value> {
    let metadata = &package.metadata;
    let user = env::user();
    let default_id = || default_id(&user, &package.tool_name);
    let publisher = metadata.publisher_name.clone().or_else(|| package.author.clone()).unwrap_or_else(|| user.clone());
    let mut runtime =
        Map::from_iter([("type".to_owned(), "wasm32-wasi".into()), ("entrypoint".to_owned(), ENTRYPOINT.into())]);
    runtime.extend(metadata.runtime.clone());
    let fields = [
        ("package_id", Some(metadata.package_id.clone().unwrap_or_else(default_id).into())),
        ("version", Some(package.version.clone().into())),
        ("name", Some(package.tool_name.clone().into())),
        ("description", package.description.clone().map(Value::from)),
        (
            "publisher",
            Some(without_nulls(json!({
                "name": if publisher.is_empty() { "unknown" } else { publisher.as_str() },
                "url": metadata.publisher_url,
                "verified_key_id": metadata.publisher_key_id,
            }))),
        ),
        ("license", package.license.clone().map(Value::from)),
        ("runtime", Some(runtime.into())),
        ("capabilities", metadata.capabilities.clone()),
        ("privacy_filters", metadata.privacy_filters.clone()),
    ];
    fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
}

/// Applies the values of `manifest.json`, which take precedence.
///
/// `publisher` and `runtime` are merged key by key. `capabilities` and `privacy_filters` are complete lists, so they
/// replace those of `Cargo.toml` as a whole.
fn overlay(fields: &mut Map<String, Value>, base: Option<&ManifestFile>) {
    for (key, value) in base.into_iter().flat_map(|base| &base.fields) {
        match (fields.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) if key == "publisher" || key == "runtime" => {
                under.extend(over.clone());
            }
            _ => drop(fields.insert(key.clone(), value.clone())),
        }
    }
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(map) = value.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    value
}

/// Derives a description for a package that has none: the first line of its only tool, or the names of its tools.
fn describe(definitions: &Value) -> Option<String> {
    let tools = definitions.as_array()?;
    let text = |tool: &Value, key: &str| tool.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match tools.as_slice() {
        [] => None,
        [only] => text(only, "description").lines().next().map(str::to_owned).filter(|line| !line.trim().is_empty()),
        several => Some(format!("Tools: {}", several.iter().map(|t| text(t, "name")).collect::<Vec<_>>().join(", "))),
    }
}

/// Compares the definitions stated in `manifest.json` with those of the module, and returns one line for each
/// contradiction. Keys that are not stated cannot contradict.
pub(crate) fn contradictions(stated: &Value, module: &[ToolDefinition]) -> Vec<String> {
    let Some(stated) = stated.as_array() else { return vec!["`tool_definitions` is not a list".to_owned()] };
    let name_of = |tool: &Value| tool.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    for tool in stated {
        let name = name_of(tool);
        match module.iter().find(|found| found.name == name) {
            None => lines.push(format!("  tool `{name}`: defined in the manifest but not in the module")),
            Some(found) => {
                let found = json!(found);
                for (key, value) in tool.as_object().into_iter().flatten() {
                    differences(&format!("{name}/{key}"), Some(value), found.get(key), &mut lines);
                }
            }
        }
    }
    for tool in module.iter().filter(|tool| !stated.iter().any(|s| name_of(s) == tool.name)) {
        lines.push(format!("  tool `{}`: defined in the module but not in the manifest", tool.name));
    }
    lines
}

fn differences(place: &str, manifest: Option<&Value>, module: Option<&Value>, lines: &mut Vec<String>) {
    match (manifest, module) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                differences(&format!("{place}/{key}"), a.get(key), b.get(key), lines);
            }
        }
        (a, b) if a == b => {}
        (a, b) => lines.push(format!("  {place}: manifest {}, module {}", shown(a), shown(b))),
    }
}

fn shown(value: Option<&Value>) -> String {
    let Some(value) = value else { return "nothing".to_owned() };
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use mpp_sdk::wire::ToolDefinition;
    use serde_json::{Value, json};

    use super::{contradictions, describe, overlay};
    use crate::project::ManifestFile;

    fn module() -> Vec<ToolDefinition> {
        serde_json::from_value(json!([
            {"name": "find", "description": "Find people.", "parameters": {"type": "object", "properties": {"query": {"type": "string"}}}},
        ]))
        .expect("definitions")
    }

    #[test]
    fn reports_contradictions_only_for_stated_keys() {
        assert_eq!(contradictions(&json!([{"name": "find"}]), &module()), Vec::<String>::new());
        assert_eq!(
            contradictions(&json!([{"name": "find", "description": "Find people."}]), &module()),
            Vec::<String>::new()
        );
        let stated =
            json!([{"name": "find", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}}}]);
        assert_eq!(
            contradictions(&stated, &module()),
            [
                "  find/parameters/properties/q: manifest `{\"type\":\"string\"}`, module nothing",
                "  find/parameters/properties/query: manifest nothing, module `{\"type\":\"string\"}`",
            ]
        );
        let other = contradictions(&json!([{"name": "lookup"}]), &module());
        assert_eq!(
            other,
            [
                "  tool `lookup`: defined in the manifest but not in the module",
                "  tool `find`: defined in the module but not in the manifest"
            ]
        );
    }

    #[test]
    fn manifest_json_takes_precedence_and_replaces_capabilities() {
        let mut fields = json!({
            "name": "a", "runtime": {"type": "wasm32-wasi", "timeout_ms": 5},
            "capabilities": {"env_vars": ["A"], "network": ["a.example"]},
        });
        let fields = fields.as_object_mut().expect("object");
        let Value::Object(base) =
            json!({"name": "b", "runtime": {"timeout_ms": 9}, "capabilities": {"env_vars": ["B"]}})
        else {
            unreachable!("an object")
        };
        overlay(fields, Some(&ManifestFile { fields: base, ..ManifestFile::default() }));
        assert_eq!(
            json!(fields),
            json!({"name": "b", "runtime": {"type": "wasm32-wasi", "timeout_ms": 9}, "capabilities": {"env_vars": ["B"]}})
        );
    }

    #[test]
    fn derives_a_missing_description_from_the_tools() {
        assert_eq!(describe(&json!([{"name": "a", "description": "One line.\nMore."}])).as_deref(), Some("One line."));
        assert_eq!(describe(&json!([{"name": "a"}, {"name": "b"}])).as_deref(), Some("Tools: a, b"));
        assert_eq!(describe(&json!([])), None);
    }
}
