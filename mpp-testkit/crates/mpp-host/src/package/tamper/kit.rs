//! From one valid package to the broken ones: at least one for each code of the Gatekeeper.

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
/// A deflated one, which comes right after it.
const WORDS: &str = "tamper/words.txt";

/// A valid package, and the key that signs what is made of it.
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
    /// The code with which it must be refused, for example `MPP-G401`.
    pub code: &'static str,
    /// What is wrong with it.
    pub name: String,
    /// The package.
    pub bytes: Vec<u8>,
    /// The registry's key that a host must know in order to see what is wrong (`MPP-G505` only).
    pub registry_key: Option<PublicKey>,
}

impl Tampered {
    /// The step that refuses it: 1–7.
    #[must_use]
    pub fn step(&self) -> u8 {
        self.code.as_bytes()[5] - b'0'
    }
}

/// Makes the broken bytes.
type Make = Box<dyn Fn(&Kit) -> Vec<u8>>;

/// One way to break a package.
struct Mutation {
    code: &'static str,
    name: String,
    make: Make,
    registry_key: Option<PublicKey>,
}

impl Kit {
    /// Starts from a valid package and the key that signed it. Two small entries are added, `tamper/plain.txt` and
    /// `tamper/words.txt`, and the package is signed anew; [`Kit::valid`] is the outcome.
    ///
    /// `None` where the bytes are not a valid archive.
    #[must_use]
    pub fn new(package: &[u8], key: SigningKey) -> Option<Self> {
        let mut base = RawArchive::read(package)?;
        add(&mut base, RawEntry::stored(PLAIN, b"# Sample\n"));
        add(&mut base, RawEntry::deflated(WORDS, &b"one two three\n".repeat(100)));
        base.sign(&key, |_| {});
        Some(Self { base, key })
    }

    /// Starts from the default [`SamplePackage`].
    #[must_use]
    pub fn sample() -> Self {
        Self::from(&SamplePackage::new())
    }

    /// The valid package that all others are made of.
    #[must_use]
    pub fn valid(&self) -> Vec<u8> {
        self.base.to_bytes()
    }

    /// Every broken package, by step; each is made when it is asked for, because one of them has 101 MiB.
    pub fn every(&self) -> impl Iterator<Item = Tampered> + use<> {
        let kit = self.clone();
        mutations().into_iter().map(move |mutation| mutation.apply(&kit))
    }

    /// The first broken package that must be refused with this code; `None` for a code that is not the Gatekeeper's.
    #[must_use]
    pub fn with_code(&self, code: &str) -> Option<Tampered> {
        Some(mutations().into_iter().find(|mutation| mutation.code == code)?.apply(self))
    }

    /// The manifest as JSON.
    fn manifest(&self) -> Value {
        let bytes = self.base.entries.first().map(RawEntry::unpacked).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The name of the module's entry.
    fn entrypoint(&self) -> String {
        self.manifest()["runtime"]["entrypoint"].as_str().unwrap_or_default().to_owned()
    }

    /// The envelope as JSON.
    fn envelope(&self) -> Value {
        let bytes = self.base.entries.last().map(RawEntry::unpacked).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }
}

impl From<&SamplePackage> for Kit {
    /// Starts from a sample package.
    ///
    /// # Panics
    /// Where the sample package is not valid.
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

/// These bytes, whatever the package is.
fn bytes(code: &'static str, name: &str, bytes: impl Into<Vec<u8>>) -> Mutation {
    let bytes = bytes.into();
    Mutation::new(code, name, move |_| bytes.clone())
}

/// The valid package's archive, changed, the signature left as it was.
fn raw(code: &'static str, name: impl Into<String>, change: impl Fn(&mut RawArchive) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        change(&mut archive);
        archive.to_bytes()
    })
}

/// The valid package's archive, changed and then signed by its publisher.
fn signed(code: &'static str, name: impl Into<String>, change: impl Fn(&mut RawArchive) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        change(&mut archive);
        archive.sign(&kit.key, |_| {});
        archive.to_bytes()
    })
}

/// The valid package under a changed statement, signed by its publisher.
fn stated(code: &'static str, name: &str, change: impl Fn(&mut Value) + 'static) -> Mutation {
    Mutation::new(code, name, move |kit| {
        let mut archive = kit.base.clone();
        archive.sign(&kit.key, |statement| change(statement));
        archive.to_bytes()
    })
}

/// Puts an entry where it belongs: after the manifest, by name, before the signature.
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

/// A module from its text.
#[expect(clippy::panic, reason = "the texts are the kit's own, and its test makes every one of them")]
fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Edits a list, where it is one.
fn list(value: &mut Value, edit: impl FnOnce(&mut Vec<Value>)) {
    if let Value::Array(items) = value {
        edit(items);
    }
}

/// Takes a member away.
fn without(value: &mut Value, key: &str) {
    if let Value::Object(members) = value {
        members.remove(key);
    }
}

/// A text, empty where the value is none.
fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
