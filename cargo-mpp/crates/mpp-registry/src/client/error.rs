//! The errors of the client.

use std::path::{Path, PathBuf};

use http::StatusCode;
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::KeyId;

use super::alarm::Alarm;
use super::config::ConfigError;
use super::http::HttpError;
use super::lock::LockError;
use super::transport::TransportError;
use crate::codes;
use crate::log::{CheckpointError, ProofError};
use crate::note::NoteError;
use crate::protocol::{Digest, PackageId, Problem, ProtocolError, Timestamp};

/// An error of the client of a registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// There is no response, or no complete one.
    #[error("`{url}` cannot be reached")]
    Unreachable {
        /// The URL of the registry or of one of its mirrors.
        url: String,
        /// The path of the request.
        path: String,
        /// What happened.
        source: TransportError,
    },
    /// The registry answered with an error.
    #[error("the registry refused the request: {}", .problem.as_ref().map_or_else(|| status.to_string(), |problem| problem.detail.clone()))]
    Answer {
        /// The URL of the registry or of one of its mirrors.
        url: String,
        /// The path of the request.
        path: String,
        /// The status of the response.
        status: StatusCode,
        /// The description of the error, if there is one.
        problem: Option<Box<Problem>>,
    },
    /// A file that every registry has is missing.
    #[error("`{url}` does not have the file `{path}`")]
    Missing {
        /// The URL of the registry or of one of its mirrors.
        url: String,
        /// The path of the file.
        path: String,
    },
    /// The registry has files only, so nothing can be searched there.
    #[error("`{url}` cannot be searched")]
    NoSearch {
        /// The URL of the registry or of one of its mirrors.
        url: String,
    },
    /// A file is longer than it can be.
    #[error("`{url}` serves more than {limit} bytes as `{path}`")]
    TooLong {
        /// The URL of the registry or of one of its mirrors.
        url: String,
        /// The path of the file.
        path: String,
        /// The greatest possible size.
        limit: u64,
    },
    /// A document of the registry is malformed, or not signed by the right key.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// A key of the registry, or what it signed, is not valid.
    #[error(transparent)]
    Key(#[from] NoteError),
    /// The checkpoint of the log is malformed, or not signed by the log key.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A proof from the files of the log cannot be made.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// Too few witnesses have cosigned the checkpoint.
    #[error(
        "{found} of the configured witnesses have cosigned the checkpoint of the registry's log, {required} are required"
    )]
    Witnesses {
        /// Number of valid cosignatures.
        found: usize,
        /// Number of cosignatures that the configuration requires.
        required: usize,
    },
    /// The registry shows two histories that contradict each other.
    #[error("{0}")]
    Alarm(Box<Alarm>),
    /// The registry serves an older state than one that it has shown before.
    #[error("the registry serves a log of {found} leaves, but has shown one of {known} before")]
    Behind {
        /// Number of leaves that is served.
        found: u64,
        /// Number of leaves that is known.
        known: u64,
    },
    /// The registry serves an index file from before a version of the package that was seen before.
    #[error(
        "the index of `{package_id}` reflects the first {found} leaves of the log, but a version that is known here is in \
         the first {known}"
    )]
    OldIndex {
        /// The package.
        package_id: PackageId,
        /// Number of leaves that the file reflects.
        found: u64,
        /// Number of leaves that it must reflect at least.
        known: u64,
    },
    /// The registry has another root key than the pinned one.
    #[error("the registry `{origin}` has another root key than the one you pinned")]
    OtherRoot {
        /// The origin that the registry names.
        origin: String,
        /// The pinned root key.
        expected: String,
        /// The root key of the registry.
        found: String,
    },
    /// The description of the registry is older than one that was seen before.
    #[error("the registry serves version {found} of its description, but has shown version {known} before")]
    OldDescription {
        /// The version that is served.
        found: u64,
        /// The version that is known.
        known: u64,
    },
    /// The revocation list has expired.
    #[error("the registry's list of revocations expired at {expires}")]
    Expired {
        /// The end of its validity.
        expires: Timestamp,
    },
    /// A file was issued in the future.
    #[error("the registry's list of revocations was issued at {issued}, which is in the future")]
    FromTheFuture {
        /// The time of signing.
        issued: Timestamp,
    },
    /// What the log says about a version differs from what an index or a lock file says.
    #[error("leaf {index} of the log does not say what the {document} says: {what} differs")]
    LeafDiffers {
        /// Index of the leaf.
        index: u64,
        /// The document that it is compared with.
        document: &'static str,
        /// The field that differs.
        what: &'static str,
    },
    /// The index file is that of another package.
    #[error("the registry serves the index file of `{found}` in place of that of `{expected}`")]
    OtherIndex {
        /// The package that was asked for.
        expected: PackageId,
        /// The package that the file describes.
        found: PackageId,
    },
    /// The log has no such leaf.
    #[error("the registry names leaf {index}, but its log has {size} leaves")]
    NoLeaf {
        /// Index of the leaf.
        index: u64,
        /// Number of leaves.
        size: u64,
    },
    /// A downloaded package is not the one in the log.
    #[error("the downloaded package is not the one in the log: expected the hash {expected}, found {found}")]
    OtherBytes {
        /// The hash in the log.
        expected: Digest,
        /// The hash of the downloaded bytes.
        found: Digest,
    },
    /// A package contains something else than the log says.
    #[error("the package differs from what the log says about it: its {what} differs")]
    OtherPackage {
        /// What differs.
        what: &'static str,
    },
    /// A delegation does not cover the version.
    #[error("the key `{delegate}` had no permission to publish the version: {reason}")]
    Delegation {
        /// The key that published.
        delegate: KeyId,
        /// Why the delegation does not cover the version.
        reason: &'static str,
    },
    /// The key that published the version was revoked.
    #[error("the key `{key_id}` that published `{package_id}` {version} was revoked")]
    Revoked {
        /// Id of the key.
        key_id: KeyId,
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: semver::Version,
    },
    /// The version was taken down by the registry.
    #[error("`{package_id}` {version} was taken down by the registry")]
    TakenDown {
        /// Id of the package.
        package_id: PackageId,
        /// The version.
        version: semver::Version,
    },
    /// The registry has no such package.
    #[error("the registry `{registry}` has no package `{package_id}`")]
    NoPackage {
        /// Name of the registry.
        registry: String,
        /// Id of the package.
        package_id: PackageId,
    },
    /// No version of the package satisfies a requirement.
    #[error("no version of `{package_id}` satisfies `{requirement}`")]
    NoVersion {
        /// Id of the package.
        package_id: PackageId,
        /// The requirement.
        requirement: String,
        /// The versions that can be chosen, newest first.
        available: Vec<semver::Version>,
        /// The newest version that satisfies the requirement and was yanked.
        yanked: Option<semver::Version>,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Connections cannot be set up.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A lock file cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Something is needed that is not on this machine, and the network must not be used.
    #[error("{what} is not on this machine, and the network is not to be used")]
    Offline {
        /// What is missing, with its article.
        what: &'static str,
    },
    /// A file of the client cannot be read or written.
    #[error("the file cannot be read or written")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// A file of the client is damaged.
    #[error("the file is damaged")]
    Damaged {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with it.
        source: BoxedError,
    },
}

impl ClientError {
    pub(crate) fn transport(url: &str, path: &str, source: TransportError) -> Self {
        Self::Unreachable { url: url.to_owned(), path: path.to_owned(), source }
    }

    pub(crate) fn answer(url: &str, path: &str, status: StatusCode, problem: Option<Problem>) -> Self {
        Self::Answer { url: url.to_owned(), path: path.to_owned(), status, problem: problem.map(Box::new) }
    }

    pub(crate) fn missing(url: &str, path: &str) -> Self {
        Self::Missing { url: url.to_owned(), path: path.to_owned() }
    }

    pub(crate) fn too_long(url: &str, path: &str, limit: u64) -> Self {
        Self::TooLong { url: url.to_owned(), path: path.to_owned(), limit }
    }

    pub(crate) fn no_copy(path: &str) -> Self {
        let reason = "no URL of the registry is known".to_owned();
        Self::transport("", path, TransportError::Refused { reason })
    }

    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    pub(crate) fn damaged(path: &Path, source: impl Into<BoxedError>) -> Self {
        Self::Damaged { path: path.to_owned(), source: source.into() }
    }

    /// Returns whether the same request may succeed later, or at another copy of the registry.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => source.is_temporary(),
            Self::Answer { status, .. } => {
                status.is_server_error()
                    || matches!(*status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
            }
            Self::Behind { .. } | Self::OldIndex { .. } => true,
            Self::Proof(error) => {
                matches!(error, ProofError::Unavailable { .. } | ProofError::Damaged { .. } | ProofError::Tiles { .. })
            }
            _ => false,
        }
    }

    /// Returns the URL that the error is about, if it is about one.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Unreachable { url, path, .. }
            | Self::Answer { url, path, .. }
            | Self::Missing { url, path }
            | Self::TooLong { url, path, .. } => Some(format!("{url}/{path}")),
            Self::NoSearch { url } => Some(url.clone()),
            _ => None,
        }
    }
}

impl From<Alarm> for ClientError {
    fn from(alarm: Alarm) -> Self {
        Self::Alarm(Box::new(alarm))
    }
}

impl Coded for ClientError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Unreachable { source: TransportError::Certificate { .. }, .. } => &codes::N049,
            Self::Unreachable { .. } => &codes::N020,
            Self::Answer { problem, .. } => {
                let known = problem.as_ref().and_then(|problem| codes::all().find(|code| code.id == problem.code));
                known.unwrap_or(&codes::N021)
            }
            Self::Missing { .. } | Self::Behind { .. } | Self::OldIndex { .. } => &codes::N022,
            Self::NoSearch { .. } => &codes::N050,
            Self::TooLong { .. } => &codes::N023,
            Self::Protocol(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Checkpoint(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::Witnesses { .. } => &codes::N048,
            Self::Alarm(alarm) => alarm.code(),
            Self::OtherRoot { .. } => &codes::N027,
            Self::OldDescription { .. } => &codes::N022,
            Self::Expired { .. } | Self::FromTheFuture { .. } => &codes::N028,
            Self::OtherIndex { .. } | Self::LeafDiffers { .. } | Self::NoLeaf { .. } => &codes::N029,
            Self::OtherBytes { .. } => &codes::N030,
            Self::OtherPackage { .. } => &codes::N031,
            Self::Delegation { .. } => &codes::N032,
            Self::Revoked { .. } => &codes::N033,
            Self::TakenDown { .. } => &codes::N034,
            Self::NoPackage { .. } => &codes::N035,
            Self::NoVersion { .. } => &codes::N036,
            Self::Config(error) => error.code(),
            Self::Http(error) => error.code(),
            Self::Lock(error) => error.code(),
            Self::Offline { .. } => &codes::N045,
            Self::File { .. } => &codes::N046,
            Self::Damaged { .. } => &codes::N047,
        }
    }
}
