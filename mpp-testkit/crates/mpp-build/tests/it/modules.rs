//! Projects without `Cargo.toml` whose module already exists or is created by a build command.

use mpp_build::{BuildError, Event};
use mpp_host::codes::Coded as _;

use crate::support::Sources;

const TOOLS: &str =
    r#""tool_definitions": [{"name": "noop", "description": "Do nothing.", "parameters": {"type": "object"}}]"#;

fn manifest(more: &str) -> String {
    format!(
        r#"{{"mpp_version": "1.0.0", "package_id": "com.example.ready", "version": "1.0.0", "name": "ready",
            "description": "A ready module", "publisher": {{"name": "Example"}},
            "runtime": {{"type": "wasm32-wasi", "entrypoint": "bin/main.wasm"}}, {more}}}"#
    )
}

fn module() -> Vec<u8> {
    wat::parse_str(r#"(module $kept (memory (export "memory") 1) (func $start (export "_start")))"#).expect("a module")
}

#[test]
fn packs_an_existing_module_unchanged() {
    let sources =
        Sources::new(&[("manifest.json", &manifest(&format!(r#"{TOOLS}, "build": {{"output": "out/tool.wasm"}}"#)))]);
    sources.write("out/tool.wasm", module());
    let (built, events) = sources.build().expect("built");
    assert_eq!(built.module_bytes, module().len() as u64, "its name section too");
    assert_eq!(built.manifest().name, "ready");
    assert_eq!(built.toolchain.rustc, None);
    assert_eq!(built.symbols, None);
    // The module does not list its tools, so those of the manifest count.
    assert!(matches!(events.as_slice(), [Event::Describing { .. }, Event::Packing { .. }]), "{events:?}");
    let text = String::from_utf8_lossy(built.unsigned.bytes()).into_owned();
    assert!(!text.contains("out/tool.wasm"), "`build` is not packed");
}

#[test]
fn names_a_missing_module() {
    let sources = Sources::new(&[("manifest.json", &manifest(TOOLS))]);
    let error = sources.build().expect_err("refused");
    assert_eq!(error.code(), "MPP-B016");
    assert!(error.to_string().contains("bin/main.wasm"), "{error}");
}

#[cfg(unix)]
#[test]
fn runs_the_build_command() {
    let build =
        r#""build": {"command": "echo copying; mkdir -p out && cp src.wasm out/tool.wasm", "output": "out/tool.wasm"}"#;
    let sources = Sources::new(&[("manifest.json", &manifest(&format!("{TOOLS}, {build}")))]);
    let error = sources.build().expect_err("there is no src.wasm");
    assert_eq!(error.code(), "MPP-B015");
    assert!(error.to_string().contains("exit status: 1"), "{error}");
    sources.write("src.wasm", module());
    let (_, events) = sources.build().expect("built");
    assert!(events.contains(&Event::CommandLine("copying".to_owned())), "{events:?}");
}

#[test]
fn asks_the_module_when_the_manifest_has_no_definitions() {
    let sources = Sources::new(&[("manifest.json", &manifest(r#""build": {"output": "tool.wasm"}"#))]);
    sources.write("tool.wasm", module());
    let error = sources.build().expect_err("the module does not answer");
    assert_eq!(error.code(), "MPP-B020", "{error}");
}

/// A module that writes `line` to stdout.
fn says(line: &str) -> Vec<u8> {
    let data: String = line.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    wat::parse_str(format!(
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1) (data (i32.const 64) "{data}")
            (func $start (export "_start")
                (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const {}))
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        line.len()
    ))
    .expect("wat")
}

#[test]
fn a_manifest_that_contradicts_the_module_is_refused_with_the_difference() {
    let sources =
        Sources::new(&[("manifest.json", &manifest(&format!(r#"{TOOLS}, "build": {{"output": "tool.wasm"}}"#)))]);
    let tool = r#"{"name":"noop","description":"Do something.","parameters":{"type":"object"}}"#;
    sources.write("tool.wasm", says(&format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"tools\":[{tool}]}}}}\n")));
    let error = sources.build().expect_err("they differ");
    assert_eq!(error.code(), "MPP-B022");
    assert!(
        error.to_string().contains("noop/description: manifest `\"Do nothing.\"`, module `\"Do something.\"`"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_build_command_that_fails_silently_is_said_to_have_printed_nothing() {
    let build = r#""build": {"command": "exit 3", "output": "tool.wasm"}"#;
    let sources = Sources::new(&[("manifest.json", &manifest(&format!("{TOOLS}, {build}")))]);
    let error = sources.build().expect_err("it fails");
    assert_eq!(error.code(), "MPP-B015");
    assert!(error.to_string().contains("failed (exit status: 3) and printed nothing in `"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_module_that_a_build_command_wrote_elsewhere_is_named() {
    let build = r#""build": {"command": "mkdir -p dist && cp src.wasm dist/tool.wasm", "output": "tool.wasm"}"#;
    let sources = Sources::new(&[("manifest.json", &manifest(&format!("{TOOLS}, {build}")))]);
    // Older than the build.
    sources.write("src.wasm", module());
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let file = std::fs::File::options().write(true).open(sources.path().join("src.wasm")).expect("open");
    file.set_modified(old).expect("touched");
    let error = sources.build().expect_err("it is elsewhere");
    assert_eq!(error.code(), "MPP-B016");
    assert!(error.to_string().contains("the build command wrote `"), "{error}");
    assert!(error.to_string().contains("dist/tool.wasm`"), "{error}");
    assert!(error.help().contains("name that file in `build.output`"), "{}", error.help());
}

#[cfg(unix)]
#[test]
fn a_module_that_a_build_command_makes_is_stripped_and_its_symbols_are_kept() {
    let build = r#""build": {"command": "cp src.wasm tool.wasm", "output": "tool.wasm"}"#;
    let sources = Sources::new(&[("manifest.json", &manifest(&format!("{TOOLS}, {build}")))]);
    sources.write("src.wasm", module());
    let (built, _) = sources.build().expect("built");
    assert!(built.module_bytes < module().len() as u64, "without its names");
    let symbols = std::fs::read(built.symbols.expect("symbols")).expect("read");
    assert_eq!(symbols, module());
}

#[test]
fn what_a_manifest_does_not_state_has_a_default() {
    let sources = Sources::new(&[(
        "manifest.json",
        &format!(r#"{{"name": "small", "version": "0.3.0", {TOOLS}, "build": {{"output": "tool.wasm"}}}}"#),
    )]);
    sources.write("tool.wasm", module());
    let (built, _) = sources.build().expect("built");
    let manifest = built.manifest();
    assert!(
        manifest.package_id.starts_with("local.") && manifest.package_id.ends_with(".small"),
        "{}",
        manifest.package_id
    );
    assert_eq!((manifest.description.as_str(), manifest.runtime.entrypoint.as_str()), ("Do nothing.", "bin/main.wasm"));
}

#[test]
fn each_project_has_the_language_of_its_files() {
    let small = r#"{"name": "small", "version": "0.3.0"}"#;
    let told = r#"{"name": "small", "version": "0.3.0", "build": {"output": "tool.wasm"}}"#;
    for (file, manifest, language) in [
        ("go.mod", small, "go"),
        ("go.mod", told, "command"),
        ("tool.c", small, "c"),
        ("src/tool.cpp", small, "cpp"),
        ("CMakeLists.txt", small, "c"),
        ("Makefile", small, "c"),
        ("notes.txt", small, "command"),
    ] {
        let sources = Sources::new(&[("manifest.json", manifest), (file, "")]);
        assert_eq!(sources.find().expect("found").language(), language, "{file}");
    }
    let alone = Sources::new(&[("main.cc", "")]);
    let error = alone.find().expect_err("no manifest");
    assert!(matches!(error, BuildError::NoManifest { language: "C++", .. }), "{error}");
    assert_eq!(error.code(), "MPP-B083");
}
