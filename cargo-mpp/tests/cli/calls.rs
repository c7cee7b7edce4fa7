//! Calls: answers of a tool, and every way in which a call can fail.

use mpp_build::Project;
use mpp_host::testing::CargoLine;
use serde_json::json;

use crate::support::{User, answers, module, sample, says, signed};

const ASK: [&str; 4] = ["run", "tool.mpp", "--arg", "what=x"];

#[test]
fn stdout_contains_only_the_redacted_answer() {
    let user = User::new();
    user.package(&answers("write to ada@example.com"), &user.own_key());
    let ended = user.mpp(&ASK).done();
    assert_eq!(ended.stdout, "write to [REDACTED:email]\n");
    assert!(ended.stderr.contains("Redacted 1 × email"), "{}", ended.stderr);
    let quiet = user.mpp(&["run", "tool.mpp", "--arg", "what=x", "-q"]).done();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("write to [REDACTED:email]\n", ""));
    let document = user.mpp(&["run", "tool.mpp", "--arg", "what=x", "--format", "json"]).done().json();
    assert_eq!(document["call"]["result"]["content"][0]["text"], "write to [REDACTED:email]");
    assert_eq!(document["call"]["report"]["redactions"]["counts"]["email"], 1);
    assert_eq!(document["tool"], "say");
}

#[test]
fn every_failure_has_its_code_and_exit_code() {
    let user = User::new();
    let key = user.own_key();
    let response = |error: serde_json::Value| json!({"jsonrpc": "2.0", "id": 1, "error": error}).to_string();
    let own = response(
        json!({"code": -31000, "message": "no such customer", "data": {"kind": "tool_error", "code": "not_found", "retryable": true}}),
    );
    let table = [
        ("an error of its own", says(&own), 1, "MPP-R103"),
        ("silence", says(""), 1, "MPP-R108"),
        ("a trap", module("", "unreachable"), 1, "MPP-R108"),
        ("an early exit", module("", "(call $exit (i32.const 3))"), 1, "MPP-R108"),
        ("endless recursion", module("", "(drop (call $deep (i32.const 0)))"), 1, "MPP-R108"),
        ("nonsense", says("hello\n"), 1, "MPP-R109"),
        ("two documents", says("{}\n{}\n"), 1, "MPP-R109"),
        ("bytes that are not text", module("\u{0}", ""), 1, "MPP-R109"),
        ("a loop", module("", "(loop $l (br $l))"), 5, "MPP-R105"),
        (
            "a flood",
            module(
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
                "(loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))) (br $l))",
            ),
            5,
            "MPP-R107",
        ),
    ];
    let small = json!({"runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm", "timeout_ms": 500, "max_output_bytes": 65536}});
    for (name, module, exit, code) in table {
        user.write("tool.mpp", signed(sample(small.clone()), &module, &key).as_slice());
        let ended = user.mpp(&ASK);
        assert_eq!(ended.code, Some(exit), "{name}: {ended:#?}");
        assert!(ended.stderr.contains(&format!("error[{code}]: ")), "{name}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{name}");
        match code {
            "MPP-R105" => assert_eq!(applied(&ended.stderr)["runtime"]["timeout_ms"], 1000),
            "MPP-R107" => assert_eq!(applied(&ended.stderr)["runtime"]["max_output_bytes"], 131_072),
            _ => {}
        }
    }
}

#[test]
fn an_undeclared_path_shows_how_to_declare_it() {
    let user = User::new();
    let error = json!({
        "code": -31001, "message": "no such file", "data": {"kind": "capability_denied", "path": "/notes"}
    });
    user.package(&says(&json!({"jsonrpc": "2.0", "id": 1, "error": error}).to_string()), &user.own_key());
    let ended = user.mpp(&ASK).failed(4, "MPP-R104");
    assert_eq!(applied(&ended.stderr)["capabilities"]["filesystem"]["read"], json!(["/notes"]));
}

/// Returns the manifest of a project that applies the only line that a text proposes for `Cargo.toml`.
#[track_caller]
fn applied(text: &str) -> serde_json::Value {
    let lines = CargoLine::all_in(text);
    let [line] = lines.as_slice() else { panic!("{} lines are proposed in: {text}", lines.len()) };
    let user = User::new();
    user.write("src/main.rs", "fn main() {}");
    user.write("Cargo.toml", line.cargo_toml());
    let project = Project::find(user.dir()).unwrap_or_else(|error| panic!("{line:?} is refused: {error}"));
    project.stated_manifest()
}

#[test]
fn a_tools_own_error_keeps_its_code() {
    let user = User::new();
    let error = json!({"code": -31000, "message": "mail ada@example.com", "data": {"kind": "tool_error", "code": "down", "retryable": true}});
    user.package(&says(&json!({"jsonrpc": "2.0", "id": 1, "error": error}).to_string()), &user.own_key());
    let ended = user.mpp(&ASK);
    assert_eq!(ended.code, Some(1));
    for expected in ["mail [REDACTED:email]", "the tool's own error code is down", "may succeed later"] {
        assert!(ended.stderr.contains(expected), "{expected} is not in {}", ended.stderr);
    }
    let document = user.mpp(&["run", "tool.mpp", "--arg", "what=x", "--format", "json"]).json();
    assert_eq!(document["call"]["error"]["data"]["code"], "down");
    assert_eq!((&document["error"]["code"], &document["error"]["exit_code"]), (&"MPP-R103".into(), &1.into()));
}

#[test]
fn missing_variables_and_directories_are_named() {
    let user = User::new();
    let capabilities = json!({"filesystem": {"read": ["/nowhere-to-be-found"]}, "env_vars": ["SAY_TEST_TOKEN"]});
    user.write(
        "tool.mpp",
        signed(sample(json!({"capabilities": capabilities})), &answers("tok-1234567890"), &user.own_key()).as_slice(),
    );
    std::fs::create_dir(user.dir().join("data")).expect("made");
    let run = |more: &[&str]| user.mpp(&[&ASK[..], more].concat());
    run(&["--env", "-"]).failed(4, "MPP-R303");
    let map = "--dir=/nowhere-to-be-found=data";
    let ended = run(&[map]).failed(4, "MPP-R301");
    assert!(ended.stderr.contains("--env SAY_TEST_TOKEN=VALUE"), "{}", ended.stderr);
    run(&[map, "--env", "SAY_TEST_TOKEN"]).failed(2, "MPP-C010");
    let undeclared = run(&[map, "--env", "SAY_TEST_TOKNE=x"]).failed(2, "MPP-C010");
    assert!(undeclared.stderr.contains("did you mean `SAY_TEST_TOKEN`"), "{}", undeclared.stderr);
    run(&["--dir", "/elsewhere=data"]).failed(2, "MPP-C009");
    run(&["--dir", "/nowhere-to-be-found=gone"]).failed(2, "MPP-C009");
    run(&["--dir", "data"]).failed(2, "MPP-C009");
    run(&[map, "--env", "-"]).done();
    let given = run(&[map, "--env", "SAY_TEST_TOKEN=tok-1234567890"]).done();
    assert_eq!(given.stdout, "[REDACTED:env:SAY_TEST_TOKEN]\n");
    let mut inherited = user.command(&[&ASK[..], &[map]].concat());
    let inherited = crate::support::Ended::run(inherited.env("SAY_TEST_TOKEN", "tok-1234567890"));
    assert_eq!(inherited.done().stdout, "[REDACTED:env:SAY_TEST_TOKEN]\n");
}

#[test]
fn a_package_with_several_tools_needs_the_name_of_one() {
    let user = User::new();
    let tool = |name: &str| json!({"name": name, "description": "x", "parameters": {"type": "object"}});
    let patch = json!({"tool_definitions": [tool("count"), tool("slug")]});
    user.write("tool.mpp", signed(sample(patch), &answers("x"), &user.own_key()).as_slice());
    let ended = user.mpp(&["run", "tool.mpp"]).failed(2, "MPP-C008");
    assert!(ended.stderr.contains("`--tool count`, `--tool slug`"), "{}", ended.stderr);
    let ended = user.mpp(&["run", "tool.mpp", "--tool", "slgu"]).failed(2, "MPP-R101");
    assert!(ended.stderr.contains("did you mean `slug`"), "{}", ended.stderr);
    user.mpp(&["run", "tool.mpp", "--tool", "slug"]).done();
}
