//! Modules as compilers of others make them, with their imports and exports: they are built by a command, verified and run.
#![cfg(unix)]

use serde_json::json;

use crate::languages::Machine;

/// What a compiler adds to a program.
struct Compiler {
    name: &'static str,
    /// The build command.
    command: &'static str,
    imports: &'static [(&'static str, &'static str, &'static str)],
    memory: &'static str,
    exports: &'static [&'static str],
    /// Other items.
    more: &'static str,
}

const WASI: &str = "wasi_snapshot_preview1";

/// TinyGo 0.3x with `-target=wasip1`, and host functions that are declared with `//go:wasmimport mpp_v1 NAME`.
const TINYGO: Compiler = Compiler {
    name: "tinygo",
    command: "tinygo build -o tool.wasm -target=wasip1 -no-debug .",
    imports: &[
        (WASI, "fd_read", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "fd_write", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "clock_time_get", "(param i32 i64 i32) (result i32)"),
        (WASI, "args_sizes_get", "(param i32 i32) (result i32)"),
        (WASI, "args_get", "(param i32 i32) (result i32)"),
        (WASI, "environ_sizes_get", "(param i32 i32) (result i32)"),
        (WASI, "environ_get", "(param i32 i32) (result i32)"),
        (WASI, "fd_prestat_get", "(param i32 i32) (result i32)"),
        (WASI, "fd_prestat_dir_name", "(param i32 i32 i32) (result i32)"),
        (WASI, "poll_oneoff", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "random_get", "(param i32 i32) (result i32)"),
        (WASI, "proc_exit", "(param i32)"),
        ("mpp_v1", "kv_get", "(param i32 i32) (result i32)"),
        ("mpp_v1", "reply_len", "(result i32)"),
        ("mpp_v1", "reply_take", "(param i32)"),
    ],
    memory: "2",
    exports: &["malloc", "free", "calloc", "realloc"],
    more: "",
};

/// Emscripten 3.1.6 with `-sSTANDALONE_WASM`.
const EMSCRIPTEN: Compiler = Compiler {
    name: "emcc",
    command: "emcc -Os -sSTANDALONE_WASM -sERROR_ON_UNDEFINED_SYMBOLS=0 -o tool.wasm tool.c",
    imports: &[
        ("mpp_v1", "kv_get", "(param i32 i32) (result i32)"),
        ("mpp_v1", "reply_len", "(result i32)"),
        ("mpp_v1", "reply_take", "(param i32)"),
        (WASI, "proc_exit", "(param i32)"),
        (WASI, "environ_sizes_get", "(param i32 i32) (result i32)"),
        (WASI, "environ_get", "(param i32 i32) (result i32)"),
        (WASI, "fd_close", "(param i32) (result i32)"),
        (WASI, "fd_write", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "fd_seek", "(param i32 i64 i32 i32) (result i32)"),
        (WASI, "fd_read", "(param i32 i32 i32 i32) (result i32)"),
    ],
    memory: "256 256",
    exports: &["__errno_location", "stackSave", "stackRestore", "stackAlloc"],
    more: r#"(table (export "__indirect_function_table") 3 funcref)"#,
};

/// AssemblyScript with the configuration of `@assemblyscript/wasi-shim`.
const ASSEMBLYSCRIPT: Compiler = Compiler {
    name: "asc",
    command: "asc tool.ts --config node_modules/@assemblyscript/wasi-shim/asconfig.json -o tool.wasm",
    imports: &[
        (WASI, "fd_read", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "fd_write", "(param i32 i32 i32 i32) (result i32)"),
        (WASI, "proc_exit", "(param i32)"),
    ],
    memory: "1",
    exports: &["__new", "__pin", "__unpin", "__collect"],
    more: "",
};

impl Compiler {
    /// Returns a module that lists one tool, and greets if it is called.
    fn module(&self) -> Vec<u8> {
        let tool = json!({"name": "greet", "description": "Greet.", "parameters": {"type": "object"}});
        let list = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}).to_string() + "\n";
        let content = json!([{"type": "text", "text": format!("hello from {}", self.name)}]);
        let answer =
            json!({"jsonrpc": "2.0", "id": 1, "result": {"content": content, "isError": false}}).to_string() + "\n";
        let escaped = |text: &str| text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
        let imports = self
            .imports
            .iter()
            .map(|(module, name, types)| format!("(import \"{module}\" \"{name}\" (func ${name} {types}))\n"));
        let exports = self.exports.iter().map(|name| format!("(func (export \"{name}\"))\n"));
        let text = format!(
            r#"(module
              {} (memory (export "memory") {}) {} {}
              (data (i32.const 1024) "{}")
              (data (i32.const 4096) "{}")
              (func $write (param $at i32) (param $length i32)
                (i32.store (i32.const 0) (local.get $at))
                (i32.store (i32.const 4) (local.get $length))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
              ;; The method is after the first slash of the request: `tools/list` or `tools/call`.
              (func (export "_start") (local $at i32)
                (i32.store (i32.const 0) (i32.const 8192))
                (i32.store (i32.const 4) (i32.const 8192))
                (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (local.set $at (i32.const 8192))
                (loop $next
                  (local.set $at (i32.add (local.get $at) (i32.const 1)))
                  (br_if $next (i32.ne (i32.load8_u (local.get $at)) (i32.const 47))))
                (if (i32.eq (i32.load8_u offset=1 (local.get $at)) (i32.const 108))
                  (then (call $write (i32.const 1024) (i32.const {})))
                  (else (call $write (i32.const 4096) (i32.const {}))))
                (call $proc_exit (i32.const 0))))"#,
            imports.collect::<String>(),
            self.memory,
            exports.collect::<String>(),
            self.more,
            escaped(&list),
            escaped(&answer),
            list.len(),
            answer.len()
        );
        wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }
}

#[test]
fn the_output_of_other_compilers_is_built_verified_and_run() {
    for compiler in [TINYGO, EMSCRIPTEN, ASSEMBLYSCRIPT] {
        let machine = Machine::new();
        machine.program("sh", "exec /bin/sh \"$@\"");
        // The compiler is a script: it writes the module to the path after `-o`.
        machine.0.write("made.wasm", compiler.module());
        let made = machine.0.dir().join("made.wasm");
        let script = format!(
            r#"for last in "$@"; do if [ "$before" = -o ]; then out=$last; fi; before=$last; done
/bin/cp '{}' "$out""#,
            made.display()
        );
        machine.program(compiler.name, &script);
        let manifest = json!({"name": "tool", "version": "1.0.0", "capabilities": {"kv": {"max_bytes": 1024}},
            "build": {"command": compiler.command, "output": "tool.wasm"}});
        machine.0.write("other/manifest.json", manifest.to_string());
        let built = machine.mpp(&["build", "other"]).done();
        assert!(built.stdout.contains("greet"), "{}: {}", compiler.name, built.stdout);
        machine.mpp(&["verify", "other/target/mpp/tool-1.0.0.dev.mpp"]).done();
        let answer = machine.mpp(&["run", "other"]).done();
        assert!(answer.stdout.contains(&format!("hello from {}", compiler.name)), "{}", answer.stdout);
        // Without the capability, the same module may not import the functions of the host.
        if compiler.imports.iter().any(|(module, ..)| *module == "mpp_v1") {
            let mut manifest = manifest;
            manifest["capabilities"] = json!({});
            machine.0.write("other/manifest.json", manifest.to_string());
            machine.mpp(&["build", "other"]).failed(3, "MPP-G709");
        }
    }
}

#[test]
fn a_build_command_whose_compiler_is_missing_is_shown_with_the_shells_message() {
    let machine = Machine::new();
    machine.program("sh", "exec /bin/sh \"$@\"");
    let manifest =
        json!({"name": "tool", "version": "1.0.0", "build": {"command": TINYGO.command, "output": "tool.wasm"}});
    machine.0.write("other/manifest.json", manifest.to_string());
    let failed = machine.mpp(&["build", "other"]).failed(6, "MPP-B015");
    assert!(failed.stderr.contains("(exit status: 127)"), "{}", failed.stderr);
    assert!(failed.stderr.contains("tinygo"), "{}", failed.stderr);
}
