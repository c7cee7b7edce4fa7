//! Tests of the sources in each language, and of the schemas that languages with type hints publish.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{data, fragments, hard};
use crate::scaffold::{Language, Original, Port, Reason};

/// The languages, the directory with the expected sources of each one, and the ending of their names.
const LANGUAGES: [(Language, &str, &str); 4] = [
    (Language::Rust, "hard", "rs"),
    (Language::Python, "hard-python", "py"),
    (Language::TypeScript, "hard-typescript", "ts"),
    (Language::JavaScript, "hard-javascript", "js"),
];

/// The languages in which types are hints, and the schemas therefore the original's, closed for unknown keys.
const WITH_HINTS: [Language; 3] = [Language::Python, Language::TypeScript, Language::JavaScript];

#[test]
fn the_sources_of_hard_definitions_are_as_expected() {
    let bless = std::env::var_os("MPP_BLESS").is_some();
    for (language, directory, ending) in LANGUAGES {
        let port = Port::of(&hard(), language);
        for tool in &port.tools {
            let path = data(directory).join(format!("{}.{ending}", tool.module));
            if bless {
                std::fs::create_dir_all(data(directory)).expect("the directory");
                std::fs::write(&path, &tool.source).expect("written");
            }
            let expected = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(tool.source, expected, "`MPP_BLESS=1` writes {}", path.display());
        }
        let files = std::fs::read_dir(data(directory)).expect("the directory").count();
        assert_eq!(files, port.tools.len(), "there is a file for each tool in {directory}, and no other");
    }
}

/// Returns a schema without what says that objects are closed.
fn opened(schema: &Value) -> Value {
    let closed = Value::Bool(false);
    match schema {
        Value::Object(keywords) => {
            let kept = keywords.iter().filter(|(keyword, value)| {
                !(["additionalProperties", "unevaluatedProperties"].contains(&keyword.as_str()) && **value == closed)
            });
            Value::Object(kept.map(|(keyword, value)| (keyword.clone(), opened(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(opened).collect()),
        other => other.clone(),
    }
}

#[test]
fn the_schemas_of_languages_with_hints_are_the_original_ones() {
    let original = hard();
    for language in WITH_HINTS {
        let port = Port::of(&original, language);
        let mut unchanged = 0;
        for (tool, original) in port.tools.iter().zip(&original.tools) {
            // A key that is required without being described is declared, because a closed object could not have it.
            let changes = |reason: Reason| reason.changes_acceptance() || reason == Reason::NotDescribed;
            let differs = tool.notes.iter().chain(&tool.result_notes).any(|note| changes(note.reason));
            if !differs {
                assert_eq!(opened(&tool.parameters), opened(&original.parameters), "{}", tool.name);
                assert_eq!(tool.returns, original.returns, "{}", tool.name);
                unchanged += 1;
            }
            let asserts_types = |reason| matches!(reason, Reason::NoType | Reason::UnnamedEnum | Reason::NoName);
            assert!(!tool.notes.iter().any(|note| asserts_types(note.reason)), "{}: {:?}", tool.name, tool.notes);
        }
        assert!(unchanged >= 9, "{unchanged} of {} tools are unchanged", port.tools.len());
    }
}

/// The tools of `fragments.tools.json`, which programs in other languages compile and import, too.
fn tools_of_fragments() -> Value {
    let tools = fragments().into_iter().enumerate().map(|(index, fragment)| {
        let nested = json!({ "type": "object", "properties": { "inner": fragment, "from": fragment, "a-b": fragment }, "required": ["inner"] });
        let schema = json!({
            "type": "object",
            "properties": {
                "first": fragment, "class": fragment, "default": { "anyOf": [fragment, { "type": "null" }] },
                "list": { "type": "array", "items": fragment },
                "map": { "type": "object", "additionalProperties": fragment },
                "nested": nested, "lists": { "type": "array", "items": nested },
            },
            "required": ["default", "first"],
        });
        json!({ "name": format!("tool_{index}"), "description": "Do.", "inputSchema": schema, "outputSchema": schema })
    });
    json!({ "tools": tools.collect::<Vec<_>>() })
}

#[test]
fn the_file_of_fragments_is_up_to_date() {
    let path = data("fragments.tools.json");
    let tools: Vec<String> =
        tools_of_fragments()["tools"].as_array().expect("a list").iter().map(Value::to_string).collect();
    let tools = format!("{{\"tools\":[\n{}\n]}}\n", tools.join(",\n"));
    if std::env::var_os("MPP_BLESS").is_some() {
        std::fs::write(&path, &tools).expect("written");
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == tools, "`MPP_BLESS=1` writes {}", path.display());
}

#[test]
fn schemas_in_every_place_stay_enforceable_in_languages_with_hints() {
    use mpp_host::sandbox::{Compiled, Contract};
    let original = Original::parse(&tools_of_fragments().to_string()).expect("definitions");
    let port = Port::of(&original, Language::Python);
    for definition in port.definitions() {
        let compiled = Compiled::default();
        let checked = Contract::new(&definition, &compiled).check_arguments(&json!({}));
        assert!(checked.is_ok(), "{}: {checked:?}", definition.name);
        assert!(Contract::new(&definition, &compiled).check_result(&json!({})).is_ok(), "{}", definition.name);
    }
}

#[test]
fn descriptions_of_ten_thousand_characters_stay_whole() {
    let long =
        "A \"quoted\" \\ line with `code`, \u{202e}marks\u{202c} and */ \"\"\" ${x}.\n\n    indented\n".repeat(150);
    assert!(long.chars().count() > 10_000);
    let tools = json!([
        { "name": "a", "description": long, "inputSchema": { "type": "object", "properties": { "x": { "type": "string", "description": long } } } },
    ]);
    let original = Original::parse(&tools.to_string()).expect("definitions");
    for (language, ..) in LANGUAGES {
        let tool = &Port::of(&original, language).tools[0];
        assert_eq!(tool.definition().description, long);
        // Each line of the description is in the source once, and escaped so that it ends nothing.
        assert_eq!(tool.source.matches("indented").count(), if language == Language::JavaScript { 150 } else { 300 });
        assert!(!tool.source.contains('\u{202e}'), "hidden characters are escaped");
    }
}

#[test]
fn names_that_a_language_reserves_are_kept_in_the_definitions() {
    let names =
        ["from", "class", "filter-by", "$schema", "import", "None", "default", "delete", "list", "mpp", "await"];
    let properties: Value = names
        .iter()
        .map(|name| ((*name).to_owned(), json!({ "type": "string" })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let tool = |name: &str| json!({ "name": name, "description": "Do it.", "inputSchema": { "type": "object", "properties": properties, "required": ["list"] } });
    let tools = json!({ "tools": names.map(tool) });
    let original = Original::parse(&tools.to_string()).expect("definitions");
    for (language, ..) in LANGUAGES {
        let port = Port::of(&original, language);
        let modules: BTreeSet<&str> = port.tools.iter().map(|tool| tool.module.as_str()).collect();
        assert_eq!(modules.len(), names.len(), "{modules:?}");
        for (tool, name) in port.tools.iter().zip(names) {
            assert_eq!(tool.name, name.replace('$', "_"));
            assert_eq!(tool.arguments, names.len());
        }
    }
}

/// Returns the tool lists of public servers: names, schemas and annotations of the originals.
fn servers() -> Vec<(String, Original)> {
    let files = std::fs::read_dir(data("servers")).expect("the directory").map(|file| file.expect("a file").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("text");
    files.iter().map(|path| (path.display().to_string(), Original::parse(&read(path)).expect("definitions"))).collect()
}

#[test]
fn the_definitions_of_public_servers_are_published_closed_and_otherwise_unchanged() {
    let servers = servers();
    assert_eq!(servers.len(), 13);
    for (name, original) in &servers {
        let rust = Port::of(original, Language::Rust);
        let closed: BTreeMap<&str, usize> = rust.tools.iter().map(|tool| (tool.name.as_str(), tool.closed)).collect();
        for language in WITH_HINTS {
            let port = Port::of(original, language);
            for (tool, original) in port.tools.iter().zip(&original.tools) {
                let found = tool.definition();
                assert_eq!(found.name, original.name, "{name}");
                assert_eq!((&found.title, &found.description), (&original.title, &original.description), "{name}");
                assert_eq!(opened(&found.parameters), opened(&original.parameters), "{name}: {}", tool.name);
                assert_eq!(tool.closed, closed[tool.name.as_str()], "{name}: {}", tool.name);
                assert_eq!(found.returns, original.returns, "{name}: {}", tool.name);
                let published = serde_json::to_value(found.annotations).expect("JSON");
                for (hint, value) in original.annotations.iter().filter(|(hint, _)| *hint != "title") {
                    assert_eq!(published.get(hint), Some(value), "{name}: {} {hint}", tool.name);
                }
            }
        }
    }
}
