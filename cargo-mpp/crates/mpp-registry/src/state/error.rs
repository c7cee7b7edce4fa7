//! The reasons for which a statement is not accepted.

use mpp_host::codes::{Code, Coded};
use mpp_host::keys::{KeyId, KeyRole, PublicKey};
use semver::Version;

use crate::codes;
use crate::protocol::{PackageId, Timestamp};

/// The error returned when a statement is not accepted, or when a log contains a leaf that should not have been accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The statement names another registry.
    #[error("the statement is for the registry `{found}`, and this is `{expected}`")]
    OtherRegistry {
        /// The origin of this registry.
        expected: String,
        /// The origin in the statement.
        found: String,
    },
    /// The statement was signed too long ago, or in the future.
    #[error(
        "the statement was signed at {signed}, and the registry's time is {now}: expected at most 15 minutes between them"
    )]
    Time {
        /// The time in the statement.
        signed: Timestamp,
        /// The time of the leaf.
        now: Timestamp,
    },
    /// The same statement was accepted before.
    #[error("the statement was already accepted, as leaf {leaf_index}")]
    Repeated {
        /// Index of its leaf.
        leaf_index: u64,
    },
    /// The key is revoked.
    #[error("the key {key} is revoked")]
    Revoked {
        /// The key.
        key: KeyId,
    },
    /// The key was replaced by another one.
    #[error("the key {key} was replaced by {by}")]
    Rotated {
        /// The key.
        key: KeyId,
        /// Its successor.
        by: KeyId,
    },
    /// The key is not registered.
    #[error("the key {key} is not registered")]
    Unregistered {
        /// The key.
        key: KeyId,
    },
    /// An operator has not approved the key yet.
    #[error("the key {key} waits for an operator's approval")]
    Unapproved {
        /// The key.
        key: KeyId,
    },
    /// The key does not own the package.
    #[error("the key {key} does not own `{package_id}`")]
    NotOwner {
        /// The key.
        key: KeyId,
        /// Id of the package.
        package_id: PackageId,
    },
    /// The version exists with other bytes.
    #[error("version {version} of `{package_id}` exists with other contents, as leaf {leaf_index}")]
    VersionExists {
        /// Id of the package.
        package_id: PackageId,
        /// The version that exists.
        version: Version,
        /// Index of its leaf.
        leaf_index: u64,
    },
    /// The new id resembles an established one.
    #[error("the new id `{package_id}` resembles `{known}` of another owner, so an operator has to approve it")]
    Waiting {
        /// The new id.
        package_id: PackageId,
        /// The established one.
        known: PackageId,
    },
    /// The id needs the proof of a domain.
    #[error(
        "`{package_id}` belongs to the keys that {} names, and {key} is not proved to be one of them",
        in_words(domain)
    )]
    NoDomainProof {
        /// Id of the package.
        package_id: PackageId,
        /// The key that is to own it.
        key: KeyId,
        /// The domain, if the id has one.
        domain: Option<String>,
    },
    /// The proof of the package's domain has failed for too long.
    #[error("the proof of `{domain}` has failed for more than 30 days, so `{package_id}` takes no new versions")]
    ProofLapsed {
        /// Id of the package.
        package_id: PackageId,
        /// The domain.
        domain: String,
    },
    /// The last owner would be removed.
    #[error("{key} is the last owner of `{package_id}` whose key is valid")]
    LastOwner {
        /// Id of the package.
        package_id: PackageId,
        /// The owner.
        key: KeyId,
    },
    /// Only an operator may do this.
    #[error("{key} is not an operator of the registry")]
    NotOperator {
        /// The key.
        key: KeyId,
    },
    /// A delegation is not valid.
    #[error("the delegation is not valid: {problem}")]
    Delegation {
        /// What is wrong.
        problem: &'static str,
    },
    /// The package does not exist.
    #[error("there is no package `{package_id}`")]
    NoPackage {
        /// The id.
        package_id: PackageId,
    },
    /// The version does not exist.
    #[error("`{package_id}` has no version {version}")]
    NoVersion {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
    },
    /// The key that the statement names cannot be used for this.
    #[error("the key {key} cannot be used here: {problem}")]
    Target {
        /// The key.
        key: KeyId,
        /// What is wrong.
        problem: &'static str,
    },
    /// The version was taken down.
    #[error("version {version} of `{package_id}` was taken down, and its number cannot be used again")]
    TakenDown {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: Version,
    },
    /// The key may not revoke the other one.
    #[error("{key} cannot revoke {revoked}: it does not own every package that the other key owns or publishes")]
    RevokeScope {
        /// The key that signed.
        key: KeyId,
        /// The key that would be revoked.
        revoked: KeyId,
    },
    /// The change has been made already.
    #[error("nothing would change: {what}")]
    NoChange {
        /// What is already the case.
        what: &'static str,
    },
    /// The publisher has used all the space that one key may use.
    #[error("{key} has published {used} bytes, and {size} more would be over the limit of {limit}")]
    Quota {
        /// The owner.
        key: KeyId,
        /// Sum of the sizes so far.
        used: u64,
        /// Size of the archive.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The leaf is not the next one, or it is earlier than the one before.
    #[error("the leaf does not follow the one before it: {problem}")]
    Order {
        /// What is wrong.
        problem: &'static str,
    },
}

fn in_words(domain: &Option<String>) -> String {
    domain.as_ref().map_or_else(|| "its domain".to_owned(), |domain| format!("the domain `{domain}`"))
}

/// Returns the id of a key for messages.
pub(super) fn id(key: &PublicKey) -> KeyId {
    key.id(KeyRole::Publisher)
}

impl Coded for StateError {
    fn code(&self) -> &'static Code {
        match self {
            Self::OtherRegistry { .. } => &codes::N301,
            Self::Time { .. } => &codes::N302,
            Self::Repeated { .. } => &codes::N303,
            Self::Revoked { .. } => &codes::N304,
            Self::Unregistered { .. } => &codes::N305,
            Self::Unapproved { .. } => &codes::N306,
            Self::NotOwner { .. } => &codes::N307,
            Self::VersionExists { .. } => &codes::N308,
            Self::Waiting { .. } => &codes::N309,
            Self::NoDomainProof { .. } => &codes::N310,
            Self::LastOwner { .. } => &codes::N313,
            Self::NotOperator { .. } => &codes::N314,
            Self::Delegation { .. } => &codes::N315,
            Self::NoPackage { .. } | Self::NoVersion { .. } => &codes::N316,
            Self::Rotated { .. } => &codes::N317,
            Self::Target { .. } => &codes::N318,
            Self::ProofLapsed { .. } => &codes::N319,
            Self::TakenDown { .. } => &codes::N320,
            Self::RevokeScope { .. } => &codes::N321,
            Self::NoChange { .. } => &codes::N322,
            Self::Quota { .. } => &codes::N323,
            Self::Order { .. } => &codes::N324,
        }
    }
}
