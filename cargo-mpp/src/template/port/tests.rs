//! Tests of the files of a port.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

mod languages;

use std::path::Path;

use mpp_mcp::scaffold::{Language, Original, Port};
use serde_json::json;

use super::PortedServer;
use crate::template::{NewProject, new_project};

fn server(text: &str) -> PortedServer {
    let original = Original::parse(text).expect("definitions");
    PortedServer { origin: "tools.json".to_owned(), port: Port::of(&original, Language::Rust), original }
}

fn definitions() -> serde_json::Value {
    json!({ "serverInfo": { "name": "clock\n[x](y) \u{1b}[1m", "version": "1" }, "tools": [
        { "name": "read_file", "description": "Read.", "inputSchema": { "type": "object", "properties": { "path": { "type": "string" } }, "required": ["path"] }, "annotations": { "readOnlyHint": true } },
        { "name": "get", "description": "Get.", "inputSchema": { "type": "object", "properties": { "url": { "type": "string", "pattern": "^(?=h)" } }, "required": ["url"] } },
        { "name": "a.b", "description": "Any.", "inputSchema": { "type": "object", "properties": { "x": {} } } },
    ] })
}

fn template() -> impl Iterator<Item = (String, String)> {
    crate::template::template_files("tool").map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
}

fn files(server: &PortedServer, name: &str, template: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    super::files(super::layout("tool").expect("a layout"), server, name, template)
}

fn text<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
    files.iter().find(|(found, _)| found == path).map(|(_, text)| text.as_str()).expect(path)
}

#[test]
fn capabilities_are_guesses_and_none_is_declared() {
    let server = server(&definitions().to_string());
    let files = files(&server, "clock", template());
    let manifest = text(&files, "Cargo.toml");
    let table: toml::Table = manifest.parse().expect("TOML");
    assert_eq!(table["package"]["description"].as_str(), Some("Port of the MCP server clock [x](y) \\u{1b}[1m"));
    assert_eq!(table["package"]["metadata"]["mpp"]["capabilities"], toml::Value::Table(toml::Table::new()));
    assert!(manifest.contains("# guess: `get` takes `url`\n# network = [\"api.example.com\"]\n"), "{manifest}");
    assert!(manifest.contains("# guess: `read_file` takes `path`\n# filesystem.read = [\"/data\"]\n"), "{manifest}");
    assert!(!manifest.contains("filesystem.write"), "the tool is called read-only");
    // A guess becomes a declaration by removing the mark of the comment.
    let declared = manifest.replace("# network", "network").replace("# filesystem", "filesystem");
    let table: toml::Table = declared.parse().expect("TOML");
    assert_eq!(table["package"]["metadata"]["mpp"]["capabilities"]["filesystem"]["read"][0].as_str(), Some("/data"));
}

#[test]
fn what_was_observed_is_guessed() {
    let observed = json!({
        "programs": [{ "program": "/usr/bin/python3", "at": 1, "is_server": true }],
        "read": ["/srv/data/a\u{1b}.txt"],
        "connections": [{ "host": "api.crm.example", "address": "203.0.113.7", "port": 443 }],
        "variables": ["CRM_API_KEY"],
    });
    let lines = [
        json!({ "capture": 1, "started": "2026-01-01T00:00:00Z", "transport": "stdio" }),
        json!({ "at": 1, "from": "client", "message": { "jsonrpc": "2.0", "id": 1, "method": "tools/list" } }),
        json!({ "at": 2, "from": "server", "message": { "jsonrpc": "2.0", "id": 1, "result": definitions() } }),
        json!({ "at": 3, "observed": observed }),
    ];
    let server = server(&lines.map(|line| format!("{line}\n")).concat());
    let files = files(&server, "clock", template());
    let manifest = text(&files, "Cargo.toml");
    for guess in [
        "# The capabilities are GUESSES from what the original did while it was captured",
        "# guess: the original connects to these\n# network = [\"api.crm.example\"]\n",
        "# guess: the original reads files in these\n# filesystem.read = [\"/srv/data\"]\n",
        "# guess: the original was given these\n# env_vars = [\"CRM_API_KEY\"]\n",
    ] {
        assert!(manifest.contains(guess), "{guess}\nis not in\n{manifest}");
    }
    assert!(!manifest.contains("api.example.com") && !manifest.contains("filesystem.write"), "{manifest}");
    let table: toml::Table = manifest.parse().expect("TOML");
    assert_eq!(table["package"]["metadata"]["mpp"]["capabilities"], toml::Value::Table(toml::Table::new()));
    let declared = ["# network", "# filesystem", "# env_vars"]
        .iter()
        .fold(manifest.to_owned(), |text, line| text.replace(line, line.trim_start_matches("# ")));
    let table: toml::Table = declared.parse().expect("TOML");
    assert_eq!(table["package"]["metadata"]["mpp"]["capabilities"]["env_vars"][0].as_str(), Some("CRM_API_KEY"));
    let report = text(&files, "REPORT.md");
    assert!(report.contains("- network (observed): connects to api.crm.example port 443\n"), "{report}");
    assert!(report.contains("reads /srv/data/a\\\\u{1b}.txt\n- environment (suggested)"), "{report}");
    assert!(text(&files, "NEXT.md").contains("from what the original was seen to use"));
}

#[test]
fn the_report_lists_what_differs() {
    let server = server(&definitions().to_string());
    let files = files(&server, "clock", template());
    let report = text(&files, "REPORT.md");
    for line in [
        "| tools | 3 |\n| arguments | 3 |\n| JSON values in the types | 1 |\n",
        "## `get`\n\n- parameters /properties/url **differs**: has a pattern that cannot be matched in linear time; the port does not check it.\n",
        "- The tool was named `a.b`, which a package does not allow.\n- parameters /properties/x is a JSON value in the code: the schema allows any value.\n",
        "Differences between the MCP server clock \\[x\\](y) \\\\u{1b}\\[1m 1 and this port",
    ] {
        assert!(report.contains(line), "{line}\nis not in\n{report}");
    }
    assert!(!report.contains("## `read_file`"), "nothing differs there");
    let next = text(&files, "NEXT.md");
    assert!(next.contains("   - [ ] `src/tools/a_b.rs`\n") && next.contains("cargo mpp capture -o"), "{next}");
}

#[test]
fn recorded_calls_are_replayed_by_a_test_that_waits_for_the_bodies() {
    let mut text_of_capture = String::new();
    for line in [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }),
        json!({ "jsonrpc": "2.0", "id": 1, "result": definitions() }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": { "name": "get", "arguments": { "url": "h" } } }),
        json!({ "jsonrpc": "2.0", "id": 2, "result": { "content": [{ "type": "text", "text": "x" }] } }),
    ] {
        text_of_capture.push_str(&format!("{line}\n"));
    }
    let server = server(&text_of_capture);
    assert_eq!(server.first_call().as_deref(), Some("--tool get --args '{\"url\":\"h\"}'"));
    let files = files(&server, "clock", template());
    assert!(text(&files, "src/tests.rs").contains("#[ignore = "));
    assert!(mpp_recording::RecordedCalls::parse(text(&files, "fixtures/calls.jsonl")).is_ok());
    assert!(text(&files, "NEXT.md").contains("the recorded calls (1)"), "{}", text(&files, "NEXT.md"));
}

#[test]
fn a_port_is_written_like_any_project() {
    let temp = tempfile::tempdir().expect("temp dir");
    let path = temp.path().join("clock");
    let port = Some(server(&definitions().to_string()));
    let created = new_project(&NewProject { path: path.clone(), name: None, template: None, port }).expect("a project");
    assert_eq!(created.first_call.as_deref(), Some("--tool a_b --args '{}'"));
    for file in [
        "vendor/mpp/mpp-sdk/src/lib.rs",
        "Cargo.lock",
        ".cargo/config.toml",
        "src/tools/a_b.rs",
        "schemas/get.json",
        "NEXT.md",
    ] {
        assert!(path.join(file).is_file(), "{file}");
    }
    assert!(!created.files.iter().any(|file| file.starts_with(Path::new("vendor"))));
}
