//! Ports of MCP servers: the project of hard definitions builds, and answers as the original's schemas say.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::projects::{place_of, settle, target_dir};
use crate::support::{Ended, User};

/// Tool definitions with everything that makes a port difficult.
fn hard() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/mpp-mcp/tests/data/hard.tools.json")
}

#[test]
fn hard_definitions_become_a_package_that_answers() {
    let _turn = crate::support::one_workspace_at_a_time();
    let user = User::new();
    let path = hard();
    let created = user.mpp(&["new", "port", "--from-mcp", &path.to_string_lossy(), "--format", "json"]).done().json();
    assert_eq!(created["port"]["tools"], 12, "{created}");
    let place = place_of("port");
    settle(&user.dir().join("port"), &place);
    let in_place = |arguments: &[&str]| {
        let mut command = user.command(arguments);
        command.current_dir(&place).env("CARGO_TARGET_DIR", target_dir()).env("CARGO_NET_OFFLINE", "true");
        Ended::of(command.output().expect("it starts"))
    };
    in_place(&["build", "-o", "dist"]).done();
    let package = place.join("dist/port-0.1.0.dev.mpp");
    // The published definitions are those that the project's test expects.
    let expected: Value =
        serde_json::from_slice(&std::fs::read(place.join("original/definitions.json")).expect("read")).expect("JSON");
    let shown = user.mpp(&["inspect", &package.to_string_lossy(), "--format", "json"]).done().json();
    assert_eq!(shown["manifest"]["tool_definitions"], expected);
    let call = |tool: &str, arguments: Value| {
        let ended = user.mpp(&[
            "run",
            &package.to_string_lossy(),
            "--yes",
            "--tool",
            tool,
            "--args",
            &arguments.to_string(),
            "--format",
            "json",
        ]);
        let answer: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
        answer["call"]["error"]["data"].clone()
    };
    for (tool, arguments) in [
        ("convert_time", json!({ "source_timezone": "UTC", "time": "09:30", "target_timezone": "UTC" })),
        ("Odd_Name_2", json!({ "type": "t", "self": "s", "fooBar": "a", "foo-bar": "b", "$ref": "d", "a/b~c": "e" })),
        (
            "list",
            json!({ "limit": 5.0, "sort": "desc", "unit": "+1", "kind": "cat", "level": 3, "maybe": null, "tags": ["a"] }),
        ),
        (
            "create_entities",
            json!({ "entities": [{ "name": "a", "entityType": "b", "position": { "x": 1, "y": null } }], "counts": { "a": 1 } }),
        ),
        ("tree", json!({ "root": { "name": "a", "children": [{ "name": "b" }] }, "far": 3 })),
        ("either", json!({ "id": 1 })),
        ("parts", json!({ "a": "x", "b": 1, "c": true })),
        ("undescribed", json!({ "x": [], "z": {} })),
        ("str", json!({})),
        ("wrong", json!({ "b": "y", "a": {}, "c": ["a", 1] })),
        ("any_keys", json!({})),
    ] {
        let data = call(tool, arguments.clone());
        assert_eq!(data["code"], "not_implemented", "{tool} {arguments}: {data}");
    }
    for (tool, arguments) in [
        ("convert_time", json!({ "source_timezone": "UTC", "time": "9:30", "target_timezone": "UTC" })),
        ("Odd_Name_2", json!({ "type_": "t" })),
        ("Odd_Name_2", json!({ "type": "t", "": "" })),
        ("list", json!({ "limit": 101 })),
        ("list", json!({ "sort": "Asc" })),
        ("create_entities", json!({ "entities": [] })),
        ("create_entities", json!({ "entities": [{ "name": "a", "entityType": "b", "colour": 1 }] })),
        ("either", json!({})),
        ("parts", json!({ "a": "x", "b": 1 })),
        ("undescribed", json!({ "x": 1 })),
        ("any_keys", json!({ "a": "b" })),
    ] {
        let data = call(tool, arguments.clone());
        assert_eq!(data["kind"], "invalid_arguments", "{tool} {arguments}: {data}");
    }
}

#[test]
fn ports_in_other_languages_are_written_without_their_compilers() {
    let user = User::new();
    let path = hard();
    let read = |path: PathBuf| std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    for (template, source) in
        [("python", "tools/convert_time.py"), ("ts", "src/tools/convert_time.ts"), ("js", "src/tools/convert_time.js")]
    {
        let arguments =
            ["new", template, "--from-mcp", &path.to_string_lossy(), "--template", template, "--format", "json"];
        let created = user.mpp(&arguments).done().json();
        assert_eq!((&created["port"]["tools"], &created["port"]["calls"]), (&json!(12), &json!(0)), "{created}");
        let dir = user.dir().join(template);
        for file in [source, "schemas/convert_time.json", "tests/convert_time.yaml", "NEXT.md", "REPORT.md"] {
            assert!(dir.join(file).is_file(), "{template}: {file}");
        }
        let definitions: Value = serde_json::from_str(&read(dir.join("original/definitions.json"))).expect("JSON");
        let original: Value = serde_json::from_str(&read(path.clone())).expect("JSON");
        let of = |list: &Value, name: &str| {
            list.as_array().expect("a list").iter().find(|tool| tool["name"] == name).cloned()
        };
        let (found, expected) = (of(&definitions, "convert_time"), of(&original["tools"], "convert_time"));
        let (found, mut expected) = (found.expect("the tool"), expected.expect("the tool"));
        // The server's schema says nothing about unknown keys.
        expected["inputSchema"]["additionalProperties"] = json!(false);
        assert_eq!((&found["parameters"], &found["returns"]), (&expected["inputSchema"], &expected["outputSchema"]));
    }
}

#[test]
fn a_template_that_takes_no_tools_is_refused_before_the_server_is_started() {
    let user = User::new();
    for template in ["handler", "go", "c", "cpp"] {
        let failed =
            user.mpp(&["new", "other", "--from-mcp", "touch started", "--template", template]).failed(2, "MPP-B055");
        assert!(failed.stderr.contains("`python`"), "{}", failed.stderr);
    }
    user.mpp(&["new", "other", "--from-mcp", "touch started", "--template", "pyhton"]).failed(2, "MPP-B052");
    assert!(!user.dir().join("started").exists() && !user.dir().join("other").exists());
}

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/time")
}

/// Captures of the reference server for times: on an ordinary day, and on the days on which clocks in Europe are changed.
const CAPTURES: [&str; 3] = ["winter", "spring", "autumn"];

#[test]
fn the_example_was_made_from_its_captures() {
    let user = User::new();
    for name in CAPTURES {
        let capture = example().join("original").join(name).with_extension("capture");
        user.mpp(&["new", name, "--from-mcp", &capture.to_string_lossy()]).done();
        let read = |path: PathBuf| std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let made = user.dir().join(name);
        for schema in made.join("schemas").read_dir().expect("schemas") {
            let schema = schema.expect("an entry").file_name();
            assert_eq!(read(made.join("schemas").join(&schema)), read(example().join("schemas").join(&schema)));
        }
        assert_eq!(
            read(made.join("original/definitions.json")),
            read(example().join("original/definitions.json")),
            "{name}"
        );
        let calls = example().join("fixtures").join(name).with_extension("jsonl");
        assert_eq!(read(made.join("fixtures/calls.jsonl")), read(calls), "{name}");
    }
}

#[test]
fn the_example_answers_as_its_captures() {
    let (user, example) = (User::new(), example());
    for name in CAPTURES {
        let capture = example.join("original").join(name).with_extension("capture");
        let arguments = ["replay", &capture.to_string_lossy(), &example.to_string_lossy(), "--format", "json"];
        let replayed = user.mpp(&arguments).done().json();
        let counts = json!({ "identical": 20, "redacted": 0, "volatile": 0, "different": 0, "error": 0 });
        assert_eq!(replayed["counts"], counts, "{replayed:#}");
        assert!(
            replayed["definitions"]
                .as_array()
                .is_some_and(|found| found.iter().all(|found| found["is_expected"] == true))
        );
    }
}
