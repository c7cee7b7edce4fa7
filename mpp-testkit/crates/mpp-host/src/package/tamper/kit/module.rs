//! Packages for step 7, with modules that are not valid or too large, or that import functions no host provides.

use serde_json::json;

use super::{Mutation, wasm};
use crate::package::tamper::RawEntry;

const MEMORY: &str = r#"(memory (export "memory") 1)"#;
const START: &str = r#"(func (export "_start"))"#;

pub(super) fn mutations() -> Vec<Mutation> {
    let import = |module: &str, name: &str| format!(r#"(import "{module}" "{name}" (func)) {MEMORY} {START}"#);
    let function = |module: &str, name: &str, signature: &str| {
        format!(r#"(import "{module}" "{name}" (func {signature})) {MEMORY} {START}"#)
    };
    vec![
        file("MPP-G705", "an empty module file", b""),
        file("MPP-G705", "a text file as the module", b"#!/bin/sh\necho hello\n"),
        file("MPP-G705", "a truncated module header", b"\0asm\x01\0\0"),
        file("MPP-G705", "a section with a wrong size", b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x0f"),
        module(
            "MPP-G705",
            "a function that leaves the wrong type",
            &format!("(func (result i32) i64.const 0) {MEMORY} {START}"),
        ),
        module("MPP-G705", "a shared memory", &format!(r#"(memory (export "memory") 1 2 shared) {START}"#)),
        module("MPP-G705", "a 64-bit memory", &format!(r#"(memory (export "memory") i64 1) {START}"#)),
        module(
            "MPP-G706",
            "more memory than the manifest allows",
            &format!(r#"(memory (export "memory") 1025) {START}"#),
        ),
        module("MPP-G706", "a table as large as memory", &format!("(table 10000000 funcref) {MEMORY} {START}")),
        module("MPP-G706", "many memories", &format!("{} {MEMORY} {START}", "(memory 500)".repeat(3))),
        module("MPP-G706", "100,001 functions", &format!("{} {MEMORY} {START}", "(func)".repeat(100_000))),
        module("MPP-G707", "an import from a browser", &import("env", "emscripten_run_script")),
        module("MPP-G707", "an import from an unknown module", &import("", "")),
        module("MPP-G707", "an older WASI", &import("wasi_unstable", "fd_write")),
        module("MPP-G707", "an unknown WASI function", &import("wasi_snapshot_preview1", "fd_wriet")),
        module(
            "MPP-G707",
            "an imported memory",
            &format!(r#"(import "wasi_snapshot_preview1" "fd_write" (memory 1)) {START}"#),
        ),
        module(
            "MPP-G709",
            "an undeclared network import",
            &function("mpp_v1", "http_send", "(param i32 i32) (result i32)"),
        ),
        module("MPP-G709", "an undeclared state import", &function("mpp_v1", "kv_get", "(param i32 i32) (result i32)")),
        module("MPP-G709", "an undeclared state import with a wrong signature", &import("mpp_v1", "kv_list")),
        module("MPP-G712", "a reply function with a wrong signature", &function("mpp_v1", "reply_len", "(result i64)")),
        module("MPP-G712", "a WASI function that returns nothing", &import("wasi_snapshot_preview1", "fd_write")),
        module(
            "MPP-G712",
            "a WASI function that takes a float",
            &function("wasi_snapshot_preview1", "proc_exit", "(param f32)"),
        ),
        module(
            "MPP-G707",
            "an imported function as a global",
            &format!(r#"(import "mpp_v1" "reply_len" (global i32)) {MEMORY} {START}"#),
        ),
        module("MPP-G708", "a host function that this host does not have", &import("mpp_v1", "quantum_send")),
        module("MPP-G708", "a later version of the host functions", &import("mpp_v9", "http_send")),
        module("MPP-G708", "an earlier version of the host functions", &import("mpp_v0", "http_send")),
        module("MPP-G710", "no `_start`", MEMORY),
        module(
            "MPP-G710",
            "a `_start` that is not a function",
            &format!(r#"(global (export "_start") i32 (i32.const 0)) {MEMORY}"#),
        ),
        module("MPP-G710", "a `_start` with a parameter", &format!(r#"(func (export "_start") (param i32)) {MEMORY}"#)),
        module("MPP-G710", "no memory", START),
        component("MPP-G711", "a component under the type of a module", "wasm32-wasi", "(component)"),
        component("MPP-G711", "a module under the type of a component", "wasm32-wasip2", "(module)"),
        component("MPP-G710", "a component that is not a command", "wasm32-wasip2", "(component)"),
        component(
            "MPP-G707",
            "a component that imports a server of HTTP",
            "wasm32-wasip2",
            r#"(component (import "wasi:http/incoming-handler@0.2.0" (instance)))"#,
        ),
        component(
            "MPP-G707",
            "a component that imports a later WASI",
            "wasm32-wasip2",
            r#"(component (import "wasi:cli/environment@0.3.0" (instance)))"#,
        ),
        component(
            "MPP-G707",
            "a component that imports a function",
            "wasm32-wasip2",
            r#"(component (import "run" (func)))"#,
        ),
    ]
}

fn module(code: &'static str, name: &'static str, fields: &str) -> Mutation {
    let module = wasm(&format!("(module {fields})"));
    program(code, name, "wasm32-wasi", move || module.clone())
}

fn file(code: &'static str, name: &'static str, module: &'static [u8]) -> Mutation {
    program(code, name, "wasm32-wasi", move || module.to_vec())
}

fn component(code: &'static str, name: &'static str, kind: &'static str, text: &'static str) -> Mutation {
    program(code, name, kind, move || wasm(text))
}

/// Returns a mutation that replaces the program, with 64 MiB of memory and without capabilities.
fn program(
    code: &'static str,
    name: &'static str,
    kind: &'static str,
    module: impl Fn() -> Vec<u8> + 'static,
) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        let mut manifest = kit.manifest();
        manifest["runtime"]["type"] = kind.into();
        manifest["runtime"]["memory_limit_mb"] = 64.into();
        manifest["capabilities"] = json!({});
        archive.entries[0] = RawEntry::stored("manifest.json", manifest.to_string().as_bytes());
        let entrypoint = kit.entrypoint();
        *archive.entry(&entrypoint) = RawEntry::stored(&entrypoint, &module());
        archive.sign(&kit.key, |_| {});
        archive.to_bytes()
    })
}
