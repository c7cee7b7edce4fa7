//! The in-toto statement that a package's signature is over.
//!
//! <https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md>

use serde::{Deserialize, Serialize};

use crate::keys::{KeyError, PublicKey};
use crate::package::{ContentHash, hex, json};

/// `_type` of a statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// `predicateType` of a package's statement.
pub const PREDICATE: &str = "https://mpp-protocol.io/attestation/package/v1";

/// What a publisher states about a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always [`STATEMENT`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// Every entry but `signature.json`, with the digest of its unpacked bytes, in the order of the archive.
    pub subject: Vec<Subject>,
    /// Always [`PREDICATE`].
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is stated.
    pub predicate: Predicate,
}

impl Statement {
    /// SHA-256 of the unpacked bytes of an entry, in hexadecimal.
    pub(crate) fn sha256_of(&self, entry: &str) -> Option<&str> {
        self.subject.iter().find(|subject| subject.name == entry).map(|subject| subject.digest.sha256.as_str())
    }
}

/// One entry of the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The entry's name.
    pub name: String,
    /// Its unpacked bytes.
    pub digest: SubjectDigest,
}

/// The digests of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectDigest {
    /// 64 lower-case hex digits.
    pub sha256: String,
}

/// What is stated about the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predicate {
    /// The manifest's `package_id`.
    pub package_id: String,
    /// The manifest's `version`.
    pub version: String,
    /// The hash over the stored bytes.
    pub content_hash: ContentHash,
    /// The entries as they are stored: how a changed one is named.
    pub entries: Vec<EntryDigest>,
    /// The publisher's key.
    pub public_key: PublicKey,
    /// What built the package, as its builder said.
    pub toolchain: Toolchain,
}

/// One entry as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryDigest {
    /// The entry's name.
    pub name: String,
    /// Its stored size in bytes.
    pub stored_size: u64,
    /// SHA-256 of its stored bytes: 64 lower-case hex digits.
    pub sha256: String,
}

/// What built a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toolchain {
    /// Program and version, for example `cargo-mpp 0.1.0`.
    pub builder: String,
    /// The version that `rustc` reports, if it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rustc: Option<String>,
    /// The compilation target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Cargo features that were on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// Why an envelope claims nothing that can be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClaimFault {
    /// It is no envelope around a statement of this format.
    Malformed(String),
    /// The key that it names proves nothing.
    WeakKey(String),
}

impl Statement {
    /// The statement about these entries.
    pub(crate) fn new(predicate: Predicate, subjects: impl IntoIterator<Item = (String, [u8; 32])>) -> Self {
        let subject = subjects
            .into_iter()
            .map(|(name, digest)| Subject { name, digest: SubjectDigest { sha256: hex(digest) } })
            .collect();
        Self { kind: STATEMENT.to_owned(), subject, predicate_type: PREDICATE.to_owned(), predicate }
    }

    /// Reads a statement strictly; the types must be the known ones.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, ClaimFault> {
        let value = json::parse(payload).map_err(|fault| ClaimFault::Malformed(format!("the payload is {fault}")))?;
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
