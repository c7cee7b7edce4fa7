//! What a tool may not use: one kind of error and one exit code for hosts, paths and variables, and mappings that are never implied.

use serde_json::{Value, json};

use crate::support::{Ended, User, answers, sample, says, signed};

fn run(user: &User, package: &str, more: &[&str]) -> Ended {
    user.mpp(&[&["run", package, "--arg", "what=x"], more].concat())
}

/// A module that opens a path of the root directory, for reading or for writing, and passes the denial on as the SDK does.
fn opens(path: &str, rights: i64) -> Vec<u8> {
    let denied = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -31001, "message": "no", "data": {"kind": "capability_denied"}}});
    let text = crate::support::text_of(&(denied.to_string() + "\n"), "");
    let import = r#"(import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))"#;
    let open = format!(
        "(drop (call $open (i32.const 3) (i32.const 1) (i32.const 40000) (i32.const {}) (i32.const 0) (i64.const {rights})
           (i64.const 0) (i32.const 0) (i32.const 50000)))",
        path.len()
    );
    let text = text.replacen("(module", &format!("(module {import} (data (i32.const 40000) \"{path}\")"), 1);
    wat::parse_str(text.replacen("(export \"_start\")", &format!("(export \"_start\") {open}"), 1)).expect("wat")
}

#[test]
fn an_undeclared_path_is_denied_by_name_and_writing_is_told_from_reading() {
    let user = User::new();
    let key = user.own_key();
    for (rights, verb, list) in [(2, "tried to read", "read"), (64, "tried to write to", "write")] {
        user.package(&opens("etc/app.toml", rights), &key);
        let ended = run(&user, "tool.mpp", &[]).failed(4, "MPP-R104");
        for words in ["`/etc/app.toml`", verb, &format!("write `filesystem = {{ {list} = [\"/etc/app.toml\"] }}`")] {
            assert!(ended.stderr.contains(words), "{words} is not in {}", ended.stderr);
        }
        let document = run(&user, "tool.mpp", &["--format", "json"]).json();
        assert_eq!(document["call"]["error"]["data"]["remedy"]["kind"], "declare_path");
    }
}

#[test]
fn an_undeclared_variable_is_denied_by_name() {
    let user = User::new();
    let data = json!({"kind": "capability_denied", "variable": "SAY_TOKEN"});
    let error = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -31001, "message": "no", "data": data}});
    user.package(&says(&(error.to_string() + "\n")), &user.own_key());
    let ended = run(&user, "tool.mpp", &[]).failed(4, "MPP-R104");
    assert!(ended.stderr.contains("does not declare the environment variable `SAY_TOKEN`"), "{}", ended.stderr);
    assert!(ended.stderr.contains("write `env_vars = [\"SAY_TOKEN\"]`"), "{}", ended.stderr);
}

#[test]
fn help_for_a_project_without_cargo_toml_names_its_manifest() {
    let user = User::new();
    let mut value = sample(json!({})).manifest_json().clone();
    value["build"] = json!({"output": "tool.wasm"});
    user.write("project/manifest.json", value.to_string());
    user.write("project/tool.wasm", opens("etc/app.toml", 2));
    let ended = run(&user, "project", &[]).failed(4, "MPP-R104");
    let line = "write `\"filesystem\": {\"read\":[\"/etc/app.toml\"]}` in `capabilities` of `manifest.json`";
    assert!(ended.stderr.contains(line), "{}", ended.stderr);
    assert!(!ended.stderr.contains("package.metadata"), "{}", ended.stderr);
}

#[test]
fn an_error_that_is_not_about_paths_gets_no_help_about_paths() {
    let user = User::new();
    let data = json!({"kind": "tool_error", "code": "io", "retryable": false});
    let error = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -31000, "message": "broken pipe", "data": data}});
    user.package(&says(&error.to_string()), &user.own_key());
    let ended = run(&user, "tool.mpp", &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("broken pipe") && !ended.stderr.contains("filesystem"), "{}", ended.stderr);
}

#[test]
fn no_declared_path_is_mapped_to_the_same_path_by_itself() {
    let user = User::new();
    let capabilities = json!({"capabilities": {"filesystem": {"read": ["/etc"]}}});
    user.write("tool.mpp", signed(sample(capabilities), &answers("hello"), &user.own_key()).as_slice());
    let refused = run(&user, "tool.mpp", &[]).failed(4, "MPP-R303");
    assert!(refused.stderr.contains("`--dir /etc=PATH`"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("on this machine"), "it leads nowhere: {}", refused.stderr);

    let mapped = run(&user, "tool.mpp", &["--dir", "/etc=/etc"]).done();
    assert!(mapped.stderr.contains("may read /etc (on this machine: /etc)"), "{}", mapped.stderr);
    let log = user.mpp(&["audit", "list", "--format", "json"]).done().json();
    let directories: &Value = &log["records"][0]["mapped_paths"];
    assert_eq!(directories, &json!([{"guest": "/etc", "host": "/etc", "writable": false}]));

    run(&user, "tool.mpp", &["--yes"]).failed(4, "MPP-R303");
    user.write("home/policy.toml", "[dirs.\"com.example.say\"]\n\"/etc\" = \"/etc\"\n");
    let mapped = run(&user, "tool.mpp", &[]).done();
    assert!(mapped.stderr.contains("may read /etc (on this machine: /etc)"), "{}", mapped.stderr);
    user.write("home/policy.toml", "ask = \"high\"\n[dirs.\"com.example.say\"]\n\"/etc\" = \"etc\"\n");
    let wrong = run(&user, "tool.mpp", &[]).failed(2, "MPP-C016");
    assert!(wrong.stderr.contains("home/policy.toml:3:1"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("`/etc` is mapped to `etc`, which is not an absolute path"), "{}", wrong.stderr);
}

#[test]
fn a_call_that_fails_otherwise_after_a_denial_says_so() {
    let user = User::new();
    let key = user.own_key();
    let text = crate::support::text_of("", "unreachable");
    let import =
        r#"(import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))"#;
    let text = text.replacen("(module", &format!("(module {import} (data (i32.const 40000) \"srv/x\")"), 1);
    let call = "(export \"_start\") (drop (call $unlink (i32.const 3) (i32.const 40000) (i32.const 5)))";
    let crashes = wat::parse_str(text.replacen("(export \"_start\")", call, 1)).expect("wat");
    user.package(&crashes, &key);
    let ended = run(&user, "tool.mpp", &[]).failed(1, "MPP-R108");
    assert!(ended.stderr.contains("it was denied before: the path /srv/x (to write)"), "{}", ended.stderr);
}
