//! Writes a signed sample package with its keys, or verifies a package. The tests with OpenSSL and Python use it.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::testing::SamplePackage;

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
    println!("{}", key.id());
    let readme = b"# Interop\n\nThe same line again and again.\n".repeat(20);
    let package = SamplePackage::new().id("com.example.interop").file("README.md", readme).signed_by(key).sign();
    std::fs::write(directory.join("sample.mpp"), package.as_slice())?;
    Ok(())
}

fn verify(package: &Path) -> Result<(), Box<dyn Error>> {
    let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
    let package = gatekeeper.verify(UnverifiedPackage::new(std::fs::read(package)?)).outcome?;
    println!("{} {} signed by {}", package.manifest().package_id, package.manifest().version, package.key_id());
    Ok(())
}
