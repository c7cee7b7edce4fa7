//! Declared, importable and used capabilities.

use serde_json::json;

use crate::support::{User, answers, sample, signed};

/// A module that imports a host function and answers like the others.
fn importing(name: &str) -> Vec<u8> {
    let text = format!(
        r#"(module (import "mpp_v1" "{name}" (func (param i32 i32) (result i32))) (memory (export "memory") 1) (func (export "_start")))"#
    );
    wat::parse_str(text).expect("wat")
}

#[test]
fn caps_names_a_permission_that_cannot_be_used() {
    let user = User::new();
    let key = user.own_key();
    let capabilities = json!({"network": ["api.example.com"], "kv": {"max_bytes": 1024}});
    let package = signed(sample(json!({"capabilities": capabilities})), &importing("kv_get"), &key);
    user.write("tool.mpp", package.as_slice());
    let shown = user.mpp(&["caps", "tool.mpp"]).done().stdout;
    assert!(shown.contains("cannot be used") && shown.contains("api.example.com"), "{shown}");
    let ended = user.mpp(&["caps", "tool.mpp", "--check"]).failed(3, "MPP-C033");
    assert!(
        ended.stderr.contains("`network` declares api.example.com, but the module imports nothing"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("`kv`"), "unknown without recorded runs: {}", ended.stderr);
    let suggested = user.mpp(&["caps", "tool.mpp", "--suggest"]).done().stdout;
    assert_eq!(suggested, "[package.metadata.mpp.capabilities.kv]\nmax_bytes = 1024\n");
    let json = user.mpp(&["caps", "tool.mpp", "--suggest", "--format", "json"]).done().json();
    assert_eq!(json, json!({"format": 1, "capabilities": {"kv": {"max_bytes": 1024}}}));
}

#[test]
fn caps_names_capabilities_that_no_recorded_run_used() {
    let user = User::new();
    let key = user.own_key();
    let capabilities = json!({"kv": {"max_bytes": 1024}});
    // The module imports the declared function but never calls it.
    let module = wat::parse_str(answering("hello").replacen(
        "(module",
        r#"(module (import "mpp_v1" "kv_get" (func (param i32 i32) (result i32)))"#,
        1,
    ));
    let package = signed(sample(json!({"capabilities": capabilities})), &module.expect("wat"), &key);
    user.write("tool.mpp", package.as_slice());
    user.mpp(&["caps", "tool.mpp", "--check"]).done();
    user.mpp(&["run", "tool.mpp", "--arg", "what=x"]).done();
    // A call that did not run the tool proves nothing.
    user.mpp(&["run", "tool.mpp"]).failed(2, "MPP-R102");
    let ended = user.mpp(&["caps", "tool.mpp", "--check"]).failed(3, "MPP-C033");
    assert!(ended.stderr.contains("`kv` declares 1024 bytes, but no recorded run used it"), "{}", ended.stderr);
    let json = user.mpp(&["caps", "tool.mpp", "--format", "json"]).done().json();
    assert_eq!((&json["recorded"]["runs"], &json["verdicts"][0]["verdict"]), (&1.into(), &"not_used".into()));
}

#[test]
fn caps_names_only_the_paths_that_no_recorded_run_used() {
    let user = User::new();
    let key = user.own_key();
    let result = json!({"content": [{"type": "text", "text": "hello"}], "isError": false});
    let stdout = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
    // The module looks for a file in the first directory only.
    let looks = "(drop (call $stat (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 9000)))";
    let module = wat::parse_str(crate::support::text_of(&stdout, looks).replacen(
        "(module",
        r#"(module (import "wasi_snapshot_preview1" "path_filestat_get" (func $stat (param i32 i32 i32 i32 i32) (result i32)))
           (import "wasi_snapshot_preview1" "path_open" (func (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))"#,
        1,
    ));
    let capabilities = json!({"filesystem": {"read": ["/data", "/more"]}});
    user.write(
        "tool.mpp",
        signed(sample(json!({"capabilities": capabilities})), &module.expect("wat"), &key).as_slice(),
    );
    user.mpp(&["caps", "tool.mpp", "--check"]).done();
    user.mpp(&["run", "tool.mpp", "--arg", "what=x", "--dir", "/data=.", "--dir", "/more=."]).done();
    let ended = user.mpp(&["caps", "tool.mpp", "--check"]).failed(3, "MPP-C033");
    assert!(ended.stderr.contains("`filesystem.read` declares /more, but no recorded run used it"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("/data"), "{}", ended.stderr);
    let suggested = user.mpp(&["caps", "tool.mpp", "--suggest"]).done().stdout;
    assert_eq!(suggested, "[package.metadata.mpp.capabilities.filesystem]\nread = [\"/data\"]\n");
    assert!(user.mpp(&["audit", "show", "1"]).done().stdout.contains("paths used    /data\n"));
}

#[test]
fn lint_reports_declared_capabilities_that_are_never_imported() {
    let user = User::new();
    let key = user.own_key();
    let capabilities = json!({"network": ["api.example.com", "http://old.example.com"], "kv": {"max_bytes": 1024}});
    let package = |capabilities| signed(sample(json!({"capabilities": capabilities})), &importing("kv_get"), &key);
    user.write("tool.mpp", package(capabilities).as_slice());
    let found = user.mpp(&["lint", "tool.mpp"]).done().stdout;
    assert!(found.contains("unused-capability  `network` declares api.example.com, but the module imports"), "{found}");
    assert!(found.contains("plain-http  `network` declares http://old.example.com"), "{found}");
    assert!(!found.contains("`kv`"), "{found}");
    // The two parameters of the tool have no description, and one of them no maximum length.
    assert!(found.contains("missing-description  `say`: `what`, `times` have no description"), "{found}");
    assert!(found.contains("unbounded  `say`: `what` has no maximum length"), "{found}");
    let allowed = ["--allow", "missing-description", "--allow", "unbounded"];
    let json = user.mpp(&[&["lint", "tool.mpp", "--format", "json"][..], &allowed].concat()).done().json();
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(3), "{json:#}");
    assert_eq!(json["findings"][0]["rule"], "unused-capability");
    user.mpp(&["lint", "tool.mpp", "--deny"]).failed(3, "MPP-C034");

    user.write("tool.mpp", package(json!({"kv": {"max_bytes": 1024}})).as_slice());
    let ended = user.mpp(&[&["lint", "tool.mpp", "--deny"][..], &allowed].concat()).done();
    assert!(ended.stdout.contains("no findings"), "{}", ended.stdout);
}

#[test]
fn caps_passes_a_package_that_declares_nothing() {
    let user = User::new();
    user.package(&answers("hello"), &user.own_key());
    user.mpp(&["caps", "tool.mpp", "--check"]).done();
    assert_eq!(user.mpp(&["caps", "tool.mpp", "--suggest"]).done().stdout, "[package.metadata.mpp.capabilities]\n");
}

#[test]
fn undeclared_imports_are_refused_in_step_seven() {
    let user = User::new();
    for (name, missing) in [("http_send", "network"), ("kv_get", "kv")] {
        user.package(&importing(name), &user.own_key());
        let ended = user.mpp(&["verify", "tool.mpp"]).failed(3, "MPP-G709");
        assert!(
            ended.stderr.contains("step 7 of 7") && ended.stderr.contains(&format!("`capabilities.{missing}`")),
            "{}",
            ended.stderr
        );
    }
}

/// The text of a module that answers.
fn answering(answer: &str) -> String {
    let result = json!({"content": [{"type": "text", "text": answer}], "isError": false});
    let stdout = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
    crate::support::text_of(&stdout, "")
}
