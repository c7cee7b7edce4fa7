//! The files that a registry serves, each signed as a [`Signed`], and the side objects.

use mpp_host::PublicKey;
use mpp_host::keys::KeyId;
use mpp_host::package::json;
use mpp_host::package::manifest::Capabilities;
use mpp_host::wire::SecurityLevel;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::envelope::{Signed, SignedFile, open};
use super::error::ProtocolError;
use super::leaf::DomainState;
use super::origin::Origin;
use super::package_id::PackageId;
use super::statement::TakedownReason;
use super::timestamp::Timestamp;

/// The version of the format of served files.
pub const FORMAT: u32 = 1;

/// The description of a registry, which its root key signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WellKnown {
    /// Version of the format: 1.
    pub format: u32,
    /// Number of this description. A client never goes back to a lower one.
    pub version: u64,
    /// Origin of the registry.
    pub registry: Origin,
    /// The root key.
    pub root_key: PublicKey,
    /// The log key, which signs checkpoints and files from `from_size` on.
    pub log_key: PublicKey,
    /// The tree size from which the log key counts.
    pub from_size: u64,
    /// The root of the tree of that size. Every later checkpoint extends it.
    pub from_root: Digest,
    /// Addresses of the registry and its mirrors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
}

impl WellKnown {
    /// Creates the first description of a registry, whose log key counts from the empty tree.
    #[must_use]
    pub fn first(registry: Origin, root_key: PublicKey, log_key: PublicKey) -> Self {
        let from_root = Digest::of(b"");
        Self { format: FORMAT, version: 1, registry, root_key, log_key, from_size: 0, from_root, urls: Vec::new() }
    }

    /// Verifies a description with the root key that it names itself. This proves nothing about who made it: it is for the first
    /// contact, where the key is shown to a person or compared with a pinned one.
    ///
    /// # Errors
    /// Returns [`ProtocolError::Malformed`] or [`ProtocolError::BadSignature`].
    pub fn first_contact(bytes: &[u8]) -> Result<Signed<Self>, ProtocolError> {
        let envelope = open(Self::DOCUMENT, bytes, Self::PAYLOAD_TYPE)?;
        let malformed = |source| ProtocolError::Malformed { document: Self::DOCUMENT, source };
        let value = json::parse(&envelope.payload).map_err(|fault| malformed(fault.into()))?;
        let claimed: Self = serde_json::from_value(value).map_err(|error| malformed(error.into()))?;
        Signed::verify(bytes, &claimed.root_key)
    }
}

/// The index file of a package: everything that a client needs to choose and check a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IndexFile {
    /// Version of the format: 1.
    pub format: u32,
    /// Origin of the registry.
    pub registry: Origin,
    /// Id of the package.
    pub package_id: PackageId,
    /// The size of the tree that the file reflects.
    pub tree_size: u64,
    /// The owners, at least one.
    pub owners: Vec<PublicKey>,
    /// The proof of the domain that the id begins with, if the registry asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainProof>,
    /// The versions, in the order of the log.
    pub versions: Vec<VersionRecord>,
    /// The delegations for this package that have not been revoked, in the order of the log.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegations: Vec<Delegation>,
}

impl IndexFile {
    /// Creates the file of a package without versions.
    #[must_use]
    pub fn new(registry: Origin, package_id: PackageId, tree_size: u64, owners: Vec<PublicKey>) -> Self {
        Self {
            format: FORMAT,
            registry,
            package_id,
            tree_size,
            owners,
            domain: None,
            versions: Vec::new(),
            delegations: Vec::new(),
        }
    }
}

/// The proof of a domain, as an index file shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DomainProof {
    /// The domain.
    pub domain: String,
    /// The state of the proof.
    pub state: DomainState,
    /// Index of the leaf that recorded this state.
    pub leaf_index: u64,
}

impl DomainProof {
    /// Creates the record of a proof.
    #[must_use]
    pub const fn new(domain: String, state: DomainState, leaf_index: u64) -> Self {
        Self { domain, state, leaf_index }
    }
}

/// A version of a package in its index file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VersionRecord {
    /// The version.
    pub version: Version,
    /// Index of the leaf that published it.
    pub leaf_index: u64,
    /// Time of that leaf in milliseconds since 1970.
    pub time: u64,
    /// The key that signed the statement: an owner or a delegate.
    pub key: PublicKey,
    /// Hash of the archive without its signature.
    pub content_hash: Digest,
    /// Hash of the whole archive.
    pub archive_hash: Digest,
    /// Size of the archive in bytes.
    pub archive_size: u64,
    /// Hash of the manifest.
    pub manifest_hash: Digest,
    /// Name of the package in its manifest.
    pub name: String,
    /// Description of the package in its manifest.
    pub description: String,
    /// License of the package in its manifest, an SPDX expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The capabilities that the manifest declares.
    pub capabilities: Capabilities,
    /// The tools.
    pub tools: Vec<ToolRecord>,
    /// Whether an owner has yanked the version.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yanked: bool,
    /// The takedown of the version, if an operator has taken it down. Name, description, tools and capabilities are then empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_down: Option<TakenDown>,
}

/// A tool in an index file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolRecord {
    /// Name of the tool.
    pub name: String,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description of the tool.
    pub description: String,
    /// How much harm a call can do, as the author states it.
    #[serde(default)]
    pub security_level: SecurityLevel,
}

impl ToolRecord {
    /// Creates the record of a tool.
    #[must_use]
    pub const fn new(name: String, title: Option<String>, description: String, security_level: SecurityLevel) -> Self {
        Self { name, title, description, security_level }
    }
}

/// The takedown of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TakenDown {
    /// Index of the takedown's leaf.
    pub leaf_index: u64,
    /// The kind of reason.
    pub reason: TakedownReason,
}

impl TakenDown {
    /// Creates the record of a takedown.
    #[must_use]
    pub const fn new(leaf_index: u64, reason: TakedownReason) -> Self {
        Self { leaf_index, reason }
    }
}

/// A delegation in an index file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Delegation {
    /// The owner who delegated.
    pub owner: PublicKey,
    /// The key that may publish.
    pub delegate: PublicKey,
    /// The end of the delegation.
    pub expires: Timestamp,
    /// Index of the delegation's leaf.
    pub leaf_index: u64,
}

impl Delegation {
    /// Creates the record of a delegation.
    #[must_use]
    pub const fn new(owner: PublicKey, delegate: PublicKey, expires: Timestamp, leaf_index: u64) -> Self {
        Self { owner, delegate, expires, leaf_index }
    }
}

/// The file of a publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PublisherFile {
    /// Version of the format: 1.
    pub format: u32,
    /// Origin of the registry.
    pub registry: Origin,
    /// The key.
    pub key: PublicKey,
    /// Its id, for people.
    pub key_id: KeyId,
    /// The size of the tree that the file reflects.
    pub tree_size: u64,
    /// Index of the leaf that registered the key.
    pub leaf_index: u64,
    /// Digest of the side object with name and addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Digest>,
    /// The packages that the key owns, sorted.
    pub packages: Vec<PackageId>,
    /// The key that replaced this one, and the index of the rotation's leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotated_to: Option<Rotation>,
    /// Index of the first leaf whose signature by the key is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_from: Option<u64>,
}

impl PublisherFile {
    /// Creates the file of a publisher who owns nothing yet.
    #[must_use]
    pub fn new(registry: Origin, key: PublicKey, tree_size: u64, leaf_index: u64) -> Self {
        Self {
            format: FORMAT,
            registry,
            key,
            key_id: key.id(mpp_host::keys::KeyRole::Publisher),
            tree_size,
            leaf_index,
            profile: None,
            packages: Vec::new(),
            rotated_to: None,
            revoked_from: None,
        }
    }
}

/// The rotation of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rotation {
    /// The new key.
    pub to: PublicKey,
    /// Index of the rotation's leaf.
    pub leaf_index: u64,
}

impl Rotation {
    /// Creates the record of a rotation.
    #[must_use]
    pub const fn new(to: PublicKey, leaf_index: u64) -> Self {
        Self { to, leaf_index }
    }
}

/// The revocation list, which expires and is therefore signed again every hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Revocations {
    /// Version of the format: 1.
    pub format: u32,
    /// Origin of the registry.
    pub registry: Origin,
    /// The size of the tree that the list reflects, which is also its sequence number.
    pub tree_size: u64,
    /// The root of that tree.
    pub root: Digest,
    /// The time of signing.
    pub issued: Timestamp,
    /// The time after which the list proves nothing.
    pub expires: Timestamp,
    /// The revoked keys, in the order of the log.
    pub keys: Vec<RevokedKey>,
    /// The versions that were taken down, in the order of the log.
    pub taken_down: Vec<TakenDownVersion>,
}

impl Revocations {
    /// Creates an empty list.
    #[must_use]
    pub fn new(registry: Origin, tree_size: u64, root: Digest, issued: Timestamp, expires: Timestamp) -> Self {
        Self { format: FORMAT, registry, tree_size, root, issued, expires, keys: Vec::new(), taken_down: Vec::new() }
    }
}

/// A revoked key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RevokedKey {
    /// The key.
    pub key: PublicKey,
    /// Index of the first leaf whose signature by the key is void.
    pub from_leaf: u64,
}

impl RevokedKey {
    /// Creates the record of a revocation.
    #[must_use]
    pub const fn new(key: PublicKey, from_leaf: u64) -> Self {
        Self { key, from_leaf }
    }
}

/// A version that was taken down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TakenDownVersion {
    /// Id of the package.
    pub package_id: PackageId,
    /// The version.
    pub version: Version,
}

impl TakenDownVersion {
    /// Creates the record of a version.
    #[must_use]
    pub const fn new(package_id: PackageId, version: Version) -> Self {
        Self { package_id, version }
    }
}

/// A side object: the name and the addresses that a publisher claims. It can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Profile {
    /// Random hex digits, so that nobody can guess an erased object from its digest.
    pub salt: String,
    /// Name of the publisher.
    pub name: String,
    /// Address of the publisher's web page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How to reach the publisher, for example a mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

impl Profile {
    /// Creates a profile with a random salt.
    ///
    /// # Errors
    /// Returns [`ProtocolError::NoRandomness`] if the operating system returns no random bytes.
    pub fn new(name: String, url: Option<String>, contact: Option<String>) -> Result<Self, ProtocolError> {
        Ok(Self { salt: super::statement::Nonce::random()?.to_string(), name, url, contact })
    }
}

/// A side object: the explanation of a takedown. It can be erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Note {
    /// Random hex digits, so that nobody can guess an erased object from its digest.
    pub salt: String,
    /// The explanation.
    pub text: String,
}

impl Note {
    /// Creates a note with a random salt.
    ///
    /// # Errors
    /// Returns [`ProtocolError::NoRandomness`] if the operating system returns no random bytes.
    pub fn new(text: String) -> Result<Self, ProtocolError> {
        Ok(Self { salt: super::statement::Nonce::random()?.to_string(), text })
    }
}

macro_rules! signed_files {
    ($($file:ident: $kind:literal, $document:literal;)*) => {$(
        impl SignedFile for $file {
            const PAYLOAD_TYPE: &'static str = concat!("application/vnd.mpp.registry-", $kind, ".v1+json");
            const DOCUMENT: &'static str = $document;
        }
    )*};
}

signed_files! {
    WellKnown: "description", "the description of the registry";
    IndexFile: "index", "the index file";
    PublisherFile: "publisher", "the publisher's file";
    Revocations: "revocations", "the revocation list";
}
