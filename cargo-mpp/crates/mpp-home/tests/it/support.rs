//! Signed packages with small modules.

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::PackageBytes;
use mpp_host::testing::SamplePackage;
use serde_json::{Value, json};

/// The key of a publisher who is not trusted.
pub(crate) fn stranger() -> SigningKey {
    SigningKey::generate(KeyRole::Publisher).expect("a key")
}

/// A package with the tools `say` (level low) and `erase` (level critical). `patch` replaces top-level members of the manifest.
pub(crate) fn sample(patch: Value) -> SamplePackage {
    let tool = |name: &str, level: &str| json!({"name": name, "description": "Answers.", "parameters": {"type": "object"}, "security_level": level});
    let mut sample = SamplePackage::new()
        .id("com.example.say")
        .set("/name", "say")
        .set("/runtime/timeout_ms", 60_000)
        .set("/tool_definitions", json!([tool("erase", "critical"), tool("say", "low")]));
    for (key, member) in patch.as_object().expect("an object") {
        sample = sample.set(&format!("/{key}"), member.clone());
    }
    sample
}

/// Returns the package with this module, signed by `key`.
pub(crate) fn signed(module: &[u8], key: &SigningKey) -> PackageBytes {
    sample(json!({})).module(module).signed_by(key.clone()).sign()
}

/// A module that answers every call with `text`.
pub(crate) fn answers(text: &str) -> Vec<u8> {
    let result = json!({"content": [{"type": "text", "text": text}], "isError": false});
    let line = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string() + "\n";
    let data: String = line.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 64) "{data}")
          (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const {}))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#,
        line.len()
    );
    wat::parse_str(text).expect("wat")
}

/// A module that runs an endless loop.
pub(crate) fn loops() -> Vec<u8> {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))"#).expect("wat")
}
