//! The reasons for which a server does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use super::keys::KeysError;
use crate::codes;
use crate::log::WriterError;
use crate::protocol::ProtocolError;
use crate::search::SearchError;
use crate::store::StoreError;

/// The error returned when a server does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log cannot be opened.
    #[error(transparent)]
    Log(#[from] WriterError),
    /// The search index cannot be opened.
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The address cannot be listened on.
    #[error("the server cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: io::Error,
    },
    /// A certificate or its key cannot be used.
    #[error("the certificate or key in `{}` cannot be used", path.display())]
    Tls {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: BoxedError,
    },
    /// Domains cannot be looked up.
    #[error("the settings for the proofs of domains cannot be used")]
    Domains(#[source] BoxedError),
    /// The store contains another registry.
    #[error("the store belongs to a registry with another root key")]
    OtherRegistry(#[source] ProtocolError),
    /// The store has a newer description of the registry than the directory with the keys.
    #[error(
        "the store has version {found} of the registry's description, and the directory with the keys has version {own}"
    )]
    OldDescription {
        /// The version in the store.
        found: u64,
        /// The version beside the keys.
        own: u64,
    },
    /// Something that no setting causes.
    #[error("the server cannot start")]
    Internal(#[source] BoxedError),
}

impl StartError {
    pub(super) fn internal(source: impl Into<BoxedError>) -> Self {
        Self::Internal(source.into())
    }
}

impl Coded for StartError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Keys(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Log(error) => error.code(),
            Self::Search(error) => error.code(),
            Self::Listen { .. } | Self::Tls { .. } | Self::Domains(_) => &codes::N213,
            Self::OtherRegistry(_) | Self::OldDescription { .. } => &codes::N214,
            Self::Internal(_) => &codes::N217,
        }
    }
}
