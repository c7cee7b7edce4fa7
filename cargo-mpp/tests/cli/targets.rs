//! Files that are not commands for the sandbox: `mpp build`, `mpp verify` and `mpp conformance` say what each one is and what was
//! expected.
#![cfg(unix)]

use serde_json::{Value, json};

use crate::support::{Ended, User, sample, signed};

/// A file that was built for something else.
struct Foreign {
    bytes: Vec<u8>,
    /// What the manifest declares.
    kind: &'static str,
    /// The code of the Gatekeeper.
    refused: &'static str,
    /// What the file is.
    is: &'static str,
    /// What was expected.
    expected: &'static str,
    /// What to do.
    help: &'static str,
}

const MODULE: &str = "a command module for WASI preview 1 (`wasm32-wasip1`), which exports `_start` and `memory`";
const COMPONENT: &str = "a command component for WASI 0.2, which exports `wasi:cli/run`";

fn foreign(bytes: impl Into<Vec<u8>>, refused: &'static str, is: &'static str, help: &'static str) -> Foreign {
    Foreign { bytes: bytes.into(), kind: "wasm32-wasi", refused, is, expected: MODULE, help }
}

/// A module with these items, and the memory that a command exports.
fn module(items: &str) -> Vec<u8> {
    wat::parse_str(format!(r#"(module {items} (memory (export "memory") 1))"#)).expect("wat")
}

fn cases() -> Vec<Foreign> {
    let start = r#"(func (export "_start"))"#;
    let component = |text: &str| wat::parse_str(text).expect("wat");
    let run = |version: &str| {
        component(&format!(r#"(component (instance $run) (export "wasi:cli/run@{version}" (instance $run)))"#))
    };
    let wasm = |items: &str| wat::parse_str(format!("(module {items})")).expect("wat");
    vec![
        foreign(
            module(r#"(func (export "add") (param i32 i32) (result i32) (local.get 0))"#),
            "MPP-G710",
            "a module without WASI, such as those of `wasm32-unknown-unknown`",
            "compile a program, not a library, for `wasm32-wasip1`",
        ),
        foreign(
            module(r#"(import "./tool_bg.js" "__wbindgen_init_externref_table" (func)) (func (export "add"))"#),
            "MPP-G707",
            "a module for the JavaScript glue of `wasm-bindgen`",
            "needs no glue",
        ),
        foreign(
            module(
                r#"(import "wasi_snapshot_preview1" "fd_close" (func (param i32) (result i32)))
                   (import "env" "emscripten_memcpy_big" (func (param i32 i32 i32) (result i32)))
                   (import "env" "setTempRet0" (func (param i32))) (func (export "main"))"#,
            ),
            "MPP-G707",
            "a module for the JavaScript glue of Emscripten",
            "link with `-sSTANDALONE_WASM`",
        ),
        foreign(
            module(r#"(import "a" "a" (func)) (import "a" "b" (func (param i32))) (func (export "d"))"#),
            "MPP-G707",
            "a module for the JavaScript glue of Emscripten",
            "link with `-sSTANDALONE_WASM`",
        ),
        foreign(
            module(&format!(r#"(import "env" "emscripten_notify_memory_growth" (func (param i32))) {start}"#)),
            "MPP-G707",
            "a stand-alone module of Emscripten that still calls its JavaScript",
            "compile with clang and wasi-libc",
        ),
        foreign(
            module(&format!(r#"(import "env" "compress" (func (param i32))) {start}"#)),
            "MPP-G707",
            "a command that lacks functions, which the linker left as imports from `env`",
            "link the library that defines the function",
        ),
        foreign(
            module(
                r#"(import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
                   (import "gojs" "runtime.ticks" (func (result f64)))
                   (import "gojs" "syscall/js.valueGet" (func (param i64 i32 i32) (result i64)))
                   (func (export "_start")) (func (export "malloc")) (func (export "resume"))"#,
            ),
            "MPP-G707",
            "a TinyGo program for browsers (its target `wasm`)",
            "build with `-target=wasip1`",
        ),
        foreign(
            module(
                r#"(import "gojs" "runtime.wasmExit" (func (param i32)))
                   (import "gojs" "syscall/js.valueGet" (func (param i32)))
                   (func (export "run") (param i32 i32)) (func (export "resume")) (func (export "getsp"))"#,
            ),
            "MPP-G707",
            "a Go program for JavaScript (`GOOS=js`)",
            "build with `GOOS=wasip1 GOARCH=wasm`",
        ),
        foreign(
            module(r#"(import "env" "abort" (func (param i32 i32 i32 i32))) (func (export "add"))"#),
            "MPP-G707",
            "a module of AssemblyScript for JavaScript",
            "`@assemblyscript/wasi-shim`",
        ),
        foreign(
            module(&format!(r#"(import "wasi_unstable" "fd_close" (func (param i32) (result i32))) {start}"#)),
            "MPP-G707",
            "a module for WASI preview 0 (`wasi_unstable`)",
            "its target is `wasm32-wasip1`",
        ),
        foreign(
            module(r#"(func (export "_initialize")) (func (export "add"))"#),
            "MPP-G710",
            "a library (reactor): it exports `_initialize` and no `_start`",
            "leave out `-mexec-model=reactor`",
        ),
        foreign(
            wasm(&format!(r#"(memory (export "memory") i64 1) {start}"#)),
            "MPP-G705",
            "a module with 64-bit memory (`wasm64`)",
            "`wasm32`",
        ),
        foreign(
            wasm(&format!(r#"(memory (export "memory") 1 2 shared) {start}"#)),
            "MPP-G705",
            "a module with threads and shared memory",
            "leave out `-pthread`",
        ),
        foreign(&b"#!/bin/sh\necho hello\n"[..], "MPP-G705", "a text file", "name the module in `build.output`"),
        foreign(&b"(module)\n"[..], "MPP-G705", "a module in the text format of WebAssembly", "`wat2wasm`"),
        foreign(&b""[..], "MPP-G705", "an empty file", "name the module in `build.output`"),
        foreign(&b"\x7fELF\x02\x01\x01\0"[..], "MPP-G705", "a program for this machine", "`wasm32-wasip1`"),
        foreign(&b"export default () => 1;\n"[..], "MPP-G705", "JavaScript", "`-sSTANDALONE_WASM`"),
        Foreign {
            kind: "wasm32-wasip2",
            expected: "a component for WASI 0.2 (`wasm32-wasip2`)",
            ..foreign(run("0.3.0"), "MPP-G710", "a component for WASI 0.3", "compile for `wasm32-wasip2`")
        },
        Foreign {
            kind: "wasm32-wasip2",
            expected: COMPONENT,
            ..foreign(
                component(r#"(component (instance $i) (export "example:tool/calls@1.0.0" (instance $i)))"#),
                "MPP-G710",
                "a component that is not a command: it does not export `wasi:cli/run`",
                "`wasi:cli/command`",
            )
        },
        Foreign {
            kind: "wasm32-wasip2",
            expected: COMPONENT,
            ..foreign(
                component(r#"(component (instance $i) (export "wasi:http/incoming-handler@0.2.3" (instance $i)))"#),
                "MPP-G710",
                "a component that serves HTTP: it exports `wasi:http/incoming-handler`",
                "`wasi:cli/command`",
            )
        },
        Foreign {
            kind: "wasm32-wasip2",
            expected: "`wasm32-wasi",
            ..foreign(module(start), "MPP-G711", "a core module", "\"type\": \"wasm32-wasi\"")
        },
        Foreign {
            expected: "`wasm32-wasi",
            ..foreign(run("0.2.3"), "MPP-G711", "a component", "\"type\": \"wasm32-wasip2\"")
        },
    ]
}

#[track_caller]
fn says(ended: &Ended, case: &Foreign) {
    for words in [case.is, case.expected, case.help] {
        assert!(ended.stderr.contains(words), "`{words}` is not in\n{}", ended.stderr);
    }
}

/// Writes a project whose build command makes this file.
fn project(user: &User, name: &str, case: &Foreign) {
    let manifest = json!({"name": "tool", "version": "1.0.0", "runtime": {"type": case.kind},
        "build": {"command": "cp made out.wasm", "output": "out.wasm"}});
    user.write(&format!("{name}/manifest.json"), manifest.to_string());
    user.write(&format!("{name}/made"), &case.bytes);
}

#[test]
fn a_build_says_what_was_built_for_something_else() {
    let user = User::new();
    for (number, case) in cases().iter().enumerate() {
        let name = format!("project{number}");
        project(&user, &name, case);
        says(&user.mpp(&["build", &name]).failed(6, "MPP-B084"), case);
        assert!(!user.dir().join(&name).join("target/mpp/tool-1.0.0.dev.mpp").exists(), "{}", case.is);
    }
    // A ready module is recognised, too, and conformance builds the project.
    let case = &cases()[0];
    let manifest = json!({"name": "tool", "version": "1.0.0", "build": {"output": "out.wasm"}});
    user.write("ready/manifest.json", manifest.to_string());
    user.write("ready/out.wasm", &case.bytes);
    says(&user.mpp(&["build", "ready"]).failed(6, "MPP-B084"), case);
    says(&user.mpp(&["conformance", "project0"]).failed(6, "MPP-B084"), case);
}

#[test]
fn a_package_with_a_module_for_something_else_is_refused_with_what_it_is() {
    let user = User::new();
    let key = user.own_key();
    for case in cases() {
        let runtime =
            json!({"type": case.kind, "entrypoint": "bin/main.wasm", "memory_limit_mb": 64, "timeout_ms": 2000});
        user.write("tool.mpp", signed(sample(json!({ "runtime": runtime })), &case.bytes, &key).as_slice());
        for command in ["verify", "conformance"] {
            let refused = user.mpp(&[command, "tool.mpp"]).failed(3, case.refused);
            assert!(refused.stderr.contains(case.is), "{command}: `{}` is not in\n{}", case.is, refused.stderr);
            if case.refused != "MPP-G711" {
                says(&refused, &case);
            }
        }
        let report = user.mpp(&["verify", "tool.mpp", "--format", "json"]).json();
        assert!(report.to_string().contains(case.is), "{report}");
    }
}

#[test]
fn a_module_in_place_of_a_package_is_told_to_be_built() {
    let user = User::new();
    user.write("tool.wasm", module(r#"(func (export "_start"))"#));
    for command in ["verify", "conformance", "run"] {
        let refused = user.mpp(&[command, "tool.wasm"]).failed(3, "MPP-G101");
        assert!(refused.stderr.contains("it is a WebAssembly module"), "{command}: {}", refused.stderr);
        assert!(refused.stderr.contains("`build.output`"), "{command}: {}", refused.stderr);
    }
}

#[test]
fn a_build_command_that_does_not_write_its_output_is_noticed() {
    let user = User::new();
    let project = |command: &str| {
        let build: Value = json!({"command": command, "output": "out.wasm"});
        user.write("tool/manifest.json", json!({"name": "tool", "version": "1.0.0", "build": build}).to_string());
    };
    project("true");
    let failed = user.mpp(&["build", "tool"]).failed(6, "MPP-B016");
    assert!(failed.stderr.contains("the build command succeeded but did not write this file"), "{}", failed.stderr);
    project("exit 3");
    let failed = user.mpp(&["build", "tool"]).failed(6, "MPP-B015");
    assert!(failed.stderr.contains("failed (exit status: 3) and printed nothing"), "{}", failed.stderr);
    project("no-such-compiler -o out.wasm");
    let failed = user.mpp(&["build", "tool"]).failed(6, "MPP-B015");
    assert!(
        failed.stderr.contains("(exit status: 127)") && failed.stderr.contains("no-such-compiler"),
        "{}",
        failed.stderr
    );
    project("kill -9 $$");
    let failed = user.mpp(&["build", "tool"]).failed(6, "MPP-B015");
    assert!(failed.stderr.contains("signal: 9"), "{}", failed.stderr);
    project("mkdir -p out.wasm");
    let failed = user.mpp(&["build", "tool"]).failed(6, "MPP-B016");
    assert!(failed.stderr.contains("out.wasm") && failed.stderr.contains("directory"), "{}", failed.stderr);
}

#[test]
fn an_old_output_beside_a_new_module_is_pointed_out() {
    let user = User::new();
    let tool = json!({"name": "greet", "description": "Greet.", "parameters": {"type": "object"}});
    let list = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}).to_string() + "\n";
    let module = crate::support::says(&list);
    let build = json!({"command": "mkdir -p dist; cat ready >dist/tool.wasm", "output": "out.wasm"});
    user.write("tool/manifest.json", json!({"name": "tool", "version": "1.0.0", "build": build}).to_string());
    user.write("tool/ready", &module);
    user.write("tool/out.wasm", &module);
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let file = std::fs::File::options().write(true).open(user.dir().join("tool/out.wasm")).expect("open");
    file.set_modified(old).expect("touched");
    let built = user.mpp(&["build", "tool"]).done();
    let note = "note: the build command did not write `tool/out.wasm`, but `tool/dist/tool.wasm`";
    assert!(built.stderr.contains(note), "{}", built.stderr);
    file.set_modified(std::time::SystemTime::now()).expect("touched");
    let built = user.mpp(&["build", "tool"]).done();
    assert!(!built.stderr.contains("note: the build command"), "{}", built.stderr);
}
