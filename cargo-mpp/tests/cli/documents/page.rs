//! The page of the book about JSON documents: the members from the schema, and an example of each document.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::tour::Example;

const START: &str = "# JSON output

<!-- generated from `mpp schema output` and from documents that a test lets the program print, by `cargo xtask gen` -->

With `--format json`, every command prints exactly one JSON document to stdout, whether it succeeds or fails. Messages for people still
go to stderr; `-q` leaves only errors there. The exit code is the same as without the option.

- `format` is the version of the documents, now 1. It changes when a member is removed or renamed, or changes its meaning. Members can
  be added without a change: ignore those that you do not know.
- A command that fails prints `error`. If it has a result all the same, as `mpp verify` has for a package that does not pass, the
  document also has the members of the result.
- A member without a value is absent, never `null`. Only values of a tool can be `null`.
- One thing has one name in every document: `package_id`, `content_hash`, `key_id` (`pub_` or `dev_` and 16 hex digits), `call_id`,
  `duration_us`. Names end in their unit (`_us`, `_bytes`, `_ms`, `_mb`), times in `_at` or `time` (RFC 3339, UTC).
- Characters that would control a terminal are written as `\\uXXXX`. The value is the same.

`mpp schema output` prints the JSON Schema (2020-12) of all documents, and `mpp schema output kv list` that of one command. The
documents in the tests of this project are checked against it. `mpp schema` and `mpp completions` print schemas and scripts instead of
documents. `mpp serve` and the proxy of `mpp capture` print the messages of their protocol, `--print-client-config` prints a
configuration, and help is text.
";

/// Returns the value with the members of its objects in alphabetical order, whatever order this build of `serde_json` keeps.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, &Value> = members.iter().collect();
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Returns the page.
pub(super) fn of(schema: &Value, examples: &[Example]) -> String {
    let schema = &sorted(schema);
    let mut page = START.to_owned();
    let commands: Vec<&str> =
        schema["anyOf"].as_array().expect("commands").iter().filter_map(|one| one["$ref"].as_str()).collect();
    let error = schema.pointer("/$defs/ErrorDocument").expect("the document of an error");
    let failed = &examples[0];
    assert!(failed.document.get("error").is_some(), "the first example is an error");
    page.push_str("\n## Errors\n\n");
    members(&mut page, schema, error);
    example(&mut page, failed);
    for reference in commands {
        let command = schema.pointer(&reference[1..]).expect("a definition");
        let title = command["title"].as_str().expect("a title");
        write!(page, "\n## `{title}`\n").expect("written");
        let documents = command["anyOf"].as_array().expect("documents").iter();
        let documents: Vec<&Value> = documents.map(|one| resolve(schema, one)).filter(|one| *one != error).collect();
        let mut shown = examples[1..].iter().filter(|one| words_start(&one.command, title)).collect::<Vec<_>>();
        assert!(!shown.is_empty(), "no example of {title}");
        for document in documents {
            let fits = |one: &&Example| has_members(document, &one.document);
            let index = shown.iter().position(fits).unwrap_or_else(|| panic!("an example of each document of {title}"));
            page.push('\n');
            members(&mut page, schema, document);
            example(&mut page, shown.remove(index));
        }
    }
    page
}

/// Returns whether the command line is one of this command, and not of a longer one.
fn words_start(line: &str, command: &str) -> bool {
    line.strip_prefix(command).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Returns whether the document has every member that the schema requires.
fn has_members(schema: &Value, document: &Value) -> bool {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    required.into_iter().all(|name| document.get(name).is_some())
}

fn resolve<'a>(schema: &'a Value, part: &'a Value) -> &'a Value {
    let reference = part["$ref"].as_str().and_then(|reference| schema.pointer(&reference[1..]));
    reference.unwrap_or(part)
}

/// Adds a table of the members of a document, with those of its objects.
fn members(page: &mut String, schema: &Value, document: &Value) {
    page.push_str("| member | type | meaning |\n|---|---|---|\n");
    rows(page, schema, document, "", 0);
}

fn rows(page: &mut String, schema: &Value, object: &Value, prefix: &str, depth: usize) {
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in object["properties"].as_object().into_iter().flatten() {
        // Every document has the first, and the chapter on errors describes the second.
        if depth == 0
            && (name == "format"
                || name == "error" && object["required"].as_array().is_some_and(|all| !all.contains(&"error".into())))
        {
            continue;
        }
        let resolved = content(schema, property);
        let optional = if required.contains(&name.as_str()) { "" } else { ", optional" };
        let meaning = property["description"].as_str().or(resolved["description"].as_str()).unwrap_or_default();
        let path = format!("{prefix}{name}");
        let row = format!("| `{path}` | {}{optional} | {} |\n", kind(schema, property), one_line(meaning));
        if page.rsplit("\n|---").next().is_some_and(|table| table.contains(&format!("| `{path}` |"))) {
            continue;
        }
        page.push_str(&row);
        // The chapter on packages describes the parts of the manifest.
        let is_described_there = ["capabilities", "privacy_filters", "manifest", "tools"].contains(&name.as_str())
            && kind(schema, property).contains("object");
        if !is_described_there || path.starts_with("packages[].tools") {
            let inner = if resolved["type"] == "array" { content(schema, &resolved["items"]) } else { resolved };
            let inner_prefix = if resolved["type"] == "array" { format!("{path}[].") } else { format!("{path}.") };
            rows(page, schema, inner, &inner_prefix, depth + 1);
        }
    }
    let parts = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|keyword| object[keyword].as_array()).flatten();
    let parts: Vec<&Value> = parts.map(|part| content(schema, part)).collect();
    let requires = |part: &Value, name: &Value| part["required"].as_array().is_some_and(|names| names.contains(name));
    for part in &parts {
        let mut part = (*part).clone();
        // What only some of the cases have is optional.
        if let Some(names) = part.get_mut("required").and_then(Value::as_array_mut) {
            names.retain(|name| parts.iter().all(|other| requires(other, name)));
        }
        let meaning = part.get("description").cloned();
        for (name, property) in part.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
            // A tag is listed once, with all of its values.
            if property.get("const").is_some() {
                let values = parts.iter().map(|part| &part["properties"][name]["const"]);
                let values: Vec<&Value> = values.filter(|value| value.is_string()).collect();
                *property = json!({ "enum": values, "description": "Which of the cases it is." });
            } else if let (Some(property), Some(meaning)) = (property.as_object_mut(), &meaning) {
                property.entry("description").or_insert_with(|| meaning.clone());
            }
        }
        rows(page, schema, &part, prefix, depth.max(1));
    }
}

/// Resolves a reference, and takes the schema from a choice between it and `null`.
fn content<'a>(schema: &'a Value, property: &'a Value) -> &'a Value {
    let resolved = resolve(schema, property);
    let choices = resolved["anyOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    match choices {
        [one, null] if null["type"] == "null" => resolve(schema, one),
        _ => resolved,
    }
}

/// Describes a type in a word or two.
fn kind(schema: &Value, property: &Value) -> String {
    let resolved = content(schema, property);
    let choices = ["oneOf", "anyOf"].into_iter().find_map(|keyword| resolved[keyword].as_array());
    let values: Vec<String> =
        choices.into_iter().flatten().filter_map(|one| one["const"].as_str()).map(|one| format!("`{one}`")).collect();
    if let Some(values) = resolved["enum"].as_array() {
        return values.iter().filter_map(Value::as_str).map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    }
    if !values.is_empty() && values.len() == choices.map_or(0, Vec::len) {
        return values.join(", ");
    }
    let types = resolved["type"]
        .as_array()
        .and_then(|types| types.iter().find(|one| *one != "null"))
        .unwrap_or(&resolved["type"]);
    match types.as_str() {
        Some("array") => format!("list of {}", kind(schema, &resolved["items"])),
        Some(name) => name.to_owned(),
        None if choices.is_some() => "object".to_owned(),
        None if resolved.get("const").is_some() => format!("`{}`", resolved["const"]),
        None => "any value".to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn example(page: &mut String, example: &Example) {
    let document = serde_json::to_string_pretty(&sorted(&example.document)).expect("JSON");
    // What follows `--` is the command of somebody else.
    let (own, other) = example.command.split_once(" -- ").unwrap_or((&example.command, ""));
    let dashes = if other.is_empty() { "" } else { " -- " };
    write!(page, "\n`{own} --format json{dashes}{other}`\n\n```json\n{document}\n```\n").expect("written");
}
