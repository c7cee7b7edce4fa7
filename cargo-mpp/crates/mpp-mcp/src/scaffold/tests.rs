//! Tests of whole ports: sources that parse, schemas that the host enforces, and the same answer to arguments as the original.

#![allow(clippy::panic, clippy::unwrap_used, clippy::disallowed_methods, reason = "a test stops at the first surprise")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mpp_host::sandbox::{Compiled, Contract};
use mpp_host::wire::ToolDefinition;
use serde_json::{Value, json};

use super::{Language, Original, Port, PortedTool};

mod languages;
mod samples;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn rust(original: &Original) -> Port {
    Port::of(original, Language::Rust)
}

fn hard() -> Original {
    Original::parse(&std::fs::read_to_string(data("hard.tools.json")).expect("the file")).expect("definitions")
}

/// Returns the function of a tool in its source.
fn function(tool: &PortedTool) -> syn::ItemFn {
    let file = syn::parse_file(&tool.source).unwrap_or_else(|error| panic!("{error}\n{}", tool.source));
    let function =
        file.items.into_iter().find_map(|item| if let syn::Item::Fn(item) = item { Some(item) } else { None });
    function.expect("a function")
}

/// Returns the value of an option of `#[mpp::tool]` that is a string.
fn option(function: &syn::ItemFn, key: &str) -> Option<String> {
    let attribute = function.attrs.iter().find(|attribute| attribute.path().segments.len() == 2)?;
    let mut found = None;
    attribute
        .parse_nested_meta(|meta| {
            if let Ok(value) = meta.value() {
                let literal: syn::Lit = value.parse()?;
                if let (true, syn::Lit::Str(text)) = (meta.path.is_ident(key), literal) {
                    found = Some(text.value());
                }
            }
            Ok(())
        })
        .expect("options");
    found
}

/// Returns the doc comment of an item, as the macro reads it.
fn comment(attributes: &[syn::Attribute]) -> String {
    let lines =
        attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).filter_map(|attribute| match &attribute
            .meta
        {
            syn::Meta::NameValue(syn::MetaNameValue {
                value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
                ..
            }) => {
                let text = text.value();
                Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
            }
            _ => None,
        });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_source_parses_and_says_what_the_original_says() {
    let original = hard();
    let port = rust(&original);
    let (mut names, mut modules) = (BTreeSet::new(), BTreeSet::new());
    for (tool, original) in port.tools.iter().zip(&original.tools) {
        let function = function(tool);
        assert_eq!(function.sig.ident, tool.module);
        assert!(names.insert(&tool.name) && modules.insert(&tool.module), "{} is unique", tool.name);
        let said = option(&function, "description").unwrap_or_else(|| comment(&function.attrs));
        let expected = if original.description.is_empty() { &tool.description } else { &original.description };
        assert_eq!(&said, expected);
        assert_eq!(option(&function, "parameters"), Some(tool.parameters_file()));
        assert_eq!(function.sig.inputs.len(), tool.arguments);
    }
}

#[test]
fn sources_have_the_layout_of_rustfmt() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("rustfmt.toml"), "edition = \"2024\"\n").expect("written");
    for tool in &rust(&hard()).tools {
        let mut rustfmt = Command::new("rustfmt")
            .current_dir(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("rustfmt is a component of the toolchain");
        rustfmt.stdin.take().expect("piped").write_all(tool.source.as_bytes()).expect("written");
        let output = rustfmt.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8_lossy(&output.stdout), tool.source, "{}", tool.module);
    }
}

/// Schemas that are combined with each other in every position.
fn fragments() -> Vec<Value> {
    let text = json!({ "type": "string" });
    let mut fragments: Vec<Value> = hard()
        .tools
        .iter()
        .flat_map(|tool| {
            tool.parameters["properties"]
                .as_object()
                .into_iter()
                .flat_map(|keys| keys.values().cloned())
                .collect::<Vec<_>>()
        })
        .collect();
    fragments.extend([
        json!({ "type": "array", "prefixItems": [text], "items": false }),
        json!({ "not": text }),
        json!({ "type": "object", "patternProperties": { "^x": text }, "additionalProperties": false }),
        json!({ "type": "object", "patternProperties": { "^(?!x)": text } }),
        json!({ "type": "object", "properties": {}, "additionalProperties": false }),
        json!({ "type": "object", "properties": { "a": text }, "required": ["a", "b"] }),
        json!({ "type": "null" }),
        json!({ "enum": [] }),
        json!({ "enum": [null] }),
        json!({ "enum": ["a", 1, null, {}] }),
        json!({ "type": "object", "properties": { "String": { "enum": ["Some", "None"] }, "Vec": { "type": "object", "title": "Option", "properties": { "a": text } } } }),
        json!({ "type": "number", "enum": [1, 2.5] }),
        json!({ "$dynamicRef": "#x" }),
        json!({ "$ref": "#" }),
        json!({ "$id": "https://example.com/x", "$ref": "#/$defs/x" }),
        json!(false),
        json!({ "type": "string", "default": 5 }),
        json!({ "type": "integer", "default": 99_999_999_999_999_999_999_u128 as f64 }),
    ]);
    fragments
}

#[test]
fn every_schema_in_every_place_becomes_code_that_parses_and_a_schema_that_is_enforced() {
    for (index, fragment) in fragments().into_iter().enumerate() {
        let nested =
            json!({ "type": "object", "properties": { "inner": fragment, "type": fragment }, "required": ["inner"] });
        let schema = json!({
            "type": "object",
            "properties": {
                "first": fragment, "second": fragment,
                "list": { "type": "array", "items": fragment },
                "map": { "type": "object", "additionalProperties": fragment },
                "nested": nested, "lists": { "type": "array", "items": nested },
                "perhaps": { "anyOf": [fragment, { "type": "null" }] }, "all": { "allOf": [fragment, {}] },
            },
            "required": ["first", "perhaps"],
        });
        let tool = json!([{ "name": format!("tool_{index}"), "inputSchema": schema, "outputSchema": schema }]);
        let port = rust(&Original::parse(&tool.to_string()).expect("definitions"));
        let tool = &port.tools[0];
        function(tool);
        let definition = &port.definitions()[0];
        let contract_of = Compiled::default();
        let checked = Contract::new(definition, &contract_of).check_arguments(&json!({}));
        assert!(checked.is_ok(), "{fragment}: {checked:?}");
        assert!(Contract::new(definition, &contract_of).check_result(&json!({})).is_ok(), "{fragment}");
    }
}

/// Returns whether the host accepts these arguments under a schema, without `null` for keys that are left out.
fn accepts(schema: &Value, arguments: &Value) -> bool {
    let definition = ToolDefinition::new("tool", "", schema.clone());
    let compiled = Compiled::default();
    Contract::new(&definition, &compiled).check_arguments(arguments).expect("a valid schema").is_empty()
}

#[test]
fn a_port_accepts_what_the_original_accepts_and_refuses_what_it_refuses() {
    let original = hard();
    let port = rust(&original);
    let (mut accepted, mut refused) = (0, 0);
    for (tool, original) in port.tools.iter().zip(&original.tools) {
        // What is reported to differ is left out, and tools whose original schema no host can enforce.
        let differs = tool.notes.iter().any(|note| note.reason.changes_acceptance()) || !tool.changes.is_empty();
        if differs {
            continue;
        }
        for sample in samples::of(&original.parameters) {
            let expected = accepts(&original.parameters, &sample);
            assert_eq!(accepts(&tool.parameters, &sample), expected, "{}: {sample}", tool.name);
            *if expected { &mut accepted } else { &mut refused } += 1;
        }
    }
    assert!(accepted > 30 && refused > 100, "{accepted} accepted, {refused} refused");
}

#[test]
fn unknown_keys_are_refused() {
    let port = rust(&hard());
    let tool = port.tools.iter().find(|tool| tool.name == "create_entities").expect("the tool");
    let of = |extra: &str| {
        let mut entity = json!({ "name": "a", "entityType": "b" });
        entity[extra] = json!([]);
        json!({ "entities": [entity] })
    };
    assert!(accepts(&tool.parameters, &of("observations")));
    assert!(!accepts(&tool.parameters, &of("observation")));
    assert_eq!(tool.closed, 4, "the arguments, the entity and the two positions");
}

#[test]
fn mistakes_in_definitions_have_codes() {
    use mpp_host::codes::Coded as _;
    let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
    for (text, code, message) in [
        ("", "MPP-M401", "there are no tool definitions: the text is empty"),
        ("{}", "MPP-M401", "there are no tool definitions: an empty object"),
        ("{\"a\":1,\"b\\u001b\":2}", "MPP-M401", "there are no tool definitions: an object with `a`, `b\\u{1b}`"),
        ("[1]", "MPP-M401", "there are no tool definitions: a list whose items have no `name`"),
        ("3", "MPP-M401", "there are no tool definitions: a single value"),
        (
            "{\"tools\":[",
            "MPP-M401",
            "there are no tool definitions: not JSON: EOF while parsing a list at line 1 column 10",
        ),
        ("{\"tools\":[]}", "MPP-M402", "the list of tools is empty"),
        (&json!([tool("a"), tool("b"), tool("a")]).to_string(), "MPP-M403", "two tools are named `a`"),
        (
            &json!({ "tools": [{ "inputSchema": {} }] }).to_string(),
            "MPP-M404",
            "tool 1 of the list is not valid: it has no `name`",
        ),
        (&json!({ "tools": [5] }).to_string(), "MPP-M404", "tool 1 of the list is not valid: it is not an object"),
        (&json!([{ "name": "a" }]).to_string(), "MPP-M404", "the tool `a` is not valid: it has no `inputSchema`"),
        (
            &json!([{ "name": "a\u{202e}", "inputSchema": { "type": "array" } }]).to_string(),
            "MPP-M404",
            "the tool `a\\u{202e}` is not valid: its `inputSchema` does not describe an object",
        ),
        (
            &json!([{ "name": "a", "inputSchema": { "type": "object" }, "outputSchema": 1 }]).to_string(),
            "MPP-M404",
            "the tool `a` is not valid: its `outputSchema` is not a JSON Schema",
        ),
    ] {
        let error = Original::parse(text).expect_err(message);
        assert_eq!((error.code().id, error.to_string().as_str()), (code, message));
        assert!(!error.help().is_empty());
    }
    let large = json!([{ "name": "a", "description": "x".repeat(10_000_000), "inputSchema": { "type": "object" } }])
        .to_string();
    let error = Original::parse(&large).expect_err("10 MB");
    assert_eq!(error.code(), "MPP-M405");
}

#[test]
fn all_usual_wrappings_of_a_list_are_read() {
    let tools = json!([{ "name": "a", "inputSchema": {} }]);
    for text in [
        tools.to_string(),
        json!({ "tools": tools }).to_string(),
        json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": tools } }).to_string(),
        format!("\u{feff}{}", json!({ "tools": tools, "serverInfo": { "name": "x" } })),
    ] {
        assert_eq!(Original::parse(&text).expect(&text).tools.len(), 1);
    }
}

#[test]
fn names_that_become_equal_stay_distinct() {
    let tool = |name: &str| json!({ "name": name, "inputSchema": { "type": "object" } });
    let tools = json!([tool("a.b"), tool("a_b"), tool("a/b"), tool("aB"), tool(&"x".repeat(80)), tool("fn")]);
    let port = rust(&Original::parse(&tools.to_string()).expect("definitions"));
    let names: Vec<&str> = port.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names[..4], ["a_b_2", "a_b", "a_b_3", "aB"]);
    assert_eq!(names[4].len(), 64);
    let modules: BTreeSet<&str> = port.tools.iter().map(|tool| tool.module.as_str()).collect();
    assert_eq!(modules.len(), 6, "{modules:?}");
}

#[test]
fn recorded_calls_get_the_names_of_the_port() {
    let lines = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }),
        json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": [{ "name": "a.b", "inputSchema": { "type": "object" } }] } }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "a.b", "arguments": {} } }),
        json!({ "jsonrpc": "2.0", "id": 2, "result": { "content": [{ "type": "image", "data": "", "mimeType": "image/png" }] } }),
    ];
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let port = rust(&Original::parse(&text).expect("a capture"));
    assert_eq!(port.calls.iter().map(|(_, call)| call.tool.as_str()).collect::<Vec<_>>(), ["a_b"]);
    assert!(port.tools[0].source.contains("-> Result<Vec<mpp::Content>, mpp::Error>"), "{}", port.tools[0].source);
}
