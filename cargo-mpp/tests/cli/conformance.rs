//! `mpp conformance`: what a program must answer on the wire.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Ended, User, says};

/// The state of each requirement, by name.
fn states(document: &Value) -> BTreeMap<String, String> {
    let list = document["requirements"].as_array().expect("requirements").iter();
    list.map(|one| {
        (one["name"].as_str().unwrap_or_default().to_owned(), one["conformity"].as_str().unwrap_or_default().to_owned())
    })
    .collect()
}

fn tool() -> Value {
    json!({"name": "greet", "description": "Greet.", "security_level": "low",
        "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"], "additionalProperties": false}})
}

/// A user with a project whose module says this, whatever it is asked.
fn project(line: &str) -> User {
    let user = User::new();
    let manifest = json!({"name": "tool", "version": "1.0.0", "description": "A tool.", "build": {"output": "tool.wasm"},
        "tool_definitions": [tool()]});
    user.write("manifest.json", manifest.to_string());
    user.write("tool.wasm", says(line));
    user
}

#[test]
fn a_program_that_always_gives_the_same_answer_fails_the_cases_about_other_questions() {
    let line = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool()]}}).to_string() + "\n";
    let user = project(&line);
    let document = user.mpp(&["conformance", ".", "--format", "json"]).failed(1, "MPP-R720").json();
    let found = states(&document);
    for met in ["list.response", "list.definitions", "list.deterministic"] {
        assert_eq!(found[met], "met", "{document:#}");
    }
    for broken in [
        "request.unknown-method",
        "request.not-json",
        "request.no-method",
        "call.unknown-tool",
        "arguments.missing",
        "arguments.wrong-type",
        "arguments.unknown-key",
    ] {
        assert_eq!(found[broken], "not_met", "{document:#}");
    }
    assert_eq!(found["crash.seen"], "not_checked", "{document:#}");
    let text = user.mpp(&["conformance", "."]).failed(1, "MPP-R720");
    assert!(text.stdout.contains("  FAILED  call.unknown-tool\n    required: "), "{}", text.stdout);
    assert!(text.stdout.contains("    found:    expected an error, found `{"), "{}", text.stdout);
    let hidden = "  16 more need tools that the package does not have; -v lists them\n";
    assert!(text.stdout.contains(hidden), "{}", text.stdout);
    let all = user.mpp(&["conformance", ".", "-v"]).failed(1, "MPP-R720");
    let skipped = "skipped echo.unicode: the package has no tool `conformance_echo`";
    assert!(all.stdout.contains(skipped), "{}", all.stdout);
    assert!(text.stderr.contains("`request.unknown-method`"), "{}", text.stderr);
    let junit = user.mpp(&["conformance", ".", "--format", "junit"]).failed(1, "MPP-R720");
    assert!(junit.stdout.contains("name=\"call.unknown-tool\""), "{}", junit.stdout);
}

#[test]
fn a_package_of_an_unknown_publisher_is_not_run() {
    let user = User::new();
    let key = mpp_host::keys::SigningKey::generate(mpp_host::keys::KeyRole::Publisher).expect("a key");
    let package = user.package(&says(""), &key);
    user.mpp(&["conformance", &package]).failed(4, "MPP-K201");
}

#[test]
fn the_sdk_for_rust_conforms() {
    let _turn = crate::support::one_workspace_at_a_time();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent");
    let dir = root.join("examples/conformance").display().to_string();
    let user = User::new();
    let run = |arguments: &[&str]| {
        let mut command = user.command(arguments);
        command.env("CARGO_TARGET_DIR", crate::projects::target_dir()).env("CARGO_NET_OFFLINE", "true");
        Ended::run(&mut command)
    };
    let document = run(&["conformance", &dir, "--complete", "--format", "json"]).done().json();
    let not_met: Vec<_> = states(&document).into_iter().filter(|(_, state)| state != "met").collect();
    assert!(not_met.is_empty(), "{document:#}");
}
