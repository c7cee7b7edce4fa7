//! Requests that change a registry, searches, and the answers to them.

use mpp_host::PublicKey;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::package_id::PackageId;

/// The header of an upload that carries the signed statement, as unpadded URL-safe Base64 of the envelope.
pub const STATEMENT_HEADER: &str = "mpp-statement";
/// The media type of a statement in the body of a request.
pub const DSSE_JSON: &str = "application/vnd.dsse+json";
/// The media type of a package in the body of an upload.
pub const PACKAGE: &str = "application/vnd.mpp.package.v1";

/// The answer to an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Published {
    /// Id of the package.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub package_id: PackageId,
    /// The version.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: Version,
    /// Index of the version's leaf in the log.
    pub leaf_index: u64,
    /// Hash of the whole archive.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub archive_hash: Digest,
    /// Address of the version's page.
    pub url: String,
}

impl Published {
    /// Creates the answer to an upload.
    #[must_use]
    pub const fn new(
        package_id: PackageId,
        version: Version,
        leaf_index: u64,
        archive_hash: Digest,
        url: String,
    ) -> Self {
        Self { package_id, version, leaf_index, archive_hash, url }
    }
}

/// The answer to every other change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Changed {
    /// Index of the statement's leaf in the log.
    pub leaf_index: u64,
}

impl Changed {
    /// Creates the answer to a change.
    #[must_use]
    pub const fn new(leaf_index: u64) -> Self {
        Self { leaf_index }
    }
}

/// The body of a registration: the signed statement, and the side object that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WithSide {
    /// The DSSE envelope of the statement, as standard Base64 of its bytes.
    pub statement: String,
    /// The side object, as standard Base64 of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
}

impl WithSide {
    /// Creates the body of a request from the bytes of the envelope and of the side object.
    #[must_use]
    pub fn new(envelope: &[u8], side: Option<&[u8]>) -> Self {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        Self { statement: STANDARD.encode(envelope), side: side.map(|side| STANDARD.encode(side)) }
    }
}

/// The answer to a search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SearchPage {
    /// Version of this document: 1.
    pub format: u32,
    /// The results, best first.
    pub results: Vec<SearchResult>,
    /// The `page` parameter of the next page, or `None` on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u32>,
}

/// A package that a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SearchResult {
    /// Id of the package.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub package_id: PackageId,
    /// Name of the package.
    pub name: String,
    /// Description of the package.
    pub description: String,
    /// The newest version that is not yanked.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: Version,
    /// The key that published the version, as standard Base64.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub key: PublicKey,
    /// The name that the publisher claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<String>,
    /// Whether the publisher has proved to control the domain of the id.
    pub domain_verified: bool,
    /// Names of the tools.
    pub tools: Vec<String>,
}
