//! Searches packages in an OCI registry as far as it allows that: by their ids, if it lists its repositories.

use mpp_host::PublicKey;
use oci_client::Reference;
use semver::Version;

use super::artifact::annotation;
use super::error::OciError;
use super::registry::{OciRegistry, status_of};
use crate::protocol::PackageId;
use crate::protocol::requests::SearchResult;

/// Repositories on one page of the catalogue.
const PER_PAGE: usize = 1000;
/// Pages of the catalogue that are read.
const MAX_PAGES: usize = 20;
/// Packages that are looked at for their version and description.
const MAX_RESULTS: usize = 50;

/// What a search in an OCI registry found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OciSearch {
    /// The packages, by id.
    pub results: Vec<OciFound>,
    /// Whether the whole catalogue was read and every package that matches is among the results.
    pub complete: bool,
}

/// A package in an OCI registry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OciFound {
    /// Id of the package.
    pub package_id: PackageId,
    /// The highest version, a pre-release only if there is no other.
    pub version: Version,
    /// Name of the package as the artifact claims it.
    pub claimed_name: Option<String>,
    /// Description of the package as the artifact claims it.
    pub claimed_description: Option<String>,
    /// Name of the publisher as the artifact claims it.
    pub claimed_publisher: Option<String>,
    /// Key of the publisher as the artifact claims it; `None` if the artifact was not made by [`OciRegistry::publish`].
    pub claimed_key: Option<PublicKey>,
}

impl OciFound {
    /// Returns the result in the form of other registries. Returns `None` if the artifact does not name a key.
    #[must_use]
    pub fn into_result(self) -> Option<SearchResult> {
        Some(SearchResult {
            name: self.claimed_name.unwrap_or_else(|| self.package_id.to_string()),
            description: self.claimed_description.unwrap_or_default(),
            version: self.version,
            key: self.claimed_key?,
            publisher: self.claimed_publisher,
            domain_verified: false,
            tools: Vec::new(),
            package_id: self.package_id,
        })
    }
}

impl OciRegistry {
    /// Finds the packages whose ids contain every word. Names, descriptions and tools are not searched: an OCI registry does not
    /// know them.
    ///
    /// # Errors
    /// Returns [`OciError::NoCatalogue`] if the registry does not list its repositories, and other errors if it cannot be used.
    pub async fn search(&self, text: &str) -> Result<OciSearch, OciError> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let (mut ids, mut complete) = self.catalogue().await?;
        ids.retain(|id| words.iter().all(|word| id.as_str().contains(word.as_str())));
        ids.sort_unstable();
        ids.dedup();
        complete &= ids.len() <= MAX_RESULTS;
        let mut results = Vec::new();
        for id in ids.into_iter().take(MAX_RESULTS) {
            if let Some(found) = self.found(id).await? {
                results.push(found);
            }
        }
        Ok(OciSearch { results, complete })
    }

    /// Returns the packages of the namespace, and whether these are all.
    async fn catalogue(&self) -> Result<(Vec<PackageId>, bool), OciError> {
        let host = self.address.host();
        let image = Reference::with_tag(host.to_owned(), self.address.namespace().to_owned(), "latest".to_owned());
        let mut ids = Vec::new();
        let mut last: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.client.catalog(&image, &self.auth, Some(PER_PAGE), last.as_deref()).await;
            let page = page.map_err(|error| match status_of(&error) {
                Some(401 | 403 | 404 | 405) => OciError::NoCatalogue { host: host.to_owned() },
                _ => self.failed(host, error),
            })?;
            ids.extend(page.repositories.iter().filter_map(|repository| self.address.package_of(repository)));
            let is_last = page.repositories.len() < PER_PAGE || page.repositories.last() == last.as_ref();
            last = page.repositories.into_iter().next_back();
            if is_last {
                return Ok((ids, true));
            }
        }
        Ok((ids, false))
    }

    /// Returns what the artifact of the highest version claims. Returns `None` if the repository holds no packages.
    async fn found(&self, package_id: PackageId) -> Result<Option<OciFound>, OciError> {
        let versions = match self.versions(&package_id).await {
            Ok(versions) => versions,
            Err(OciError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let release = versions.iter().find(|version| version.pre.is_empty());
        let Some(version) = release.or(versions.first()).cloned() else { return Ok(None) };
        let (manifest, _) = match self.manifest(&self.image(&package_id, &version)?).await {
            Ok(found) => found,
            Err(OciError::NotFound { .. } | OciError::NotAPackage { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if super::artifact::layer(package_id.as_str(), &manifest).is_err() {
            return Ok(None);
        }
        let claimed = |name: &str| manifest.annotations.as_ref()?.get(name).cloned();
        Ok(Some(OciFound {
            version,
            claimed_name: claimed(annotation::TITLE),
            claimed_description: claimed(annotation::DESCRIPTION),
            claimed_publisher: claimed(annotation::VENDOR),
            claimed_key: claimed(annotation::PUBLISHER_KEY).and_then(|key| PublicKey::from_base64(&key).ok()),
            package_id,
        }))
    }
}
