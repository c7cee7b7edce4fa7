//! Signed packages around small modules.

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Manifest, PackageBytes, pack};
use mpp_host::signature::{Toolchain, sign};
use serde_json::{Value, json};

/// A key of a publisher whom nobody trusts yet.
pub(crate) fn stranger() -> SigningKey {
    SigningKey::generate(KeyRole::Publisher).expect("a key")
}

/// A manifest with the tools `say` (level low) and `erase` (level critical); `patch` replaces members of the top level.
pub(crate) fn manifest(patch: Value) -> Manifest {
    let tool = |name: &str, level: &str| json!({"name": name, "description": "Answers.", "parameters": {"type": "object"}, "security_level": level});
    let mut value = json!({
        "mpp_version": "1.0.0", "package_id": "com.example.say", "version": "1.2.3", "name": "say",
        "description": "Says something.", "publisher": {"name": "Example"},
        "runtime": {"type": "wasm32-wasi", "entrypoint": "bin/main.wasm", "timeout_ms": 60000},
        "tool_definitions": [tool("erase", "critical"), tool("say", "low")]
    });
    for (key, member) in patch.as_object().expect("an object") {
        value[key] = member.clone();
    }
    Manifest::parse(value.to_string().as_bytes()).expect("a manifest")
}

/// A signed package around a module.
pub(crate) fn signed(manifest: &Manifest, module: &[u8], key: &SigningKey) -> PackageBytes {
    let unsigned = pack(manifest, vec![("bin/main.wasm".to_owned(), module.to_vec())]).expect("packs");
    sign(unsigned, key, &Toolchain::new("test")).expect("signs")
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

/// A module that never ends by itself.
pub(crate) fn loops() -> Vec<u8> {
    wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))"#).expect("wat")
}
