//! Results of the commands that change a registry.

use mpp_host::keys::{KeyId, PublicKey};
use mpp_host::package::ContentHash;
use mpp_host::policy::New;
use schemars::JsonSchema;
use serde::Serialize;

/// A publisher that was registered.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Registered {
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Key id of the publisher.
    pub(crate) key_id: KeyId,
    /// Index of the registration's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A version that was published, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PublishResult {
    /// Package id.
    pub(crate) package_id: String,
    /// The version.
    pub(crate) version: String,
    /// Origin of the registry, or the place in an OCI registry.
    pub(crate) registry: String,
    /// Id of the key that signed.
    pub(crate) key_id: KeyId,
    /// Hash of the package's contents.
    pub(crate) content_hash: ContentHash,
    /// Hash of the whole archive.
    pub(crate) archive_hash: String,
    /// Size of the archive.
    pub(crate) package_bytes: u64,
    /// The version before; absent for the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous_version: Option<String>,
    /// What the package declares in addition to the version before.
    pub(crate) new: Vec<New>,
    /// Whether the registry had the same version already.
    pub(crate) existed: bool,
    /// Index of the version's leaf in the registry's log, which was proved to be there; absent after a dry run and for OCI registries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf_index: Option<u64>,
    /// Address of the version's page; absent after a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// A version that was yanked, or is no longer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Yanked {
    /// Package id.
    pub(crate) package_id: String,
    /// The version.
    pub(crate) version: String,
    /// Whether the version is yanked now.
    pub(crate) yanked: bool,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the change's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A version that an operator has taken down.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TakenDown {
    /// Package id.
    pub(crate) package_id: String,
    /// The version.
    pub(crate) version: String,
    /// Kind of reason.
    pub(crate) reason: String,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the takedown's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A publisher whose name and addresses an operator has erased.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProfileErased {
    /// Key id of the publisher.
    pub(crate) key_id: KeyId,
    /// Kind of reason.
    pub(crate) reason: String,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the change's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A package that an operator has given to another key.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Transferred {
    /// Package id.
    pub(crate) package_id: String,
    /// Key id of the new owner.
    pub(crate) key_id: KeyId,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the transfer's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A publisher or a package id that an operator has approved.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ApprovedByOperator {
    /// Key id of the publisher; absent if a package id was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<KeyId>,
    /// The package id; absent if a publisher was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package_id: Option<String>,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the approval's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A domain that names a key, or has to name it before the key can claim the domain.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DomainClaim {
    /// The domain.
    pub(crate) domain: String,
    /// Key id of the publisher.
    pub(crate) key_id: KeyId,
    /// TXT record of the domain that names the key.
    pub(crate) txt_record: String,
    /// Address of the document that names the keys of the domain, instead of a record.
    pub(crate) document_url: String,
    /// The document, if it names no other key.
    pub(crate) document: String,
    /// Origin of the registry where the domain was claimed; absent if nothing was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registry: Option<String>,
    /// Index of the claim's leaf in the registry's log; absent if nothing was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leaf_index: Option<u64>,
}

/// What happened to an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OwnerAction {
    /// The key owns the package from now on.
    Added,
    /// The key no longer owns the package.
    Removed,
}

/// An owner that was added or removed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OwnerChanged {
    /// What happened.
    pub(crate) action: OwnerAction,
    /// Package id.
    pub(crate) package_id: String,
    /// Key id of the owner.
    pub(crate) key_id: KeyId,
    /// The whole key, in Base64.
    pub(crate) public_key: PublicKey,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the change's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A key that may publish for a time.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Delegated {
    /// Key id of the delegate.
    pub(crate) key_id: KeyId,
    /// The whole key, in Base64.
    pub(crate) public_key: PublicKey,
    /// Path of the new private key; absent if the key existed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_key_path: Option<String>,
    /// Packages that the key may publish.
    pub(crate) package_ids: Vec<String>,
    /// Time at which the delegation ends, in RFC 3339.
    pub(crate) expires_at: String,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the delegation's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A key that was replaced.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Rotated {
    /// Id of the old key.
    pub(crate) from_key_id: KeyId,
    /// Id of the new key.
    pub(crate) to_key_id: KeyId,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the rotation's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}

/// A key that was revoked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyRevoked {
    /// Id of the key.
    pub(crate) key_id: KeyId,
    /// Index of the first leaf whose signature by the key is void.
    pub(crate) from_leaf: u64,
    /// Origin of the registry.
    pub(crate) registry: String,
    /// Index of the revocation's leaf in the registry's log.
    pub(crate) leaf_index: u64,
}
