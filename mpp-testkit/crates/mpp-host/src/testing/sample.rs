//! A builder for small signed packages, which differ from a valid default only in what a test changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::causes::with_causes;
use crate::clock::SystemClock;
use crate::gatekeeper::{Gatekeeper, VerifiedPackage};
#[cfg(feature = "sandbox")]
use crate::host::{Grant, Host};
use crate::keys::{KeyRole, SigningKey};
use crate::package::{Limits, Manifest, PackageBytes, UnsignedPackage, UnverifiedPackage, pack};
#[cfg(feature = "sandbox")]
use crate::policy::{ClearanceRequest, Policy, Unattended};
use crate::signature::{Toolchain, sign};
use crate::trust::{Admission, TrustStore};

/// A minimal command module.
const COMMAND: &str = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;

/// A builder for a small package for tests, which starts from a valid package and signs it on request.
///
/// The default is `com.example.sample` 1.2.3 with one tool, `run`, and a module that does nothing. The key is the same
/// in every process, so the same calls produce the same bytes.
///
/// Methods panic, with the reason, if no package can be made from the values that were set, because the test itself is
/// wrong then.
///
/// ```
/// use mpp_host::testing::SamplePackage;
/// use serde_json::json;
///
/// let sample = SamplePackage::new()
///     .tool("find")
///     .set("/capabilities/env_vars", json!(["API_KEY"]))
///     .file("assets/words.txt", "one two three");
/// let package = sample.verify();
/// assert_eq!(package.manifest().tool_definitions[0].name, "find");
/// assert_eq!(*package.key_id(), sample.key().id());
/// ```
#[derive(Debug, Clone)]
pub struct SamplePackage {
    manifest: Value,
    files: BTreeMap<String, Vec<u8>>,
    key: SigningKey,
}

impl SamplePackage {
    /// Returns a builder for the default package.
    #[must_use]
    pub fn new() -> Self {
        let manifest = json!({
            "mpp_version": "1.0.0",
            "package_id": "com.example.sample",
            "version": "1.2.3",
            "name": "sample",
            "description": "A package for tests",
            "publisher": { "name": "Example" },
            "runtime": { "type": "wasm32-wasi", "entrypoint": "bin/main.wasm" },
            "tool_definitions": [tool("run")]
        });
        let sample =
            Self { manifest, files: BTreeMap::new(), key: SigningKey::from_seed(&[7; 32], KeyRole::Publisher) };
        sample.wat(COMMAND)
    }

    /// Replaces the package id.
    #[must_use]
    pub fn id(self, package_id: &str) -> Self {
        self.set("/package_id", package_id)
    }

    /// Replaces the version.
    #[must_use]
    pub fn version(self, version: &str) -> Self {
        self.set("/version", version)
    }

    /// Replaces the tools with one tool of this name, which accepts any object.
    #[must_use]
    pub fn tool(self, name: &str) -> Self {
        self.set("/tool_definitions", json!([tool(name)]))
    }

    /// Sets the value at a JSON pointer in the manifest. Missing members on the path are created.
    ///
    /// # Panics
    /// Panics if the pointer names an element that does not exist in a list, or a member of a value that is not an object.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let mut at = &mut self.manifest;
        for part in pointer.split('/').skip(1) {
            at = match part.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[part],
            };
        }
        *at = value.into();
        self
    }

    /// Replaces the module.
    #[must_use]
    pub fn module(self, module: impl Into<Vec<u8>>) -> Self {
        self.file("bin/main.wasm", module)
    }

    /// Replaces the module with one compiled from WebAssembly text.
    ///
    /// # Panics
    /// Panics if the text does not parse.
    #[must_use]
    #[expect(clippy::panic, reason = "a test whose module does not parse is wrong")]
    pub fn wat(self, text: &str) -> Self {
        let module = wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        self.module(module)
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn file(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.to_owned(), bytes.into());
        self
    }

    /// Replaces the key that signs the package.
    #[must_use]
    pub fn signed_by(mut self, key: SigningKey) -> Self {
        self.key = key;
        self
    }

    /// Returns the bytes of an entry, if the package has it.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// Returns the key that signs the package.
    #[must_use]
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Returns the manifest as JSON, which need not be valid. It has no key id, which signing adds.
    #[must_use]
    pub fn manifest_json(&self) -> &Value {
        &self.manifest
    }

    /// Returns the manifest. It has no key id, which signing adds.
    ///
    /// # Panics
    /// Panics if the manifest is not valid.
    #[must_use]
    pub fn manifest(&self) -> Manifest {
        expect("manifest", Manifest::parse(self.manifest.to_string().as_bytes()))
    }

    /// Returns the names and contents of all files except the manifest, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Returns the toolchain that the signature names.
    #[must_use]
    pub fn toolchain() -> Toolchain {
        Toolchain::new("sample 1")
    }

    /// Returns the package without a signature.
    ///
    /// # Panics
    /// Panics if the manifest or a file name is not valid.
    #[must_use]
    pub fn pack(&self) -> UnsignedPackage {
        expect("package", pack(&self.manifest(), self.files.clone().into_iter().collect()))
    }

    /// Returns the signed package.
    ///
    /// # Panics
    /// Panics if [`pack`](Self::pack) panics, or if the manifest names another key.
    #[must_use]
    pub fn sign(&self) -> PackageBytes {
        expect("signature", sign(self.pack(), &self.key, &Self::toolchain()))
    }

    /// Returns the signed package after verification by a Gatekeeper with default limits.
    ///
    /// # Panics
    /// Panics if [`sign`](Self::sign) panics, or if the package is refused.
    #[must_use]
    pub fn verify(&self) -> VerifiedPackage {
        let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
        expect("verified package", gatekeeper.verify(UnverifiedPackage::new(self.sign())).outcome)
    }

    /// Returns a trust store that holds this package's key as one of the user's own keys.
    #[must_use]
    pub fn trust_store(&self) -> TrustStore {
        let mut store = TrustStore::new();
        store.add_own(self.key.public());
        store
    }

    /// Admits a package with the [`trust_store`](Self::trust_store) of this builder.
    ///
    /// # Panics
    /// Panics if the package was signed by another key.
    #[must_use]
    pub fn admit(&self, package: &VerifiedPackage) -> Admission {
        expect("trusted package", self.trust_store().admit(package))
    }

    /// Returns a grant that permits the package to run, without any capability. The package is trusted as signed with the user's own key,
    /// and cleared by the default policy.
    ///
    /// # Panics
    /// Panics if the package was signed by another key.
    #[cfg(feature = "sandbox")]
    pub fn grant(&self, host: &Host, package: &VerifiedPackage) -> Grant {
        let (policy, trust) = (Policy::default(), self.trust_store());
        let request = ClearanceRequest::new(package, &policy, &trust, &Unattended);
        Grant::new(self.admit(package), expect("cleared package", host.clear(&request)).clearance)
    }
}

impl Default for SamplePackage {
    fn default() -> Self {
        Self::new()
    }
}

fn tool(name: &str) -> Value {
    json!({ "name": name, "description": "A tool for tests", "parameters": { "type": "object" } })
}

#[expect(clippy::panic, reason = "a test whose package cannot be made is wrong")]
fn expect<T, E: std::error::Error>(what: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("not a valid {what}: {}", with_causes(&error)))
}
