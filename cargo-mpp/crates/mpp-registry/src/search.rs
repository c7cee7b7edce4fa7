//! Full-text search of the packages of a registry, in an SQLite database in the server's cache directory.
//!
//! The database is a copy of what the signed index files say, and never the only place of anything: it is written again if it
//! is missing, damaged, of an older format or of another registry. The server passes each changed index file to
//! [`SearchIndex::apply`], and [`SearchIndex::tree_size`] says up to which leaf that was done.
//!
//! The words of a query are quoted before they reach the query language of SQLite, so nothing that a visitor types is syntax.

mod database;
mod entry;
mod error;
mod query;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use entry::Change;
pub(crate) use entry::latest;
pub use error::SearchError;
pub use query::{CapabilityFilter, Query, UnknownCapability};

use crate::protocol::Digest;
use crate::protocol::requests::SearchPage;
use database::Database;

/// Number of packages on one page of results.
pub const PAGE_SIZE: u32 = 20;

/// The search index of one registry. Cloning shares it.
///
/// Methods run on threads that may block, so that a slow disk does not delay other requests.
#[derive(Debug, Clone)]
pub struct SearchIndex(Arc<Database>);

/// What a search found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Found {
    /// One page of results, as the API returns them.
    pub page: SearchPage,
    /// What each result declares, in the order of the results; empty for a package that declares nothing.
    pub touches: Vec<Vec<CapabilityFilter>>,
    /// Number of packages on all pages.
    pub total: u64,
}

/// Numbers about the packages that can be found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Number of packages.
    pub packages: u64,
    /// Number of versions that are neither yanked nor taken down.
    pub versions: u64,
    /// Number of keys that own packages.
    pub publishers: u64,
}

impl SearchIndex {
    /// Opens the index of a registry in a cache directory, or creates an empty one. `registry` identifies the registry: an
    /// index of another one is discarded.
    ///
    /// # Errors
    /// Returns an error if the directory cannot be written.
    pub async fn open(cache: &Path, registry: &str) -> Result<Self, SearchError> {
        let (cache, registry) = (cache.to_owned(), registry.to_owned());
        let database = blocking(move || Database::open(&cache, &registry)).await?;
        Ok(Self(Arc::new(database)))
    }

    /// Returns the size of the log up to which changes were applied. If it is 0, every index file has to be applied.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub async fn tree_size(&self) -> Result<u64, SearchError> {
        let database = Arc::clone(&self.0);
        blocking(move || database.tree_size()).await
    }

    /// Applies changed index files, all or none, and remembers that the log was followed up to `tree_size`. An index file
    /// that is older than the one that was applied before changes nothing.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written.
    pub async fn apply(&self, changes: Vec<Change>, tree_size: u64) -> Result<(), SearchError> {
        let database = Arc::clone(&self.0);
        blocking(move || database.apply(&changes, tree_size)).await
    }

    /// Finds packages.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub async fn find(&self, query: Query) -> Result<Found, SearchError> {
        let database = Arc::clone(&self.0);
        blocking(move || database.find(&query)).await
    }

    /// Returns the numbers of packages, versions and publishers.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub async fn counts(&self) -> Result<Counts, SearchError> {
        let database = Arc::clone(&self.0);
        blocking(move || database.counts()).await
    }

    /// Returns the README of an archive if it was kept; `Some(None)` says that the archive has none.
    ///
    /// # Errors
    /// Returns an error if the database cannot be read.
    pub async fn readme(&self, archive_hash: &Digest) -> Result<Option<Option<String>>, SearchError> {
        let (database, archive_hash) = (Arc::clone(&self.0), *archive_hash);
        blocking(move || database.readme(&archive_hash)).await
    }

    /// Keeps the README of an archive. It is removed when an index file says that the version was taken down.
    ///
    /// # Errors
    /// Returns an error if the database cannot be written.
    pub async fn keep_readme(&self, archive_hash: &Digest, markdown: Option<String>) -> Result<(), SearchError> {
        let (database, archive_hash) = (Arc::clone(&self.0), *archive_hash);
        blocking(move || database.keep_readme(&archive_hash, markdown.as_deref())).await
    }
}

/// Runs `work` where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SearchError> + Send + 'static,
) -> Result<T, SearchError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(SearchError::Stopped),
    }
}
