//! Finds possible improvements of a manifest. It looks at the package only, not at recorded runs.

use clap::ValueEnum;
use mpp_host::gatekeeper::Imports;
use mpp_host::package::Manifest;
use mpp_host::package::manifest::HostPattern;
use mpp_sdk::wire::ToolDefinition;
use schemars::JsonSchema;
use serde::Serialize;

use crate::template;
use crate::usage::{self, Recorded, Row};

mod schemas;

/// The name that a build writes if the project does not name a publisher.
const UNKNOWN_PUBLISHER: &str = "unknown";

/// The rule that a finding breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    /// A capability is declared that the module cannot use, because it imports nothing for it.
    UnusedCapability,
    /// A path is declared for reading that is also declared for writing.
    ReadAndWrite,
    /// A declared host is contacted without encryption.
    PlainHttp,
    /// The privacy filter is off.
    FilterOff,
    /// The package id is a local one, which registries refuse.
    LocalId,
    /// The manifest names no publisher.
    UnknownPublisher,
    /// A description still is that of the template.
    TemplateText,
    /// An argument or a field of the result has no description.
    MissingDescription,
    /// A string or a list of the arguments has no maximum length.
    Unbounded,
    /// A schema uses a construct that some model providers refuse.
    UnportableSchema,
}

impl Rule {
    /// Returns the name of the rule.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::UnusedCapability => "unused-capability",
            Self::ReadAndWrite => "read-and-write",
            Self::PlainHttp => "plain-http",
            Self::FilterOff => "filter-off",
            Self::LocalId => "local-id",
            Self::UnknownPublisher => "unknown-publisher",
            Self::TemplateText => "template-text",
            Self::MissingDescription => "missing-description",
            Self::Unbounded => "unbounded",
            Self::UnportableSchema => "unportable-schema",
        }
    }
}

/// A possible improvement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LintFinding")]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: Rule,
    /// The finding, as a sentence.
    pub(crate) message: String,
    /// How to fix it.
    pub(crate) help: &'static str,
}

/// Returns the findings, in the order of the manifest's members.
pub(crate) fn findings(manifest: &Manifest, imports: &Imports) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule, message, help| findings.push(Finding { rule, message, help });
    for message in usage::compare(manifest, imports, &Recorded::default()).iter().filter_map(Row::objection) {
        add(Rule::UnusedCapability, message, "remove it from the manifest, so that users are not asked to approve it");
    }
    let files = &manifest.capabilities.filesystem;
    for path in files.read.iter().filter(|path| files.write.contains(path)) {
        let message = format!("`filesystem` declares {path} under `read` and `write`");
        add(Rule::ReadAndWrite, message, "remove it from `read`: writing includes reading");
    }
    for entry in &manifest.capabilities.network {
        if HostPattern::parse(entry.host()).is_ok_and(|pattern| pattern.is_plain_http()) {
            let message = format!(
                "`network` declares {}: anyone on the network path can read and change the requests",
                entry.host()
            );
            add(Rule::PlainHttp, message, "remove `http://` if the server supports HTTPS");
        }
    }
    if !manifest.privacy_filters.enabled {
        let message = "`privacy_filters` turns the filter off: personal data reaches the agent unredacted".to_owned();
        add(Rule::FilterOff, message, "list values without personal data in `exempt`, each with a reason");
    }
    if manifest.package_id.starts_with("local.") {
        let message =
            format!("the package id `{}` is the default for packages that stay on one machine", manifest.package_id);
        add(
            Rule::LocalId,
            message,
            "set `package_id` to a name under a domain of yours, in reverse order: com.example.my-tool",
        );
    }
    if manifest.publisher.name == UNKNOWN_PUBLISHER {
        let message = "the manifest does not name a publisher".to_owned();
        add(
            Rule::UnknownPublisher,
            message,
            "set `publisher` in `manifest.json` or the settings of the package, or `authors` under `[package]`",
        );
    }
    let templates = template::descriptions();
    let descriptions = manifest.tool_definitions.iter().map(|tool| (format!("`{}`", tool.name), &tool.description));
    for (what, text) in std::iter::once(("the package".to_owned(), &manifest.description)).chain(descriptions) {
        if templates.contains(&text.trim()) {
            add(
                Rule::TemplateText,
                format!("the description of {what} is that of the template: {text}"),
                "say what it does",
            );
        }
    }
    for tool in &manifest.tool_definitions {
        findings.extend(of_tool(tool));
    }
    findings
}

/// Returns the findings about a tool, one for each rule, with all fields that break it.
fn of_tool(tool: &ToolDefinition) -> Vec<Finding> {
    let flaws = schemas::flaws(tool);
    let rules = [
        (
            Rule::MissingDescription,
            "no description",
            "describe it where its schema comes from (a doc comment, a docstring, a schema): a model reads nothing else about it",
        ),
        (
            Rule::Unbounded,
            "no maximum length",
            "bound it (`maxLength` in a schema, `#[arg(max_len = …)]` in Rust), so that a model cannot send more than the tool can take",
        ),
        (
            Rule::UnportableSchema,
            "a schema that some model providers refuse",
            "choose a type whose schema does without it; some providers drop the tool, or every tool of the server",
        ),
    ];
    let mut findings = Vec::new();
    for (rule, what, help) in rules {
        let fields: Vec<String> = flaws
            .iter()
            .filter(|flaw| flaw.rule == rule)
            .map(|flaw| match flaw.what.as_str() {
                "" => format!("`{}`", flaw.field),
                what => format!("`{}` ({what})", flaw.field),
            })
            .collect();
        if !fields.is_empty() {
            let verb = if fields.len() == 1 { "has" } else { "have" };
            let message = format!("`{}`: {} {verb} {what}", tool.name, fields.join(", "));
            findings.push(Finding { rule, message, help });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Rule, findings};
    use mpp_host::gatekeeper::Imports;
    use mpp_host::package::Manifest;
    use serde_json::{Value, json};

    fn rules(members: Value, imports: &Imports) -> Vec<&'static str> {
        let mut manifest = json!({
            "mpp_version": "1.0.0", "package_id": "com.example.a", "version": "1.0.0", "name": "a", "description": "",
            "publisher": {"name": "p"}, "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"}, "tool_definitions": []
        });
        manifest.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
        let manifest: Manifest = serde_json::from_value(manifest).expect("a manifest");
        findings(&manifest, imports).into_iter().map(|finding| finding.rule.name()).collect()
    }

    #[test]
    fn reports_unused_capabilities_plain_http_and_a_disabled_filter() {
        let nothing = Imports::default();
        let mut all = Imports::default();
        (all.network, all.kv, all.files, all.variables) = (true, true, true, true);
        let declares = json!({"capabilities": {
            "network": ["a.example", "http://b.example"], "filesystem": {"read": ["/d"]}, "env_vars": ["K"], "kv": {"max_bytes": 9}
        }});
        let unused = Rule::UnusedCapability.name();
        assert_eq!(rules(declares.clone(), &nothing), [unused, unused, unused, unused, unused, "plain-http"]);
        assert_eq!(rules(declares, &all), ["plain-http"]);
        let twice = json!({"capabilities": {"filesystem": {"read": ["/d", "/e"], "write": ["/d"]}}});
        assert_eq!(rules(twice, &all), ["read-and-write"]);
        assert_eq!(rules(json!({"privacy_filters": {"enabled": false}}), &nothing), ["filter-off"]);
        assert_eq!(rules(json!({"privacy_filters": {"patterns": ["email"]}}), &nothing), Vec::<&str>::new());
        assert_eq!(rules(json!({}), &nothing), Vec::<&str>::new());
    }

    #[test]
    fn finds_what_a_template_or_a_default_has_left() {
        let greet =
            json!([{"name": "greet", "description": "Greet somebody by name.", "parameters": {"type": "object"}}]);
        let members = json!({
            "package_id": "local.ada.a", "publisher": {"name": "unknown"}, "description": "Greet people", "tool_definitions": greet
        });
        let expected = ["local-id", "unknown-publisher", "template-text", "template-text"];
        assert_eq!(rules(members, &Imports::default()), expected);
    }

    #[test]
    fn a_finding_about_a_tool_names_every_field() {
        let tool = mpp_sdk::wire::ToolDefinition::new(
            "find",
            "Finds.",
            json!({"properties": {"a": {"type": "string"}, "b": {"type": "string", "maxLength": 1, "description": "B."}}}),
        );
        let found: Vec<String> = super::of_tool(&tool).into_iter().map(|finding| finding.message).collect();
        assert_eq!(found, ["`find`: `a` has no description", "`find`: `a` has no maximum length"]);
    }
}
