//! The JSON Schema of the documents that `--format json` prints, derived from the types of the reports.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::document::{Document, ErrorDocument};
use super::{
    audit, build, call, caps, capture, codes, doctor, installs, keys, kv, lint, package, project, publishing, replay,
    rerun, serve, testing, trust,
};
#[cfg(feature = "registry-server")]
use super::{following, registry};

/// Adds the schema of a document to a generator, and returns a reference to it.
type Add = fn(&mut SchemaGenerator) -> Schema;

/// Each command that prints documents, and the results that it can have.
const COMMANDS: &[(&str, &[Add])] = &[
    ("new", &[of::<project::NewResult>]),
    ("build", &[of::<build::BuildResult>]),
    ("run", &[of::<call::CallResult>, of::<package::ToolHelp>]),
    ("rerun", &[of::<rerun::Rerun>]),
    ("keygen", &[of::<keys::NewKey>]),
    ("key list", &[of::<keys::KeyList>]),
    ("key move", &[of::<keys::KeyMoved>]),
    ("key delegate", &[of::<publishing::Delegated>]),
    ("key claim", &[of::<publishing::DomainClaim>]),
    ("key rotate", &[of::<publishing::Rotated>]),
    ("key revoke", &[of::<publishing::KeyRevoked>]),
    ("sign", &[of::<build::Signed>]),
    ("verify", &[of::<package::VerifyResult>]),
    ("inspect", &[of::<package::Inspection>]),
    ("serve", &[of::<serve::InstalledServer>]),
    ("export", &[of::<serve::Exported>]),
    ("capture", &[of::<capture::Captured>]),
    ("inventory", &[of::<capture::ServerInventory>]),
    ("replay", &[of::<replay::Replayed>]),
    ("trust add", &[of::<trust::Changed>]),
    ("trust approve", &[of::<trust::Approved>]),
    ("trust server", &[of::<trust::ServerAccepted>]),
    ("trust list", &[of::<trust::TrustList>]),
    ("trust show", &[of::<trust::Shown>]),
    ("trust remove", &[of::<trust::Changed>]),
    ("kv list", &[of::<kv::States>, of::<kv::Keys>]),
    ("kv get", &[of::<kv::Found>]),
    ("kv export", &[of::<kv::Export>, of::<kv::Exported>]),
    ("kv clear", &[of::<kv::Cleared>]),
    ("audit list", &[of::<audit::AuditList>]),
    ("audit show", &[of::<audit::RecordedCall>]),
    ("audit verify", &[of::<audit::AuditVerified>]),
    ("caps", &[of::<caps::Caps>, of::<caps::Suggestion>]),
    ("lint", &[of::<lint::Lints>]),
    ("test", &[of::<testing::Tests>]),
    ("conformance", &[of::<testing::ConformanceReport>]),
    ("doctor", &[of::<doctor::Health>]),
    ("register", &[of::<publishing::Registered>]),
    ("publish", &[of::<publishing::PublishResult>]),
    ("yank", &[of::<publishing::Yanked>]),
    ("owner add", &[of::<publishing::OwnerChanged>]),
    ("owner remove", &[of::<publishing::OwnerChanged>]),
    ("search", &[of::<installs::SearchResults>]),
    ("install", &[of::<installs::Installs>]),
    ("outdated", &[of::<installs::Outdated>]),
    ("update", &[of::<installs::Installs>]),
    ("uninstall", &[of::<installs::Uninstalled>]),
    ("registry add", &[of::<installs::RegistryAdded>]),
    ("registry list", &[of::<installs::ConfiguredRegistries>]),
    ("registry remove", &[of::<installs::RegistryRemoved>]),
    #[cfg(feature = "registry-server")]
    ("registry init", &[of::<registry::NewRegistry>]),
    #[cfg(feature = "registry-server")]
    ("registry serve", &[of::<registry::ServedRegistry>, of::<following::ServedMirror>]),
    #[cfg(feature = "registry-server")]
    ("registry check", &[of::<registry::CheckedRegistry>]),
    #[cfg(feature = "registry-server")]
    ("registry rebuild", &[of::<registry::RebuiltRegistry>]),
    #[cfg(feature = "registry-server")]
    ("registry rotate-log-key", &[of::<registry::LogKeyReplaced>]),
    #[cfg(feature = "registry-server")]
    ("registry sign-description", &[of::<registry::LogKeyReplaced>]),
    ("registry approve", &[of::<publishing::ApprovedByOperator>]),
    ("registry transfer", &[of::<publishing::Transferred>]),
    ("registry takedown", &[of::<publishing::TakenDown>]),
    ("registry erase-profile", &[of::<publishing::ProfileErased>]),
    #[cfg(feature = "registry-server")]
    ("registry copy", &[of::<registry::CopiedRegistry>]),
    #[cfg(feature = "registry-server")]
    ("registry monitor", &[of::<following::MonitorReport>]),
    #[cfg(feature = "registry-server")]
    ("registry witness", &[of::<following::StartedWitness>]),
    ("explain", &[of::<codes::Explanation>, of::<codes::CodeTable>]),
];

/// The commands whose output is no document: schemas, and scripts for a shell. If they fail, they print an [`ErrorDocument`].
#[cfg(test)]
pub(crate) const WITHOUT_DOCUMENT: &[&str] = &["schema manifest", "schema test", "schema output", "completions"];

fn of<R: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let reference = generator.subschema_for::<Document<'_, R>>();
    // The frame is the same for all documents; what differs is the result.
    let description = R::json_schema(generator).get("description").cloned();
    let name = Document::<'_, R>::schema_name();
    if let Some(definition) = generator.definitions_mut().get_mut(&*name).and_then(Value::as_object_mut) {
        definition.insert("description".to_owned(), description.unwrap_or_default());
    }
    reference
}

/// Returns the commands that print documents, in the order of the help.
pub(crate) fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(command, _)| *command)
}

/// Returns the schema of the documents of one command, of a group of commands such as `kv`, or of all commands for an empty
/// text; `None` if there is no such command.
pub(crate) fn output(command: &str) -> Option<Value> {
    let is_wanted = |known: &str| {
        command.is_empty() || known.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let failure = generator.subschema_for::<ErrorDocument<'_>>();
    let mut found = Vec::new();
    for (known, results) in COMMANDS.iter().filter(|(known, _)| is_wanted(known)) {
        let mut any_of: Vec<Schema> = results.iter().map(|add| add(&mut generator)).collect();
        any_of.push(failure.clone());
        found.push((name_of(known), json!({ "title": format!("mpp {known}"), "anyOf": any_of })));
    }
    if found.is_empty() {
        return None;
    }
    let mut definitions = generator.take_definitions(true);
    let references: Vec<Value> = found.iter().map(|(name, _)| json!({ "$ref": format!("#/$defs/{name}") })).collect();
    definitions.values_mut().for_each(without_null);
    definitions.extend(found);
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The JSON documents of mpp",
        "description": "With --format json, a command prints one of these documents. Ignore members that you do not know: a later release \
                        can add some without changing the number in `format`.",
        "anyOf": references,
        "$defs": definitions,
    }))
}

/// Removes `null` from the types and descriptions of members: a member without a value is absent.
fn without_null(schema: &mut Value) {
    if let Some(members) = schema.as_object_mut() {
        if let Some(types) = members.get_mut("type").filter(|types| types.is_array()) {
            let mut left: Vec<Value> =
                types.as_array().into_iter().flatten().filter(|one| *one != "null").cloned().collect();
            *types = if left.len() == 1 { left.remove(0) } else { left.into() };
        }
        let choices = members.get("anyOf").and_then(Value::as_array).map(Vec::as_slice);
        if let Some([Value::Object(only), null]) = choices
            && null["type"] == "null"
        {
            let only = only.clone();
            members.shift_remove("anyOf");
            members.extend(only);
        }
        // The descriptions are those of Rust types.
        if let Some(Value::String(text)) = members.get_mut("description") {
            *text = text.replace("`None` ", "absent ");
        }
        members.values_mut().for_each(without_null);
    } else {
        schema.as_array_mut().into_iter().flatten().for_each(without_null);
    }
}

/// Returns the name of a command's definition: `mpp-kv-list` for `kv list`.
fn name_of(command: &str) -> String {
    format!("mpp-{}", command.replace(' ', "-"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{WITHOUT_DOCUMENT, commands, output};
    use crate::Program;

    fn leaves(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
            let path = format!("{path} {}", sub.get_name()).trim_start().to_owned();
            if sub.has_subcommands() {
                leaves(sub, &path, found);
            } else {
                found.insert(path);
            }
        }
    }

    #[test]
    fn every_command_of_the_command_line_has_a_schema() {
        let mut found = BTreeSet::new();
        leaves(&crate::cli::command(Program::Mpp), "", &mut found);
        let known = commands().chain(WITHOUT_DOCUMENT.iter().copied()).map(str::to_owned);
        assert_eq!(known.collect::<BTreeSet<_>>(), found);
    }

    #[test]
    fn a_command_or_a_group_of_commands_can_be_chosen() {
        let titles = |command: &str| -> Vec<String> {
            let schema = output(command).expect("there is such a command");
            let chosen = schema["anyOf"].as_array().expect("a list").iter();
            let names = chosen.map(|schema| schema["$ref"].as_str().expect("a reference").to_owned());
            names.map(|name| schema.pointer(&name[1..]).expect("a definition")["title"].to_string()).collect()
        };
        assert_eq!(titles("kv get"), ["\"mpp kv get\""]);
        assert_eq!(titles("key").len(), 6);
        assert_eq!(titles("key list"), ["\"mpp key list\""]);
        assert_eq!(titles("").len(), commands().count());
        assert_eq!(output("ke"), None);
        assert_eq!(output("completions"), None);
    }

    #[test]
    fn no_member_can_be_null() {
        let text = output("").expect("all").to_string();
        assert!(!text.contains("\"null\""), "{text}");
    }

    #[test]
    fn every_member_is_described() {
        let schema = output("").expect("all");
        let mut missing = Vec::new();
        for (name, definition) in schema["$defs"].as_object().expect("definitions") {
            let properties = definition["properties"].as_object();
            for (member, property) in properties.into_iter().flatten() {
                if property.get("description").is_none() {
                    missing.push(format!("{name}.{member}"));
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
