//! Tests with the imports and exports that compilers of others write.

use super::{ForeignTarget, recognize, unknown_import};
use crate::package::manifest::RuntimeKind;

fn of(text: &str) -> Option<ForeignTarget> {
    of_kind(text, RuntimeKind::Wasip1)
}

fn of_kind(text: &str, kind: RuntimeKind) -> Option<ForeignTarget> {
    recognize(&wat::parse_str(text).expect("wat"), kind)
}

/// Makes a module with functions that are imported (`MODULE::NAME`) and exported, both separated by spaces.
fn with(imports: &str, exports: &str) -> Option<ForeignTarget> {
    let imports = imports.split_whitespace().map(|import| {
        let (module, name) = import.split_once("::").expect("MODULE::NAME");
        format!(r#"(import "{module}" "{name}" (func))"#)
    });
    let exports = exports.split_whitespace().map(|name| format!(r#"(func (export "{name}"))"#));
    of(&format!("(module {}{})", imports.collect::<String>(), exports.collect::<String>()))
}

#[test]
fn a_command_of_wasi_is_not_foreign() {
    let command = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (memory (export "memory") 1)
        (func (export "_start")))"#;
    assert_eq!(of(command), None);
    assert_eq!(of(r#"(module (memory (export "memory") 1) (func (export "_start")))"#), None);
}

/// Modules with the imports and exports of what other compilers write for WASI preview 1.
#[test]
fn commands_of_other_compilers_are_accepted() {
    let wasi = |names: &[&str]| -> String {
        names.iter().map(|name| format!(r#"(import "wasi_snapshot_preview1" "{name}" (func))"#)).collect()
    };
    let exported =
        |names: &[&str]| -> String { names.iter().map(|name| format!(r#"(func (export "{name}"))"#)).collect() };
    let tinygo = wasi(&["fd_write", "clock_time_get", "args_sizes_get", "args_get", "random_get", "poll_oneoff"]);
    let exports = exported(&["malloc", "free", "calloc", "realloc", "_start"]);
    assert_eq!(of(&format!(r#"(module {tinygo} (memory (export "memory") 2) {exports})"#)), None);
    let emscripten = wasi(&["proc_exit", "fd_write", "fd_close", "fd_seek"]);
    let exports = exported(&["_start", "stackSave", "stackRestore", "__errno_location"]);
    let table = r#"(memory (export "memory") 256 256) (table (export "__indirect_function_table") 3 funcref)"#;
    assert_eq!(of(&format!("(module {emscripten} {table} {exports})")), None);
    let assemblyscript = wasi(&["fd_write", "proc_exit"]);
    let exports = exported(&["__new", "__pin", "_start"]);
    assert_eq!(of(&format!(r#"(module {assemblyscript} (memory (export "memory") 1) {exports})"#)), None);
}

#[test]
fn recognises_what_is_built_by_mistake() {
    for (imports, exports, expected) in [
        ("", "add", ForeignTarget::Unknown),
        ("env::log", "run", ForeignTarget::Unknown),
        ("gojs::runtime.wasmExit gojs::syscall/js.valueGet", "run resume getsp", ForeignTarget::GoJs),
        ("go::runtime.wasmExit go::syscall/js.valueGet", "run resume getsp", ForeignTarget::GoJs),
        ("gojs::runtime.ticks wasi_snapshot_preview1::fd_write", "_start", ForeignTarget::TinyGoWasm),
        ("gojs::syscall/js.valueGet", "_start malloc go_scheduler", ForeignTarget::TinyGoWasm),
        ("__wbindgen_placeholder__::__wbindgen_throw", "add", ForeignTarget::WasmBindgen),
        ("./tool_bg.js::__wbg_log_1", "add", ForeignTarget::WasmBindgen),
        ("env::emscripten_memcpy_js wasi_snapshot_preview1::fd_write", "main", ForeignTarget::EmscriptenJs),
        ("env::setTempRet0 wasi_snapshot_preview1::fd_write", "main", ForeignTarget::EmscriptenJs),
        ("env::__syscall_openat", "main", ForeignTarget::EmscriptenJs),
        ("a::a a::b a::c", "d e f", ForeignTarget::EmscriptenJs),
        (
            "env::emscripten_notify_memory_growth wasi_snapshot_preview1::fd_write",
            "_start",
            ForeignTarget::EmscriptenImports,
        ),
        ("env::getentropy", "_start stackSave stackAlloc", ForeignTarget::EmscriptenImports),
        ("env::compress wasi_snapshot_preview1::fd_write", "_start", ForeignTarget::Unlinked),
        ("env::abort", "add __new __pin __unpin __collect", ForeignTarget::AssemblyScript),
        ("env::abort", "add", ForeignTarget::AssemblyScript),
        ("wasi_unstable::fd_write", "_start", ForeignTarget::Wasip0),
        ("wasi::thread-spawn wasi_snapshot_preview1::fd_write", "_start", ForeignTarget::Threads),
        ("wasi_snapshot_preview1::fd_write", "_initialize add", ForeignTarget::Reactor),
    ] {
        assert_eq!(with(imports, exports), Some(expected), "{imports} {exports}");
    }
    let of_section = |name: &str| of(&format!(r#"(module (func) (@custom "{name}" "\02"))"#));
    assert_eq!(of_section("linking"), Some(ForeignTarget::Object));
    assert_eq!(of_section("dylink.0"), Some(ForeignTarget::SharedLibrary));
}

#[test]
fn names_the_first_import_that_no_host_provides() {
    let import = |text: &str| unknown_import(&wat::parse_str(text).expect("wat"));
    let module = r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (import "mpp_v1" "kv_get" (func))
        (import "env" "sqrt" (func)))"#;
    assert_eq!(import(module).as_deref(), Some("env::sqrt"));
    assert_eq!(import("(module)"), None);
    assert_eq!(unknown_import(b"text"), None);
}

#[test]
fn recognises_memories_that_the_sandbox_does_not_have() {
    let start = r#"(func (export "_start"))"#;
    for (memory, expected) in [
        (r#"(memory (export "memory") 1 2 shared)"#, ForeignTarget::Threads),
        (r#"(import "env" "memory" (memory 1 2 shared))"#, ForeignTarget::Threads),
        (r#"(memory (export "memory") i64 1)"#, ForeignTarget::Memory64),
    ] {
        assert_eq!(of(&format!("(module {memory} {start})")), Some(expected), "{memory}");
    }
}

#[test]
fn recognises_files_that_are_no_modules() {
    let long = "ä".repeat(5000);
    let cases: [(&[u8], ForeignTarget); 13] = [
        (b"// include: shell.js\nvar Module = typeof Module != 'undefined' ? Module : {};", ForeignTarget::JavaScript),
        (b"", ForeignTarget::Empty),
        (b"\x7fELF\x02\x01", ForeignTarget::Native),
        (b"\xcf\xfa\xed\xfe\x0c", ForeignTarget::Native),
        (b"MZ\x90\0\x03", ForeignTarget::Native),
        (b"!<arch>\nx.o/", ForeignTarget::Object),
        (b"BC\xc0\xde5\x14", ForeignTarget::Object),
        (b"something", ForeignTarget::Text),
        (b"\xef\xbb\xbfa text", ForeignTarget::Text),
        (long.as_bytes(), ForeignTarget::Text),
        (b"\n;; a tool\n  (module)", ForeignTarget::TextFormat),
        (b"PK\x03\x04\x14\0", ForeignTarget::NotWebAssembly),
        (b"\xff\xfe\xfd", ForeignTarget::NotWebAssembly),
    ];
    for (bytes, expected) in cases {
        assert_eq!(recognize(bytes, RuntimeKind::Wasip1), Some(expected), "{}", String::from_utf8_lossy(bytes));
    }
    // What cannot be read is for the validator.
    assert_eq!(recognize(b"\0asm\x01\0\0", RuntimeKind::Wasip1), None);
}

#[test]
fn recognises_components_that_are_no_commands_of_wasi_0_2() {
    let run =
        |version: &str| format!(r#"(component (instance $run) (export "wasi:cli/run@{version}" (instance $run)))"#);
    let p2 = RuntimeKind::Wasip2;
    assert_eq!(of_kind(&run("0.2.3"), p2), None);
    assert_eq!(of(&run("0.2.3")), Some(ForeignTarget::Component));
    assert_eq!(of_kind(&run("0.3.0"), p2), Some(ForeignTarget::Wasip3));
    assert_eq!(of_kind("(component)", p2), Some(ForeignTarget::LibraryComponent));
    assert_eq!(of("(component)"), Some(ForeignTarget::LibraryComponent));
    let imports = r#"(component (import "wasi:cli/environment@0.3.0-rc-1" (instance)))"#;
    assert_eq!(of_kind(imports, p2), Some(ForeignTarget::Wasip3));
    let serves = r#"(component (instance $i) (export "wasi:http/incoming-handler@0.2.3" (instance $i)))"#;
    assert_eq!(of_kind(serves, p2), Some(ForeignTarget::HttpComponent));
    let module = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;
    assert_eq!(of_kind(module, p2), Some(ForeignTarget::Module));
}
