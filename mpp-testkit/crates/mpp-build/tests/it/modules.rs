//! Projects without `Cargo.toml` whose module already exists or is created by a build command.

use crate::support::Sources;
use mpp_host::codes::Coded as _;

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
    assert_eq!(events.len(), 1, "{events:?}");
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
    assert!(events.contains(&mpp_build::Event::CommandLine("copying".to_owned())), "{events:?}");
}

#[test]
fn asks_the_module_when_the_manifest_has_no_definitions() {
    let sources = Sources::new(&[("manifest.json", &manifest(r#""build": {"output": "tool.wasm"}"#))]);
    sources.write("tool.wasm", module());
    let error = sources.build().expect_err("the module does not answer");
    assert_eq!(error.code(), "MPP-B020", "{error}");
}
