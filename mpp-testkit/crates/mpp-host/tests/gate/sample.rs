//! The valid package from which the tests of the Gatekeeper start.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::{Gatekeeper, Verification};
use mpp_host::keys::SigningKey;
use mpp_host::package::{Limits, Manifest, PackageBytes, UnsignedPackage, UnverifiedPackage};
use mpp_host::signature::Toolchain;
use mpp_host::testing::SamplePackage;

/// The smallest module that is a command.
pub(crate) const COMMAND: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

/// The package: three files, one of which is stored compressed.
pub(crate) fn sample() -> SamplePackage {
    SamplePackage::new()
        .tool("echo")
        .wat(COMMAND)
        .file("assets/words.txt", b"one two three\n".repeat(100))
        .file("README.md", "# Sample\n")
}

pub(crate) fn manifest_json() -> serde_json::Value {
    sample().manifest_json().clone()
}

pub(crate) fn manifest() -> Manifest {
    sample().manifest()
}

pub(crate) fn key() -> SigningKey {
    sample().key().clone()
}

pub(crate) fn toolchain() -> Toolchain {
    SamplePackage::toolchain()
}

/// Its files except the manifest, sorted by name.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    sample().files().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect()
}

pub(crate) fn unsigned() -> UnsignedPackage {
    sample().pack()
}

pub(crate) fn signed() -> PackageBytes {
    sample().sign()
}

pub(crate) fn gatekeeper() -> Gatekeeper {
    Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()))
}

pub(crate) fn verify(bytes: impl Into<PackageBytes>) -> Verification {
    gatekeeper().verify(UnverifiedPackage::new(bytes))
}
