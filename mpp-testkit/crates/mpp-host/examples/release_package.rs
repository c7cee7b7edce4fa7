//! Writes the signed package that later hosts must still accept. It is run once for every release, before the tag.
//!
//! `cargo run -p mpp-host --example release_package` writes `tests/releases/VERSION/` for the version of this crate:
//! the package, its publisher's public key, and its content hash. The private key is not kept. An existing directory is
//! not changed, because released packages never change.
#![allow(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::path::Path;

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::testing::SamplePackage;
use serde_json::json;

/// The tool's answer to any call.
const ANSWER: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"greeting":"Hello, ada@post.example and CUST-1234"}}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let releases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let dir = releases.join(env!("CARGO_PKG_VERSION"));
    std::fs::create_dir(&dir).map_err(|error| format!("cannot make {}: {error}", dir.display()))?;
    let sample = package(SigningKey::generate(KeyRole::Publisher)?);
    let verified = sample.verify();
    std::fs::write(dir.join("package.mpp"), verified.bytes())?;
    std::fs::write(dir.join("publisher.pub"), sample.key().public().to_pem())?;
    std::fs::write(dir.join("content-hash"), format!("{}\n", verified.content_hash()))?;
    println!("{}", dir.display());
    Ok(())
}

/// A package that uses every feature of a manifest.
fn package(key: SigningKey) -> SamplePackage {
    SamplePackage::new()
        .id("com.example.release")
        .version(env!("CARGO_PKG_VERSION"))
        .wat(&module())
        .set("/license", "MIT OR Apache-2.0")
        .set("/publisher", json!({ "name": "Example", "url": "https://example.com" }))
        .set(
            "/capabilities",
            json!({
                "network": [
                    "api.example.com",
                    { "host": "*.example.org:8443", "inject": { "Authorization": "Bearer ${API_KEY}" } }
                ],
                "filesystem": { "read": ["/data"], "write": ["/out"] },
                "env_vars": ["API_KEY", "MODE"],
                "kv": { "max_bytes": 1_048_576 }
            }),
        )
        .set(
            "/tool_definitions/0",
            json!({
                "name": "greet",
                "title": "Greet",
                "description": "Greets the people of the example",
                "parameters": {
                    "type": "object",
                    "properties": { "times": { "type": "integer", "minimum": 1 } },
                    "required": ["times"],
                    "additionalProperties": false
                },
                "returns": {
                    "type": "object",
                    "properties": { "greeting": { "type": "string" } },
                    "required": ["greeting"]
                },
                "annotations": { "readOnlyHint": true },
                "security_level": "low"
            }),
        )
        .set(
            "/privacy_filters",
            json!({
                "patterns": ["email"],
                "custom_patterns": [{ "id": "customer_id", "regex": "CUST-\\d{4}", "description": "Customers" }]
            }),
        )
        .file("README.md", "# Release\n\nThe package of this release.\n".repeat(20))
        .file("assets/empty", "")
        .signed_by(key)
}

/// A command that reads its request and writes the answer.
fn module() -> String {
    let line = format!("{ANSWER}\n");
    let data: String = line.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 1024) "{data}")
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 4096))
            (i32.store (i32.const 4) (i32.const 60000))
            (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (i32.eqz (i32.load (i32.const 8))) (then unreachable))
            (i32.store (i32.const 0) (i32.const 1024))
            (i32.store (i32.const 4) (i32.const {length}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#,
        length = line.len()
    )
}
