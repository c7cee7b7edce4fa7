//! What help texts propose for `Cargo.toml`, applied to a project: each line is accepted, and says what it is meant to say.

#![allow(clippy::panic, reason = "a test stops at the first surprise")]

use mpp_host::codes::{Coded as _, Remedy};
use mpp_host::host::FilteredOutput;
use mpp_host::testing::{CargoLine, SamplePackage};
use serde_json::{Value, json};

use crate::support::{Sources, host};

/// Returns the manifest of a project that applies the only line that a text proposes.
#[track_caller]
fn applied(help: &str) -> Value {
    let lines = CargoLine::all_in(help);
    let [line] = lines.as_slice() else { panic!("{} lines are proposed in: {help}", lines.len()) };
    let sources = Sources::new(&[("Cargo.toml", &line.cargo_toml()), ("src/main.rs", "fn main() {}")]);
    let project = sources.find().unwrap_or_else(|error| panic!("{line:?} is refused: {error}"));
    project.stated_manifest()
}

/// A package whose `_start` is `body`; memory from 4096 on is `data`.
fn tool(body: &str, data: &[u8]) -> SamplePackage {
    let data: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    SamplePackage::new().wat(&format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 4096) "{data}")
          (func (export "_start") {body}))"#
    ))
}

/// Calls the tool of a package of one's own.
fn call(package: &SamplePackage) -> FilteredOutput {
    let verified = package.verify();
    let grant = package.grant(host(), &verified);
    let loaded = host().load(verified).expect("loads");
    loaded.grant(grant).expect("granted").call("run", "{}")
}

/// Returns the remedy of a call that the host has ended, as a sentence.
#[track_caller]
fn remedy(output: &FilteredOutput) -> String {
    let error = output.outcome().expect_err("the call fails");
    Remedy::of(error).unwrap_or_else(|| panic!("no remedy: {error:?}")).to_string()
}

#[test]
fn lines_in_the_help_of_codes_are_accepted() {
    let mut proposing = Vec::new();
    for code in mpp_host::codes::all().chain(mpp_build::codes::all()) {
        if !CargoLine::all_in(code.help).is_empty() {
            applied(code.help);
            proposing.push(code.id);
        }
    }
    assert_eq!(proposing, ["MPP-R105", "MPP-R106", "MPP-R107", "MPP-R302", "MPP-R304"]);
}

#[test]
fn a_call_that_exceeds_a_limit_proposes_a_higher_one() {
    let endless = tool("(loop $l (br $l))", b"").set("/runtime/timeout_ms", 60);
    assert_eq!(applied(&remedy(&call(&endless)))["runtime"]["timeout_ms"], 120);

    let grows = tool("(drop (memory.grow (i32.const 100))) unreachable", b"").set("/runtime/memory_limit_mb", 2);
    let runtime = &applied(&remedy(&call(&grows)))["runtime"];
    assert_eq!(runtime["memory_limit_mb"], 7, "enough for what the tool asked for");

    let write = "(i32.store (i32.const 0) (i32.const 4096)) (i32.store (i32.const 4) (i32.const 60))
                 (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))";
    let long = tool(write, b"").set("/runtime/max_output_bytes", 50).set("/runtime/timeout_ms", 20_000);
    let runtime = &applied(&remedy(&call(&long)))["runtime"];
    assert_eq!((&runtime["max_output_bytes"], &runtime["timeout_ms"]), (&json!(100), &json!(20_000)));
}

#[test]
fn a_denied_host_proposes_the_line_that_declares_it() {
    let head = json!({ "method": "GET", "url": "https://api.example.com/" }).to_string();
    let request = [&u32::try_from(head.len()).expect("short").to_le_bytes(), head.as_bytes()].concat();
    let answer = json!({ "jsonrpc": "2.0", "id": 1, "error": { "code": -31001, "message": "no" } }).to_string();
    let data = [request.as_slice(), answer.as_bytes()].concat();
    let asks = SamplePackage::new().wat(&format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (import "mpp_v1" "http_send" (func $send (param i32 i32) (result i32)))
          (memory (export "memory") 2)
          (data (i32.const 4096) "{}")
          (func (export "_start")
            (drop (call $send (i32.const 4096) (i32.const {})))
            (i32.store (i32.const 0) (i32.const {})) (i32.store (i32.const 4) (i32.const {}))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        data.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>(),
        request.len(),
        4096 + request.len(),
        answer.len()
    ));
    let injected = json!({ "host": "b.example", "inject": { "authorization": "Bearer \"${KEY}\"" } });
    let asks = asks.set("/capabilities", json!({ "network": ["a.example", injected], "env_vars": ["KEY"] }));
    let verified = asks.verify();
    let grant = asks.grant(host(), &verified).env("KEY", "a value of it");
    let output = host().load(verified).expect("loads").grant(grant).expect("granted").call("run", "{}");
    let network = &applied(&remedy(&output))["capabilities"]["network"];
    assert_eq!(*network, json!(["a.example", injected, "api.example.com"]));
}

#[test]
fn a_grant_proposes_the_line_that_declares_what_it_gives() {
    let declared = json!({ "env_vars": ["A"], "filesystem": { "read": ["/a"], "write": ["/out"] } });
    let package = tool("", b"").set("/capabilities", declared);
    let verified = package.verify();
    let loaded = host().load(verified.clone()).expect("loads");
    let variable = loaded.grant(package.grant(host(), &verified).env("API_KEY", "x")).expect_err("undeclared");
    assert_eq!(applied(&variable.help())["capabilities"]["env_vars"], json!(["A", "API_KEY"]));
    let directory = std::env::temp_dir();
    let grant = package.grant(host(), &verified).without_env();
    let grant = ["/a", "/out", "/data"].into_iter().fold(grant, |grant, guest| grant.dir(guest, &directory));
    let path = loaded.grant(grant).expect_err("undeclared");
    let filesystem = &applied(&path.help())["capabilities"]["filesystem"];
    assert_eq!(*filesystem, json!({ "read": ["/a", "/data"], "write": ["/out"] }));
}

#[test]
fn an_undeclared_import_proposes_the_line_that_declares_its_capability() {
    for (function, capability, declared) in
        [("http_send", "network", json!(["api.example.com"])), ("kv_get", "kv", json!({ "max_bytes": 1_048_576 }))]
    {
        let package = SamplePackage::new().wat(&format!(
            r#"(module (import "mpp_v1" "{function}" (func (param i32 i32) (result i32)))
              (memory (export "memory") 1) (func (export "_start")))"#
        ));
        let refusal = host().verify(package.sign()).outcome.expect_err("refused");
        assert_eq!(refusal.code, "MPP-G709");
        assert_eq!(refusal.help, refusal.remedy().expect("a remedy").to_string());
        assert_eq!(applied(&refusal.help)["capabilities"][capability], declared);
    }
}

#[test]
fn a_module_that_starts_too_large_proposes_a_sufficient_limit() {
    let large = SamplePackage::new()
        .wat(r#"(module (memory (export "memory") 100) (func (export "_start")))"#)
        .set("/runtime/memory_limit_mb", 2);
    let refusal = host().verify(large.sign()).outcome.expect_err("refused");
    assert_eq!(refusal.code, "MPP-G706");
    assert_eq!(applied(&refusal.help)["runtime"]["memory_limit_mb"], 7);
}

#[test]
fn a_tool_proposes_the_line_that_declares_its_variable() {
    let error = mpp_sdk::env("MPP_TEST_NOT_SET").expect_err("not set");
    assert_eq!(applied(error.message())["capabilities"]["env_vars"], json!(["MPP_TEST_NOT_SET"]));
}
