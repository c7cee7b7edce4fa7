//! Where pages get records from: the server that serves them implements [`PageSource`].

use std::future::Future;

use bytes::Bytes;
use mpp_host::PublicKey;
use mpp_host::causes::BoxedError;
use mpp_host::codes::{Code, Coded};

use super::site::Site;
use crate::codes;
use crate::protocol::files::{IndexFile, Profile, PublisherFile};
use crate::protocol::{Digest, PackageId};
use crate::search::SearchIndex;

/// The records that pages show. `Ok(None)` says that there is no such record, or that it was erased.
pub trait PageSource: Send + Sync + 'static {
    /// Returns the registry with the size of its log now.
    fn site(&self) -> impl Future<Output = Result<Site, SourceError>> + Send;

    /// Returns the index file of a package.
    fn index(&self, id: &PackageId) -> impl Future<Output = Result<Option<IndexFile>, SourceError>> + Send;

    /// Returns the file of a publisher.
    fn publisher(&self, key: &PublicKey) -> impl Future<Output = Result<Option<PublisherFile>, SourceError>> + Send;

    /// Returns the profile of a publisher.
    fn profile(&self, key: &PublicKey) -> impl Future<Output = Result<Option<Profile>, SourceError>> + Send;

    /// Returns the bytes of a manifest.
    fn manifest(&self, hash: &Digest) -> impl Future<Output = Result<Option<Bytes>, SourceError>> + Send;

    /// Returns the bytes of a package by the hash of its archive. Pages read its README only.
    fn archive(&self, hash: &Digest) -> impl Future<Output = Result<Option<Bytes>, SourceError>> + Send;

    /// Returns the search index.
    fn search(&self) -> &SearchIndex;
}

/// The error returned when a record cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("a record of the registry cannot be read")]
pub struct SourceError(#[source] BoxedError);

impl SourceError {
    /// Creates the error from its cause.
    pub fn new(source: impl Into<BoxedError>) -> Self {
        Self(source.into())
    }
}

impl Coded for SourceError {
    fn code(&self) -> &'static Code {
        &codes::N221
    }
}
