//! The stored objects of a registry: in a directory, or in an S3-compatible store.
//!
//! The log needs two conditional writes: an object is created only if there is none, and replaced only if it is still the one
//! that was read. A directory has the first, and one server at a time, which holds a lock, adds the second. Object stores have
//! both, so that any number of servers can share one; [`Store::probe`] refuses a store that ignores the conditions.

mod backend;
mod error;
#[cfg(test)]
pub(crate) mod fault;
mod objects;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use mpp_host::causes::BoxedError;

use backend::{Backend, Operation};
pub use backend::{Created, ETag, Listed, Meta, Object, Opened, Updated};
pub use error::StoreError;
use objects::Objects;

use crate::log::Files;

/// The time limit of one operation. Operations that a store's client repeats by itself end within it.
const LIMIT: Duration = Duration::from_secs(60);
/// The number of attempts of an operation that can be repeated without harm.
const ATTEMPTS: u32 = 6;

/// The stored objects of a registry. Clones share one store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
}

impl Store {
    /// Opens a directory, which is created if it does not exist, and locks it until the last clone is dropped.
    ///
    /// # Errors
    /// Returns [`StoreError::Locked`] if another server uses the directory, or [`StoreError::Directory`] if it cannot be created
    /// or opened.
    pub fn directory(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { backend: Arc::new(Objects::directory(path)?) })
    }

    /// Opens a directory for reading, without locking it. Writes are refused.
    ///
    /// # Errors
    /// Returns [`StoreError::Directory`] if it does not exist.
    pub fn directory_to_read(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { backend: Arc::new(Objects::directory_to_read(path)?) })
    }

    /// Opens a bucket of an S3-compatible store; all objects are below `prefix`. `variables` are those of the environment:
    /// the ones that begin with `AWS_` have addresses and credentials.
    ///
    /// # Errors
    /// Returns [`StoreError::Settings`] if a variable is not valid.
    pub fn s3(
        bucket: &str,
        prefix: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, StoreError> {
        Ok(Self { backend: Arc::new(Objects::s3(bucket, prefix, variables)?) })
    }

    /// Creates a store in memory, which behaves like an object store.
    #[must_use]
    pub fn memory() -> Self {
        Self { backend: Arc::new(Objects::memory()) }
    }

    #[cfg(test)]
    pub(crate) fn of(backend: impl Backend + 'static) -> Self {
        Self { backend: Arc::new(backend) }
    }

    #[cfg(test)]
    pub(crate) fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.backend)
    }

    /// Returns an object, or `None` if there is none. A read that fails is tried again a few times.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time.
    pub async fn get(&self, path: &str) -> Result<Option<Object>, StoreError> {
        let mut attempt = 0;
        loop {
            match self.get_once(path).await {
                Err(error) if may_pass(&error, &mut attempt) => pause(attempt).await,
                result => return result,
            }
        }
    }

    async fn get_once(&self, path: &str) -> Result<Option<Object>, StoreError> {
        let read = async {
            let Some(mut opened) = self.backend.open(path, None).await? else { return Ok(None) };
            let mut parts = Vec::new();
            while let Some(part) = opened.stream.next().await {
                parts.push(part?);
            }
            let bytes = match <[Bytes; 1]>::try_from(parts) {
                Ok([only]) => only,
                Err(parts) => parts.concat().into(),
            };
            Ok(Some(Object { bytes, etag: opened.meta.etag }))
        };
        timed(Operation::Read, path, read).await
    }

    /// Opens an object, or a range of it, as a stream. Returns `None` if there is none.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time.
    pub async fn open(&self, path: &str, range: Option<Range<u64>>) -> Result<Option<Opened>, StoreError> {
        timed(Operation::Read, path, self.backend.open(path, range)).await
    }

    /// Returns the size and the entity tag of an object, or `None` if there is none.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time.
    pub async fn head(&self, path: &str) -> Result<Option<Meta>, StoreError> {
        let mut attempt = 0;
        loop {
            match timed(Operation::Read, path, self.backend.head(path)).await {
                Err(error) if may_pass(&error, &mut attempt) => pause(attempt).await,
                result => return result,
            }
        }
    }

    /// Creates an object. [`Created::Exists`] can be wrong: stores also answer so while another request is under way, or when an
    /// answer was lost and the request was repeated.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time; the object may exist nevertheless.
    pub async fn create(&self, path: &str, bytes: Bytes) -> Result<Created, StoreError> {
        timed(Operation::Create, path, self.backend.create(path, bytes)).await
    }

    /// Replaces an object if it still is the one with the tag `expected`, or creates it if `expected` is `None`.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time; the object may have been written nevertheless.
    pub async fn update(&self, path: &str, bytes: Bytes, expected: Option<&ETag>) -> Result<Updated, StoreError> {
        timed(Operation::Update, path, self.backend.update(path, bytes, expected)).await
    }

    /// Stores an object whose path determines its bytes. Does nothing if it exists. A write that fails is tried again a few times.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time.
    pub async fn put(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        let mut attempt = 0;
        loop {
            let error = match self.create(path, bytes.clone()).await {
                Ok(Created::New(_)) => return Ok(()),
                Ok(Created::Exists) if self.head(path).await?.is_some() => return Ok(()),
                Ok(Created::Exists) => StoreError::Contended { path: path.to_owned() },
                Err(error) => error,
            };
            if !may_pass(&error, &mut attempt) {
                return Err(error);
            }
            pause(attempt).await;
        }
    }

    /// Deletes an object. Succeeds if there is none.
    ///
    /// # Errors
    /// Returns [`StoreError`] if the store fails or does not answer in time.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        timed(Operation::Delete, path, self.backend.delete(path)).await
    }

    /// Lists the objects in a folder and below, in no particular order. The empty prefix lists everything.
    #[must_use]
    pub fn list<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Listed, StoreError>> {
        self.backend.list(prefix)
    }

    /// Checks that the store honours conditional writes: creates an object twice and updates it with a wrong tag.
    ///
    /// # Errors
    /// Returns [`StoreError::IgnoresConditions`] if it does not, and the error of the store if it fails.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|error| StoreError::Settings(error.to_string().into()))?;
        let path = format!("probe/{}", hex::encode(random));
        let result = self.probe_at(&path).await;
        self.delete(&path).await?;
        result
    }

    async fn probe_at(&self, path: &str) -> Result<(), StoreError> {
        let Created::New(etag) = self.create(path, Bytes::from_static(b"1")).await? else {
            return Err(StoreError::IgnoresConditions("it says that a new object exists"));
        };
        if !matches!(self.create(path, Bytes::from_static(b"2")).await?, Created::Exists) {
            return Err(StoreError::IgnoresConditions("it creates an object that exists"));
        }
        let Updated::Done(newer) = self.update(path, Bytes::from_static(b"3"), Some(&etag)).await? else {
            return Err(StoreError::IgnoresConditions("it does not update an object with the right entity tag"));
        };
        let stale = self.update(path, Bytes::from_static(b"4"), Some(&etag)).await?;
        match newer != etag && matches!(stale, Updated::Conflict) {
            true => Ok(()),
            false => Err(StoreError::IgnoresConditions("it updates an object with a wrong entity tag")),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.backend.fmt(f)
    }
}

impl Files for Store {
    fn read<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BoxedError>> {
        Box::pin(async move { Ok(self.get(path).await?.map(|object| object.bytes)) })
    }
}

/// Returns whether an operation is to be tried again, and counts the attempt.
fn may_pass(error: &StoreError, attempt: &mut u32) -> bool {
    *attempt += 1;
    matches!(error, StoreError::Failed { .. } | StoreError::Contended { .. }) && *attempt < ATTEMPTS
}

/// Waits before the next attempt, twice as long each time, up to a second.
pub(crate) async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis((10 << attempt.min(8)).min(1000))).await;
}

async fn timed<T>(
    operation: Operation,
    path: &str,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(LIMIT, work).await {
        Ok(result) => result,
        Err(_) => Err(StoreError::TimedOut { operation: operation.name(), path: path.to_owned() }),
    }
}
