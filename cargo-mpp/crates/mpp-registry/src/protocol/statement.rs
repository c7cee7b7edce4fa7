//! Statements: the changes that publishers and operators sign.

use std::fmt;

use mpp_host::PublicKey;
use mpp_host::package::json;
use semver::Version;
use serde::{Deserialize, Deserializer, Serialize};

use super::digest::Digest;
use super::error::ProtocolError;
use super::origin::Origin;
use super::package_id::PackageId;
use super::timestamp::Timestamp;

/// The DSSE payload type of statements.
pub const STATEMENT_TYPE: &str = "application/vnd.mpp.registry-statement.v1+json";

/// A change that a key requests of one registry at one time.
///
/// ```
/// # use mpp_registry::protocol::*;
/// # use mpp_host::keys::{KeyRole, SigningKey};
/// let key = SigningKey::from_seed(&[1; 32], KeyRole::Publisher);
/// let statement = Statement::new(
///     Origin::parse("tools.example.com/log")?,
///     Timestamp::parse("2026-03-01T12:00:00Z")?,
///     key.public(),
///     Action::Rotate { to: key.public() },
/// )?;
/// let json = serde_json::to_value(&statement)?;
/// assert_eq!(json["action"], "rotate");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statement {
    /// The registry that the statement is for.
    pub registry: Origin,
    /// The time of signing, by the signer's clock.
    pub time: Timestamp,
    /// Makes the statement unique, so that a registry can accept it only once.
    pub nonce: Nonce,
    /// The key that signs the statement.
    pub key: PublicKey,
    /// The change.
    #[serde(flatten)]
    pub action: Action,
}

/// The change that a statement requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Action {
    /// Registers the signing key as a publisher, and proves its possession.
    Register {
        /// Digest of the side object with the publisher's name and addresses, a [`Profile`](super::files::Profile).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        profile: Option<Digest>,
    },
    /// Publishes a version.
    Publish {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
        /// Hash of the archive without its signature.
        content_hash: Digest,
        /// Hash of the whole archive.
        archive_hash: Digest,
        /// Size of the archive in bytes.
        archive_size: u64,
        /// Hash of the manifest.
        manifest_hash: Digest,
    },
    /// Hides a version from the resolution of requirements. Signed by an owner.
    Yank {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
    },
    /// Takes back a yank. Signed by an owner.
    Unyank {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
    },
    /// Adds an owner. Signed by an owner.
    AddOwner {
        /// Id of the package.
        package_id: PackageId,
        /// The new owner.
        owner: PublicKey,
    },
    /// Removes an owner. Signed by an owner.
    RemoveOwner {
        /// Id of the package.
        package_id: PackageId,
        /// The owner to remove.
        owner: PublicKey,
    },
    /// Gives a package to another owner. Signed by an operator.
    Transfer {
        /// Id of the package.
        package_id: PackageId,
        /// The new, only owner.
        to: PublicKey,
    },
    /// Erases the bytes and texts of a version. Signed by an operator.
    Takedown {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
        /// The kind of reason.
        reason: TakedownReason,
        /// Digest of the side object with an explanation, a [`Note`](super::files::Note).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Digest>,
    },
    /// Erases the name and addresses of a publisher. Signed by an operator.
    EraseProfile {
        /// The key of the publisher.
        publisher: PublicKey,
        /// The kind of reason.
        reason: TakedownReason,
    },
    /// Replaces the signing key by another one in all that it owns.
    Rotate {
        /// The new key.
        to: PublicKey,
    },
    /// Revokes a key. Signed by an owner of the same packages, by the key itself, or by an operator.
    Revoke {
        /// The key that is no longer good.
        revoked: PublicKey,
        /// Index of the first leaf whose signature by the key is void; `None` means from this statement on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_leaf: Option<u64>,
    },
    /// Lets another key publish versions of some packages for a time. Signed by an owner of all of them.
    Delegate {
        /// The key that may publish.
        delegate: PublicKey,
        /// The packages, at least one.
        package_ids: Vec<PackageId>,
        /// The end of the delegation, at most 90 days away.
        expires: Timestamp,
    },
    /// Approves a key that waits for its registration. Signed by an operator.
    ApproveKey {
        /// The key.
        approved: PublicKey,
    },
    /// Approves a package id that waits because it resembles another one. Signed by an operator.
    ApprovePackage {
        /// Id of the package.
        package_id: PackageId,
    },
    /// Asks the registry to check the proof that the key controls a domain.
    ClaimDomain {
        /// The domain, in lower case.
        domain: String,
    },
}

impl Action {
    /// Returns the name of the action, which is also the type of its leaf: `publish`, `add-owner` and so on.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Register { .. } => "register",
            Self::Publish { .. } => "publish",
            Self::Yank { .. } => "yank",
            Self::Unyank { .. } => "unyank",
            Self::AddOwner { .. } => "add-owner",
            Self::RemoveOwner { .. } => "remove-owner",
            Self::Transfer { .. } => "transfer",
            Self::Takedown { .. } => "takedown",
            Self::EraseProfile { .. } => "erase-profile",
            Self::Rotate { .. } => "rotate",
            Self::Revoke { .. } => "revoke",
            Self::Delegate { .. } => "delegate",
            Self::ApproveKey { .. } => "approve-key",
            Self::ApprovePackage { .. } => "approve-package",
            Self::ClaimDomain { .. } => "claim-domain",
        }
    }

    /// The names of all actions.
    pub const NAMES: &'static [&'static str] = &[
        "register",
        "publish",
        "yank",
        "unyank",
        "add-owner",
        "remove-owner",
        "transfer",
        "takedown",
        "erase-profile",
        "rotate",
        "revoke",
        "delegate",
        "approve-key",
        "approve-package",
        "claim-domain",
    ];

    /// Returns the package that the action changes, if it changes exactly one.
    #[must_use]
    pub const fn package_id(&self) -> Option<&PackageId> {
        match self {
            Self::Publish { package_id, .. }
            | Self::Yank { package_id, .. }
            | Self::Unyank { package_id, .. }
            | Self::AddOwner { package_id, .. }
            | Self::RemoveOwner { package_id, .. }
            | Self::Transfer { package_id, .. }
            | Self::Takedown { package_id, .. }
            | Self::ApprovePackage { package_id } => Some(package_id),
            _ => None,
        }
    }
}

/// The kind of reason for which an operator takes a version down, or erases a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TakedownReason {
    /// The package harms those who run it.
    Malware,
    /// A law or a court demands it.
    Legal,
    /// The package contains personal data or secrets.
    PersonalData,
    /// The package breaks the rules of the registry.
    Policy,
    /// The publisher asked for it.
    PublisherRequest,
}

impl TakedownReason {
    /// Returns the name of the reason as it is written in statements.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malware => "malware",
            Self::Legal => "legal",
            Self::PersonalData => "personal-data",
            Self::Policy => "policy",
            Self::PublisherRequest => "publisher-request",
        }
    }
}

/// A random number in a statement: 16 bytes, as 32 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Generates a nonce from random bytes of the operating system.
    ///
    /// # Errors
    /// Returns [`ProtocolError::NoRandomness`] if the operating system returns no random bytes.
    pub fn random() -> Result<Self, ProtocolError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| ProtocolError::NoRandomness(error.to_string().into()))?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Nonce {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nonce {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 16];
        let valid = hex::decode_to_slice(&text, &mut bytes).is_ok() && !text.bytes().any(|b| b.is_ascii_uppercase());
        valid.then_some(Self(bytes)).ok_or_else(|| serde::de::Error::custom("expected 32 lower-case hex digits"))
    }
}

impl Statement {
    /// Creates a statement with a random nonce.
    ///
    /// # Errors
    /// Returns [`ProtocolError::NoRandomness`] if the operating system returns no random bytes.
    pub fn new(registry: Origin, time: Timestamp, key: PublicKey, action: Action) -> Result<Self, ProtocolError> {
        Ok(Self { registry, time, nonce: Nonce::random()?, key, action })
    }

    /// Returns the statement as JSON, the payload that is signed.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Parses a payload strictly: duplicate keys, unknown members and values in another than their only form are errors.
    pub(super) fn parse(payload: &[u8]) -> Result<Self, ProtocolError> {
        let malformed = |source| ProtocolError::Malformed { document: "the statement", source };
        let value = json::parse(payload).map_err(|fault| malformed(fault.into()))?;
        let statement: Self = serde_json::from_value(value.clone()).map_err(|error| malformed(error.into()))?;
        // `flatten` cannot refuse unknown members, so the statement must give back exactly what was read.
        let again = serde_json::to_value(&statement).map_err(|error| malformed(error.into()))?;
        if again != value {
            return Err(malformed("it has members or values that this release does not know".into()));
        }
        Ok(statement)
    }
}
