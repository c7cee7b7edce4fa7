//! The kit of broken packages, which derives at least one for each code of the Gatekeeper from a valid package.

mod content;
mod limits;
mod manifest;
mod module;
mod names;
mod signature;
mod structure;

use serde_json::Value;

use super::{RawArchive, RawEntry};
use crate::keys::{PublicKey, SigningKey};
use crate::package::SIGNATURE;
use crate::testing::SamplePackage;

/// A stored entry that every package of the kit has.
const PLAIN: &str = "tamper/plain.txt";
/// A deflated entry, which follows [`PLAIN`].
const WORDS: &str = "tamper/words.txt";

/// A valid package, and the key that signs the broken packages made from it.
///
/// ```
/// use mpp_host::package::tamper::Kit;
///
/// let kit = Kit::sample();
/// let changed = kit.with_code("MPP-G401").expect("a package whose content was changed");
/// assert_eq!((changed.step(), changed.name.as_str()), (4, "an entry added"));
/// assert_ne!(changed.bytes, kit.valid());
/// ```
#[derive(Debug, Clone)]
pub struct Kit {
    base: RawArchive,
    key: SigningKey,
}

/// A package that must be refused.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Tampered {
    /// Code with which the package must be refused, for example `MPP-G401`.
    pub code: &'static str,
    /// Short description of what is wrong with the package.
    pub name: String,
    /// Bytes of the package.
    pub bytes: Vec<u8>,
    /// Key of the registry that a host must know to detect the mistake (`MPP-G505` only).
    pub registry_key: Option<PublicKey>,
}

impl Tampered {
    /// Returns the number of the step that refuses the package, 1–7.
    #[must_use]
    pub fn step(&self) -> u8 {
        self.code.as_bytes()[5] - b'0'
    }
}

/// A function that returns the bytes of a broken package.
type Make = Box<dyn Fn(&Kit) -> Vec<u8>>;

/// A way to break a package.
struct Mutation {
    code: &'static str,
    name: String,
    make: Make,
    registry_key: Option<PublicKey>,
}

impl Kit {
    /// Creates a kit from a valid package and the key that signed it.
    ///
    /// Adds two small entries, `tamper/plain.txt` and `tamper/words.txt`, and signs the package again; [`Kit::valid`]
    /// returns the result. Returns `None` if the bytes are not a valid archive.
    #[must_use]
    pub fn new(package: &[u8], key: SigningKey) -> Option<Self> {
        let mut base = RawArchive::read(package)?;
        add(&mut base, RawEntry::stored(PLAIN, b"# Sample\n"));
        add(&mut base, RawEntry::deflated(WORDS, &b"one two three\n".repeat(100)));
        base.sign(&key, |_| {});
        Some(Self { base, key })
    }

    /// Creates a kit from the default [`SamplePackage`].
    #[must_use]
    pub fn sample() -> Self {
        Self::from(&SamplePackage::new())
    }

    /// Returns the valid package from which all others are made.
    #[must_use]
    pub fn valid(&self) -> Vec<u8> {
        self.base.to_bytes()
    }

    /// Returns every broken package, in the order of the steps.
    ///
    /// Each package is made on demand, because one of them has 101 MiB.
    pub fn every(&self) -> impl Iterator<Item = Tampered> + use<> {
        let kit = self.clone();
        mutations().into_iter().map(move |mutation| mutation.apply(&kit))
    }

    /// Returns the first broken package that must be refused with this code, or `None` if it is not a Gatekeeper code.
    #[must_use]
    pub fn with_code(&self, code: &str) -> Option<Tampered> {
        Some(mutations().into_iter().find(|mutation| mutation.code == code)?.apply(self))
    }

    /// Returns the manifest as JSON.
    fn manifest(&self) -> Value {
        let bytes = self.base.entries.first().map(RawEntry::unpacked).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Returns the name of the module's entry.
    fn entrypoint(&self) -> String {
        self.manifest()["runtime"]["entrypoint"].as_str().unwrap_or_default().to_owned()
    }

    /// Returns the envelope as JSON.
    fn envelope(&self) -> Value {
        let bytes = self.base.entries.last().map(RawEntry::unpacked).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

impl From<&SamplePackage> for Kit {
    /// Creates a kit from a sample package.
    ///
    /// # Panics
    /// Panics if the sample package is not valid.
    #[expect(clippy::expect_used, reason = "the package was just signed, so it is a valid archive")]
    fn from(sample: &SamplePackage) -> Self {
        Self::new(sample.sign().as_slice(), sample.key().clone()).expect("a valid archive")
    }
}

impl Mutation {
    fn new(code: &'static str, name: impl Into<String>, make: impl Fn(&Kit) -> Vec<u8> + 'static) -> Self {
        Self { code, name: name.into(), make: Box::new(make), registry_key: None }
    }

    fn apply(self, kit: &Kit) -> Tampered {
        Tampered { code: self.code, bytes: (self.make)(kit), name: self.name, registry_key: self.registry_key }
    }
}

fn mutations() -> Vec<Mutation> {
    let parts = [
        structure::mutations(),
        limits::mutations(),
        names::mutations(),
        content::mutations(),
        signature::mutations(),
        manifest::mutations(),
        manifest::capabilities(),
        module::mutations(),
    ];
    parts.into_iter().flatten().collect()
}

/// Returns a mutation that gives these bytes, whatever the valid package is.
fn bytes(code: &'static str, name: &str, bytes: impl Into<Vec<u8>>) -> Mutation {
    let bytes = bytes.into();
    Mutation::new(code, name, move |_| bytes.clone())
}

/// Returns a mutation that changes the archive and leaves the signature as it was.
fn raw(code: &'static str, name: impl Into<String>, change: impl Fn(&mut RawArchive) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        change(&mut archive);
        archive.to_bytes()
    })
}

/// Returns a mutation that changes the archive, which the publisher then signs.
fn signed(code: &'static str, name: impl Into<String>, change: impl Fn(&mut RawArchive) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        change(&mut archive);
        archive.sign(&kit.key, |_| {});
        archive.to_bytes()
    })
}

/// Returns a mutation that changes the statement, which the publisher then signs.
fn stated(code: &'static str, name: &str, change: impl Fn(&mut Value) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        archive.sign(&kit.key, |statement| change(statement));
        archive.to_bytes()
    })
}

/// Inserts an entry in the order of the format: after the manifest, sorted by name, before the signature.
fn add(archive: &mut RawArchive, entry: RawEntry) {
    add_all(archive, [entry]);
}

fn add_all(archive: &mut RawArchive, entries: impl IntoIterator<Item = RawEntry>) {
    let signature = archive.entries.pop_if(|last| last.local.name == SIGNATURE.as_bytes());
    archive.entries.extend(entries);
    if let Some((_, rest)) = archive.entries.split_first_mut() {
        rest.sort_by(|a, b| a.local.name.cmp(&b.local.name));
    }
    archive.entries.extend(signature);
}

/// Returns the module with this text in the WebAssembly text format.
#[expect(clippy::panic, reason = "the texts are the kit's own, and its test makes every one of them")]
fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Edits an array; does nothing if the value is not one.
fn list(value: &mut Value, edit: impl FnOnce(&mut Vec<Value>)) {
    if let Value::Array(items) = value {
        edit(items);
    }
}

/// Removes a member of an object.
fn without(value: &mut Value, key: &str) {
    if let Value::Object(members) = value {
        members.remove(key);
    }
}

/// Returns the string, which is empty if the value is not one.
fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
