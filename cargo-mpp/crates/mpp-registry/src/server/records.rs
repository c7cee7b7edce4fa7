//! The records of the registry, as pages and the API show them.

use bytes::Bytes;
use mpp_host::PublicKey;
use mpp_host::causes::BoxedError;

use super::app::App;
use crate::pages::{PageSettings, PageSource, Site, SourceError};
use crate::protocol::files::{IndexFile, Profile, PublisherFile};
use crate::protocol::{Digest, PackageId, Signed, SignedFile, paths};
use crate::search::SearchIndex;

impl App {
    /// Returns the index file of a package.
    ///
    /// # Errors
    /// Returns an error if the store fails, or if the file is not one that the log key has signed.
    pub(super) async fn index(&self, id: &PackageId) -> Result<Option<IndexFile>, BoxedError> {
        self.signed(&paths::index(id)).await
    }

    /// Returns the profile of a publisher, if the key has one that was not erased.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub(super) async fn profile(&self, key: &PublicKey) -> Result<Option<Profile>, BoxedError> {
        let view = self.view();
        let Some(digest) = view.state.publisher(key).and_then(|publisher| publisher.profile) else { return Ok(None) };
        let bytes = self.hashed(&paths::side(&digest), &digest).await?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    async fn signed<T: SignedFile>(&self, path: &str) -> Result<Option<T>, BoxedError> {
        let Some(object) = self.store.get(path).await? else { return Ok(None) };
        Ok(Some(Signed::<T>::verify(&object.bytes, &self.keys.log.public())?.into_value()))
    }

    async fn hashed(&self, path: &str, digest: &Digest) -> Result<Option<Bytes>, BoxedError> {
        match self.store.get(path).await? {
            Some(object) if Digest::of(&object.bytes) == *digest => Ok(Some(object.bytes)),
            Some(_) => Err(format!("`{path}` is damaged").into()),
            None => Ok(None),
        }
    }
}

/// The source of the pages.
#[derive(Debug)]
pub(super) struct Records {
    app: std::sync::Arc<App>,
    settings: PageSettings,
}

impl Records {
    pub(super) fn new(app: std::sync::Arc<App>, settings: PageSettings) -> Self {
        Self { app, settings }
    }
}

impl PageSource for Records {
    async fn site(&self) -> Result<Site, SourceError> {
        let keys = &self.app.keys;
        Ok(Site::new(keys.origin().clone(), keys.root_key(), self.app.view().state.size(), self.settings.clone()))
    }

    async fn index(&self, id: &PackageId) -> Result<Option<IndexFile>, SourceError> {
        self.app.index(id).await.map_err(SourceError::new)
    }

    async fn publisher(&self, key: &PublicKey) -> Result<Option<PublisherFile>, SourceError> {
        self.app.signed(&paths::publisher(key)).await.map_err(SourceError::new)
    }

    async fn profile(&self, key: &PublicKey) -> Result<Option<Profile>, SourceError> {
        self.app.profile(key).await.map_err(SourceError::new)
    }

    async fn manifest(&self, hash: &Digest) -> Result<Option<Bytes>, SourceError> {
        self.app.hashed(&paths::manifest(hash), hash).await.map_err(SourceError::new)
    }

    async fn archive(&self, hash: &Digest) -> Result<Option<Bytes>, SourceError> {
        self.app.hashed(&paths::blob(hash), hash).await.map_err(SourceError::new)
    }

    fn search(&self) -> &SearchIndex {
        &self.app.search
    }
}
