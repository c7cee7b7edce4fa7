//! Writes a signed sample package with its keys, or verifies a package: one side of the tests with OpenSSL and Python.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Limits, Manifest, UnverifiedPackage, pack};
use mpp_host::signature::{Toolchain, sign};

const MANIFEST: &str = r#"{
  "mpp_version": "1.0.0",
  "package_id": "com.example.interop",
  "version": "1.0.0",
  "name": "interop",
  "description": "A package that other programs look at",
  "publisher": { "name": "Example" },
  "runtime": { "type": "wasm32-wasi", "entrypoint": "bin/main.wasm" },
  "tool_definitions": [{ "name": "nothing", "description": "Does nothing", "parameters": { "type": "object" } }]
}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", directory] => write(Path::new(directory)),
        ["verify", package] => verify(Path::new(package)),
        _ => Err("expected `write DIRECTORY` or `verify PACKAGE`".into()),
    }
}

fn write(directory: &Path) -> Result<(), Box<dyn Error>> {
    let key = SigningKey::generate(KeyRole::Publisher)?;
    std::fs::write(directory.join("publisher.key"), key.to_pem(None)?.as_bytes())?;
    std::fs::write(directory.join("encrypted.key"), key.to_pem(Some("correct horse"))?.as_bytes())?;
    std::fs::write(directory.join("publisher.pub"), key.public().to_pem())?;
    let module = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "_start")))"#)?;
    let files = vec![
        ("bin/main.wasm".to_owned(), module),
        ("README.md".to_owned(), b"# Interop\n\nThe same line again and again.\n".repeat(20)),
    ];
    let unsigned = pack(&Manifest::parse(MANIFEST.as_bytes())?, files)?;
    let toolchain = Toolchain { builder: "interop 0".to_owned(), ..Toolchain::default() };
    let package = sign(unsigned, &key, &toolchain)?;
    std::fs::write(directory.join("sample.mpp"), package.as_slice())?;
    println!("{}", key.id());
    Ok(())
}

fn verify(package: &Path) -> Result<(), Box<dyn Error>> {
    let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    let package = gatekeeper.verify(UnverifiedPackage::new(std::fs::read(package)?)).outcome?;
    println!("{} {} signed by {}", package.manifest().package_id, package.manifest().version, package.key_id());
    Ok(())
}
