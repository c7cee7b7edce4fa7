//! The in-toto statement that a package's signature covers.
//!
//! <https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md>

use serde::{Deserialize, Serialize};

use crate::causes::with_causes;
use crate::keys::{KeyError, PublicKey};
use crate::package::{ContentHash, hex, json};

/// The `_type` of a statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// The `predicateType` of a package's statement.
pub const PREDICATE: &str = "https://mpp-protocol.io/attestation/package/v1";

/// The statement that a publisher signs about a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Statement {
    /// Always [`STATEMENT`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// Each entry except `signature.json`, with the digest of its unpacked bytes, in the order of the archive.
    pub subject: Vec<Subject>,
    /// Always [`PREDICATE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// The facts stated about the package.
    pub predicate: Predicate,
}

impl Statement {
    /// Returns the stated SHA-256 of the unpacked bytes of `entry`, in hexadecimal, or `None` if there is no such entry.
    pub(crate) fn sha256_of(&self, entry: &str) -> Option<&str> {
        self.subject.iter().find(|subject| subject.name == entry).map(|subject| subject.digest.sha256.as_str())
    }
}

/// An entry of the package and the digest of its unpacked bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Subject {
    /// Name of the entry.
    pub name: String,
    /// Digest of the unpacked bytes.
    pub digest: SubjectDigest,
}

/// The digests of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SubjectDigest {
    /// The SHA-256 digest, as 64 lower-case hex digits.
    pub sha256: String,
}

/// The facts that a statement contains about a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Predicate {
    /// The `package_id` of the manifest.
    pub package_id: String,
    /// The `version` of the manifest.
    pub version: String,
    /// Hash of the stored bytes.
    pub content_hash: ContentHash,
    /// The stored form of each entry, from which changed entries are identified.
    pub entries: Vec<EntryDigest>,
    /// Public key of the publisher.
    pub public_key: PublicKey,
    /// The toolchain that built the package, as its builder reported it.
    pub toolchain: Toolchain,
}

/// The stored form of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EntryDigest {
    /// Name of the entry.
    pub name: String,
    /// Stored size in bytes.
    pub stored_size: u64,
    /// SHA-256 of the stored bytes, as 64 lower-case hex digits.
    pub sha256: String,
}

/// The toolchain that built a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Toolchain {
    /// Name and version of the program, for example `cargo-mpp 0.1.0`.
    pub builder: String,
    /// The version that `rustc` reports, if the package was built with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// The compiler of another language and its version, for example `go1.27.3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
    /// The compilation target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The enabled Cargo features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// The author's own compiler flags, from the environment or cargo's configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
}

impl Toolchain {
    /// Creates the toolchain of a package that the program `builder` built, for example `cargo-mpp 0.1.0`.
    pub fn new(builder: impl Into<String>) -> Self {
        Self { builder: builder.into(), ..Self::default() }
    }
}

/// The reason why the claim of an envelope cannot be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClaimFault {
    /// The bytes are not an envelope with a statement of this format.
    Malformed(String),
    /// The claimed key is weak or not canonical, so a signature by it proves nothing.
    WeakKey(String),
}

impl Statement {
    /// Creates a statement from its predicate and the name and SHA-256 of each entry.
    pub(crate) fn new(predicate: Predicate, subjects: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        let subject = subjects
            .into_iter()
            .map(|(name, digest)| Subject { name, digest: SubjectDigest { sha256: hex(digest) } })
            .collect();
        Self { kind: STATEMENT.to_owned(), subject, predicate_type: PREDICATE.to_owned(), predicate }
    }

    /// Parses a statement strictly. `_type` and `predicateType` must be [`STATEMENT`] and [`PREDICATE`].
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, ClaimFault> {
        let value = json::parse(payload)
            .map_err(|fault| ClaimFault::Malformed(format!("the payload is malformed: {}", with_causes(&fault))))?;
        let kind = |name: &str| value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        for (field, expected) in [("_type", STATEMENT), ("predicateType", PREDICATE)] {
            let found = kind(field);
            if found != expected {
                return Err(ClaimFault::Malformed(format!("`{field}` is `{found}`, expected `{expected}`")));
            }
        }
        let key =
            value.pointer("/predicate/public_key").and_then(serde_json::Value::as_str).map(PublicKey::from_base64);
        if let Some(Err(error @ (KeyError::Weak | KeyError::NotCanonical))) = key {
            return Err(ClaimFault::WeakKey(error.to_string()));
        }
        serde_json::from_value(value)
            .map_err(|error| ClaimFault::Malformed(format!("the statement is malformed: {error}")))
    }
}
