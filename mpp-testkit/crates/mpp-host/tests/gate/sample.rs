//! One valid package, and how it is made.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::{Gatekeeper, Verification};
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Limits, Manifest, PackageBytes, UnsignedPackage, UnverifiedPackage, pack};
use mpp_host::signature::{Toolchain, sign};

/// The smallest command module.
pub(crate) const COMMAND: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

/// A manifest with all that must be there.
pub(crate) fn manifest_json() -> serde_json::Value {
    serde_json::json!({
        "mpp_version": "1.0.0",
        "package_id": "com.example.sample",
        "version": "1.2.3",
        "name": "sample",
        "description": "A package for tests",
        "publisher": { "name": "Example" },
        "runtime": { "type": "wasm32-wasi", "entrypoint": "bin/main.wasm" },
        "tool_definitions": [
            { "name": "echo", "description": "Says it again", "parameters": { "type": "object" } }
        ]
    })
}

pub(crate) fn manifest() -> Manifest {
    Manifest::parse(manifest_json().to_string().as_bytes()).unwrap()
}

pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    vec![
        ("bin/main.wasm".to_owned(), wat::parse_str(COMMAND).unwrap()),
        ("assets/words.txt".to_owned(), b"one two three\n".repeat(100)),
        ("README.md".to_owned(), b"# Sample\n".to_vec()),
    ]
}

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32], KeyRole::Publisher)
}

pub(crate) fn toolchain() -> Toolchain {
    Toolchain { builder: "tests 0".to_owned(), ..Toolchain::default() }
}

pub(crate) fn unsigned() -> UnsignedPackage {
    pack(&manifest(), files()).unwrap()
}

pub(crate) fn signed() -> PackageBytes {
    sign(unsigned(), &key(), &toolchain()).unwrap()
}

pub(crate) fn gatekeeper() -> Gatekeeper {
    Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()))
}

pub(crate) fn verify(bytes: impl Into<PackageBytes>) -> Verification {
    gatekeeper().verify(UnverifiedPackage::new(bytes))
}
