//! Collects what a page shows from the records of the registry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, Manifest, UnverifiedPackage};
use mpp_host::policy::Wants;
use mpp_host::{Coded, PublicKey};
use semver::Version;
use tokio::sync::Semaphore;

use super::readme;
use super::source::{PageSource, SourceError};
use super::view::{KeyView, PackageView, PublisherView, sorted};
use crate::protocol::files::{IndexFile, VersionRecord};
use crate::protocol::{Digest, PackageId};
use crate::search::{Query, SearchError};

/// Number of versions that a package page lists at first.
const FIRST_VERSIONS: usize = 10;
/// Number of versions that a package page lists at most.
const ALL_VERSIONS: usize = 500;
/// Number of manifests whose requests are remembered.
const REMEMBERED: usize = 4096;

/// The error returned when a page cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum LoadError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Search(#[from] SearchError),
}

impl Coded for LoadError {
    fn code(&self) -> &'static mpp_host::Code {
        match self {
            Self::Source(error) => error.code(),
            Self::Search(error) => error.code(),
        }
    }
}

/// The records, with what was computed from them before.
#[derive(Debug)]
pub(super) struct Loader<S> {
    pub(super) source: Arc<S>,
    /// What manifests request, by their hashes: a page compares many versions.
    wants: Mutex<HashMap<Digest, Arc<Wants>>>,
    /// One archive at a time is verified for its README, to bound memory.
    archives: Semaphore,
}

impl<S: PageSource> Loader<S> {
    pub(super) fn new(source: Arc<S>) -> Self {
        Self { source, wants: Mutex::default(), archives: Semaphore::new(1) }
    }

    pub(super) async fn package(
        &self,
        id: &PackageId,
        version: Option<&Version>,
        all_versions: bool,
    ) -> Result<Option<PackageView>, LoadError> {
        let Some(index) = self.source.index(id).await? else { return Ok(None) };
        let limit = if all_versions { ALL_VERSIONS } else { FIRST_VERSIONS };
        let mut wants = HashMap::new();
        for record in sorted(&index).into_iter().take(limit + 1) {
            if let Some(wanted) = self.wants(record).await? {
                wants.insert(record.manifest_hash, wanted);
            }
        }
        let owners = self.owners(&index).await?;
        let wants = |hash: &Digest| wants.get(hash).map(|wants| Wants::clone(wants));
        let Some(view) = PackageView::of(&index, version, owners, limit, wants) else { return Ok(None) };
        let manifest = self.manifest(&view.shown).await?;
        let readme = self.readme(&view.shown).await?;
        Ok(Some(view.with_manifest(manifest).with_readme(readme)))
    }

    pub(super) async fn publisher(&self, key: &PublicKey) -> Result<Option<PublisherView>, LoadError> {
        let Some(file) = self.source.publisher(key).await? else { return Ok(None) };
        let profile = self.source.profile(key).await?;
        let found = self.source.search().find(Query::default().with_key(Some(*key))).await?;
        Ok(Some(PublisherView::new(file, profile, found)))
    }

    async fn owners(&self, index: &IndexFile) -> Result<Vec<KeyView>, LoadError> {
        let mut owners = Vec::with_capacity(index.owners.len());
        for key in &index.owners {
            let profile = self.source.profile(key).await?;
            owners.push(KeyView::new(*key, profile.map(|profile| profile.name)));
        }
        Ok(owners)
    }

    async fn manifest(&self, record: &VersionRecord) -> Result<Option<Manifest>, LoadError> {
        if record.taken_down.is_some() {
            return Ok(None);
        }
        let bytes = self.source.manifest(&record.manifest_hash).await?;
        // The Gatekeeper accepted it. A manifest that this release cannot read any more is treated like an erased one.
        Ok(bytes.and_then(|bytes| Manifest::parse(&bytes).ok()))
    }

    async fn wants(&self, record: &VersionRecord) -> Result<Option<Arc<Wants>>, LoadError> {
        if record.taken_down.is_some() {
            return Ok(None);
        }
        let known = self.wants.lock().unwrap_or_else(PoisonError::into_inner).get(&record.manifest_hash).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(manifest) = self.manifest(record).await? else { return Ok(None) };
        let wants = Arc::new(Wants::of(&manifest));
        let mut remembered = self.wants.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= REMEMBERED {
            remembered.clear();
        }
        remembered.insert(record.manifest_hash, Arc::clone(&wants));
        Ok(Some(wants))
    }

    /// Returns the README of a version. It is read from the archive once, and kept in the search index.
    async fn readme(&self, record: &VersionRecord) -> Result<Option<String>, LoadError> {
        if record.taken_down.is_some() {
            return Ok(None);
        }
        let search = self.source.search();
        if let Some(kept) = search.readme(&record.archive_hash).await? {
            return Ok(kept);
        }
        // The semaphore is never closed.
        let _permit = self.archives.acquire().await;
        if let Some(kept) = search.readme(&record.archive_hash).await? {
            return Ok(kept);
        }
        let Some(bytes) = self.source.archive(&record.archive_hash).await? else { return Ok(None) };
        let read = tokio::task::spawn_blocking(move || {
            let gatekeeper = Gatekeeper::new(Limits::default(), Arc::new(SystemClock::new()));
            gatekeeper
                .verify(UnverifiedPackage::new(bytes.to_vec()))
                .outcome
                .ok()
                .and_then(|package| readme::of(&package))
        });
        let markdown = read.await.unwrap_or_default();
        search.keep_readme(&record.archive_hash, markdown.clone()).await?;
        Ok(markdown)
    }
}
