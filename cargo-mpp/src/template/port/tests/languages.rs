//! Tests of the files of ports in Python, TypeScript and JavaScript.

use std::path::Path;

use mpp_cases::Cases;
use mpp_host::codes::Coded as _;
use mpp_mcp::scaffold::{Language, Original, Port};
use serde_json::{Value, json};

use super::{PortedServer, definitions, text};
use crate::template::{NewError, NewProject, new_project, port_language};

fn server(text: &str, language: Language) -> PortedServer {
    let original = Original::parse(text).expect("definitions");
    PortedServer { origin: "tools.json".to_owned(), port: Port::of(&original, language), original }
}

fn files(template: &str, text: &str) -> Vec<(String, String)> {
    let layout = super::super::layout(template).expect("a layout");
    let files = crate::template::template_files(template).map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    super::super::files(layout, &server(text, layout.language()), "clock", files)
}

/// A capture with calls of the tools in `definitions`.
fn capture(calls: &[(&str, Value, Value)]) -> String {
    let mut lines = vec![
        json!({ "capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio" }),
        json!({ "at": 1, "from": "client", "message": { "jsonrpc": "2.0", "id": 1, "method": "tools/list" } }),
        json!({ "at": 2, "from": "server", "message": { "jsonrpc": "2.0", "id": 1, "result": definitions() } }),
    ];
    for (index, (tool, arguments, response)) in calls.iter().enumerate() {
        let (id, at) = (index + 2, 1_000_000 * (index + 1));
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
        let mut answer = json!({ "jsonrpc": "2.0", "id": id });
        answer.as_object_mut().expect("an object").extend(response.as_object().expect("an object").clone());
        lines.push(json!({ "at": at, "from": "client", "message": call }));
        lines.push(json!({ "at": at + 1, "from": "server", "message": answer }));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn said(text: &str, is_error: bool) -> Value {
    json!({ "result": { "content": [{ "type": "text", "text": text, "annotations": null }], "isError": is_error } })
}

#[test]
fn each_language_has_its_files() {
    let definitions = definitions().to_string();
    for (template, expected, dropped) in [
        (
            "python",
            &["main.py", "tools/__init__.py", "tools/a_b.py", "tests/test_definitions.py", "pyproject.toml"][..],
            &["tests/test_main.py", "tests/greet.yaml"][..],
        ),
        (
            "ts",
            &[
                "src/tool.ts",
                "src/not_implemented.ts",
                "src/tools/a_b.ts",
                "tests/definitions.test.ts",
                "tsconfig.json",
            ],
            &["tests/tool.test.ts"],
        ),
        ("js", &["src/tool.js", "src/not_implemented.js", "src/tools/a_b.js", "package.json"], &["tests/tool.test.js"]),
    ] {
        let files = files(template, &definitions);
        let shared = [
            "manifest.json",
            "schemas/a_b.json",
            "original/definitions.json",
            "tests/a_b.yaml",
            "README.md",
            "NEXT.md",
            "REPORT.md",
        ];
        for path in shared.iter().chain(expected) {
            text(&files, path);
        }
        for path in dropped {
            assert!(!files.iter().any(|(found, _)| found == path), "{template}: {path}");
        }
        let mut paths: Vec<&String> = files.iter().map(|(path, _)| path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), files.len(), "{template}: no file is written twice");
        for (path, text) in &files {
            assert!(!text.contains("greet"), "{template}: {path} is about the template's tool");
        }
    }
}

#[test]
fn the_manifest_declares_nothing_and_the_guesses_are_in_the_next_steps() {
    for template in ["python", "ts", "js"] {
        let files = files(template, &definitions().to_string());
        let manifest: Value = serde_json::from_str(text(&files, "manifest.json")).expect("JSON");
        assert_eq!(manifest["capabilities"], json!({}));
        assert_eq!(manifest["description"], "Port of the MCP server clock [x](y) \\u{1b}[1m");
        let next = text(&files, "NEXT.md");
        let block = next.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
        let guesses: Value = serde_json::from_str(block).expect("JSON");
        let expected =
            json!({ "capabilities": { "network": ["api.example.com"], "filesystem": { "read": ["/data"] } } });
        assert_eq!(guesses, expected);
        assert!(next.contains("   - `network`: `get` takes `url`\n"), "{next}");
        assert!(next.contains("nobody has observed what the original uses"), "{next}");
        let report = text(&files, "REPORT.md");
        assert!(report.contains("Unknown keys are refused"), "the schemas are closed: {report}");
        assert!(report.contains("has a pattern that cannot be matched in linear time"), "{report}");
    }
    let files = files("python", &definitions().to_string());
    let project: toml::Table = text(&files, "pyproject.toml").parse().expect("TOML");
    assert_eq!(project["project"]["requires-python"].as_str(), Some(">=3.11"));
    let package: Value =
        serde_json::from_str(text(&self::files("ts", &definitions().to_string()), "package.json")).expect("JSON");
    assert_eq!(package["dependencies"], json!({ "@mpp-protocol/sdk": "file:./mpp-sdk" }));
}

#[test]
fn recorded_calls_become_cases() {
    let text_of = capture(&[
        ("get", json!({ "url": "h\u{7f}\u{202e}\u{e0001}é" }), said("two\nlines: \"x\" # y", false)),
        ("get", json!({ "url": "gone" }), said("Error executing tool get: nobody", true)),
        ("get", json!({ "url": 5 }), said("1 validation error for get", true)),
        (
            "get",
            json!({ "url": "image" }),
            json!({ "result": { "content": [{ "type": "image", "data": "", "mimeType": "image/png" }] } }),
        ),
        ("get", json!({ "url": "big" }), said(&"x".repeat(600_000), false)),
    ]);
    let files = files("python", &text_of);
    let yaml = text(&files, "tests/get.yaml");
    assert!(yaml.is_ascii() || !yaml.contains(['\u{7f}', '\u{202e}', '\u{e0001}']), "{yaml}");
    assert!(yaml.contains("# Not here: 1 calls, because of their size or form."), "{yaml}");
    let cases = Cases::parse(Path::new("tests/get.yaml"), yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let [first, second, third, fourth] = cases.cases() else { panic!("{yaml}") };
    assert_eq!((first.name.as_str(), first.tool.as_str()), ("get 1", "get"));
    assert_eq!(first.arguments["url"], "h\u{7f}\u{202e}\u{e0001}é");
    assert_eq!(first.given.clock.as_deref(), Some("2026-01-01T00:00:01.000000Z"));
    assert_eq!(first.expect.as_ref().and_then(|expect| expect.text.as_deref()), Some("two\nlines: \"x\" # y"));
    assert!(first.skip.as_ref().is_some_and(|reason| reason.contains("not written yet")));
    let error = second.expect.as_ref().and_then(|expect| expect.error.as_ref()).expect("an error");
    assert_eq!((error.code.as_str(), error.message.as_deref()), ("failed", Some("nobody")));
    // What the host refuses does not wait for the body.
    let error = third.expect.as_ref().and_then(|expect| expect.error.as_ref()).expect("an error");
    assert_eq!((error.code.as_str(), &third.skip), ("invalid_arguments", &None));
    assert_eq!(fourth.expect.as_ref().and_then(|expect| expect.content.as_ref()).map(Vec::len), Some(1));
    // A tool without calls has a case that waits for arguments.
    let yaml = text(&files, "tests/read_file.yaml");
    let cases = Cases::parse(Path::new("tests/read_file.yaml"), yaml).expect("cases");
    assert!(cases.cases()[0].skip.as_ref().is_some_and(|reason| reason.contains("no call was recorded")));
    assert!(text(&files, "NEXT.md").contains("the recorded calls (5)"));
}

#[test]
fn every_case_of_hard_definitions_can_be_read() {
    let hard = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/mpp-mcp/tests/data/hard.tools.json");
    let hard = std::fs::read_to_string(hard).expect("the file");
    for template in ["python", "ts", "js"] {
        for (path, text) in files(template, &hard).iter().filter(|(path, _)| path.ends_with(".yaml")) {
            Cases::parse(Path::new(path), text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        }
    }
}

#[test]
fn only_some_templates_take_the_tools_of_a_server() {
    for (template, language) in [
        (None, Language::Rust),
        (Some("tool"), Language::Rust),
        (Some("python"), Language::Python),
        (Some("ts"), Language::TypeScript),
        (Some("js"), Language::JavaScript),
    ] {
        assert_eq!(port_language(template).expect("a language"), language);
    }
    for template in ["handler", "go", "c", "cpp"] {
        let error = port_language(Some(template)).expect_err(template);
        assert_eq!(error.code(), "MPP-B055");
        assert!(error.help().contains("`tool`, `python`, `ts`, `js`"), "{}", error.help());
    }
    assert!(matches!(port_language(Some("pyhton")), Err(NewError::Template { nearest: Some("python"), .. })));
    // A server whose sources are in another language is refused, too.
    let temp = tempfile::tempdir().expect("temp dir");
    let port = Some(server(&definitions().to_string(), Language::Python));
    let request = NewProject { path: temp.path().join("clock"), name: None, template: Some("ts".to_owned()), port };
    assert_eq!(new_project(&request).expect_err("two languages").code(), "MPP-B055");
    assert!(!temp.path().join("clock").exists());
}
