//! The error of OCI registries.

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use crate::codes;
use crate::protocol::Digest;

/// The error returned when a package cannot be published to an OCI registry or fetched from it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OciError {
    /// The address is not one of an OCI registry and a namespace.
    #[error("`{}` is not the address of an OCI registry: {reason}", address.escape_debug())]
    Address {
        /// The address.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The version has been published with other bytes.
    #[error("`{reference}` exists with the archive {found}, expected {expected}")]
    Exists {
        /// The place of the version.
        reference: String,
        /// Digest of the package that is there.
        found: String,
        /// Digest of the package to publish.
        expected: Digest,
    },
    /// There is no such package, version or manifest.
    #[error("there is no `{reference}`")]
    NotFound {
        /// The place.
        reference: String,
    },
    /// The artifact is not a package.
    #[error("`{reference}` is not a package: {reason}")]
    NotAPackage {
        /// The place.
        reference: String,
        /// The difference.
        reason: String,
    },
    /// The package is another one than its place says.
    #[error("`{reference}` holds the package `{found}`")]
    OtherPackage {
        /// The place.
        reference: String,
        /// Id and version of the package that is there.
        found: String,
    },
    /// Somebody else moved the tag while it was published.
    #[error("`{reference}` names the manifest {found} now, expected {expected}")]
    Moved {
        /// The place of the version.
        reference: String,
        /// Digest of the manifest that the tag names.
        found: String,
        /// Digest of the manifest that was published.
        expected: Digest,
    },
    /// The registry does not list its repositories.
    #[error("`{host}` does not list its repositories")]
    NoCatalogue {
        /// Host and port.
        host: String,
    },
    /// The credentials are missing or not sufficient.
    #[error("`{host}` refused access")]
    Denied {
        /// Host and port.
        host: String,
    },
    /// The version is too long for a tag.
    #[error("the version `{version}` is longer than a tag can be")]
    Tag {
        /// The version.
        version: String,
    },
    /// The package is signed with a development key.
    #[error("the package is signed with the development key `{key_id}`")]
    DevelopmentKey {
        /// Id of the key.
        key_id: String,
    },
    /// The registry does not answer as it should.
    #[error("the OCI registry `{host}` cannot be used")]
    Failed {
        /// Host and port.
        host: String,
        /// The cause.
        source: BoxedError,
    },
}

impl Coded for OciError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Address { .. } => &codes::N401,
            Self::Exists { .. } => &codes::N403,
            Self::NotFound { .. } => &codes::N404,
            Self::NotAPackage { .. } => &codes::N405,
            Self::OtherPackage { .. } => &codes::N406,
            Self::Moved { .. } => &codes::N407,
            Self::NoCatalogue { .. } => &codes::N408,
            Self::Denied { .. } => &codes::N409,
            Self::Tag { .. } => &codes::N410,
            Self::Failed { .. } => &codes::N411,
            Self::DevelopmentKey { .. } => &codes::N412,
        }
    }
}
