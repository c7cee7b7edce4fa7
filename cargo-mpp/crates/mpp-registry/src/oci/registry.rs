//! Publishes packages to an OCI registry, and fetches them.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use mpp_host::VerifiedPackage;
use mpp_host::keys::KeyRole;
use oci_client::client::{Certificate, CertificateEncoding, Client, ClientConfig, ClientProtocol};
use oci_client::errors::{OciDistributionError, OciErrorCode};
use oci_client::manifest::{OCI_IMAGE_MEDIA_TYPE, OciImageManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Reference, RegistryOperation};
use semver::{BuildMetadata, Version};

use super::address::OciAddress;
use super::artifact::{self, EMPTY_CONFIG, Layer};
use super::error::OciError;
use crate::protocol::{Digest, PackageId};

/// The longest tag that registries accept.
const MAX_TAG: usize = 128;
/// The largest manifest that is read, as the distribution specification recommends.
const MAX_MANIFEST: usize = 4 * 1024 * 1024;
/// Tags on one page of the list.
const TAGS_PER_PAGE: usize = 1000;
/// Pages of tags that are read.
const MAX_PAGES: usize = 20;

/// Who somebody is for an OCI registry.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Anybody.
    #[default]
    Anonymous,
    /// A user name and a password or token.
    Basic {
        /// Name of the user.
        user: String,
        /// Password or token.
        password: String,
    },
    /// A token that the registry gave out.
    Bearer(String),
}

impl Credentials {
    /// Reads the value of an `Authorization` header: `Basic` with Base64, or `Bearer` with a token. Returns `None` for another one.
    #[must_use]
    pub fn of_header(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self::Bearer(rest.trim().to_owned()));
        }
        let decoded = STANDARD.decode(rest.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let text = String::from_utf8(decoded).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self::Basic { user: user.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anonymous => "Anonymous",
            Self::Basic { .. } => "Basic(..)",
            Self::Bearer(_) => "Bearer(..)",
        })
    }
}

/// How an OCI registry is reached.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OciOptions {
    /// The credentials.
    pub credentials: Credentials,
    /// Whether another machine is reached without TLS. This machine always is.
    pub plain_http: bool,
    /// Certificates in PEM that are trusted besides those of the system.
    pub certificates: Vec<u8>,
}

impl OciOptions {
    /// Creates options with credentials.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self { credentials, plain_http: false, certificates: Vec::new() }
    }

    /// Reaches another machine without TLS. Everybody on the way can then read the credentials.
    #[must_use]
    pub fn with_plain_http(mut self, plain_http: bool) -> Self {
        self.plain_http = plain_http;
        self
    }

    /// Also trusts the certificates in a PEM file.
    #[must_use]
    pub fn with_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.certificates = pem.into();
        self
    }
}

/// A namespace of an OCI registry.
#[derive(Clone)]
pub struct OciRegistry {
    pub(super) address: OciAddress,
    pub(super) client: Client,
    pub(super) auth: RegistryAuth,
}

impl fmt::Debug for OciRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OciRegistry({})", self.address)
    }
}

/// A version that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OciPublished {
    /// The place of the version: `HOST/NAMESPACE/ID:TAG`.
    pub reference: String,
    /// Digest of the manifest.
    pub manifest_digest: Digest,
    /// Whether the same bytes had been there before.
    pub existed: bool,
}

/// A package file from an OCI registry, which nobody has verified yet.
#[derive(Clone)]
#[non_exhaustive]
pub struct Fetched {
    /// The place of the version.
    pub reference: String,
    /// Digest of the manifest, which a lock file pins.
    pub manifest_digest: Digest,
    /// Digest of the package file, which its bytes have.
    pub archive_hash: Digest,
    /// The bytes of the package file.
    pub bytes: Bytes,
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fetched({}, {}, {} bytes)", self.reference, self.manifest_digest, self.bytes.len())
    }
}

impl Fetched {
    /// Checks that the verified package is the one that was asked for.
    ///
    /// # Errors
    /// Returns [`OciError::OtherPackage`] if its id or version is another one. Build metadata is not compared.
    pub fn check(&self, package: &VerifiedPackage, id: &PackageId, version: &Version) -> Result<(), OciError> {
        let manifest = package.manifest();
        let is_version = Version::parse(&manifest.version).is_ok_and(|found| plain(&found) == plain(version));
        if manifest.package_id == id.as_str() && is_version {
            return Ok(());
        }
        let found = format!("{} {}", manifest.package_id, manifest.version);
        Err(OciError::OtherPackage { reference: self.reference.clone(), found })
    }
}

impl OciRegistry {
    /// Creates a client for a namespace. Nothing is sent yet.
    ///
    /// # Errors
    /// Returns [`OciError::Failed`] if TLS cannot be set up, for example because a certificate is malformed.
    pub fn new(address: OciAddress, options: OciOptions) -> Result<Self, OciError> {
        // Whoever uses this crate may have chosen a provider before.
        let _: Result<(), _> = rustls::crypto::ring::default_provider().install_default();
        let plain = address.is_loopback() || options.plain_http;
        let config = ClientConfig {
            protocol: if plain { ClientProtocol::Http } else { ClientProtocol::Https },
            // An index of several platforms is not a package.
            platform_resolver: None,
            read_timeout: Some(Duration::from_secs(60)),
            connect_timeout: Some(Duration::from_secs(10)),
            extra_root_certificates: certificates(&options.certificates),
            user_agent: concat!("mpp-registry/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config)
            .map_err(|source| OciError::Failed { host: address.host().to_owned(), source: source.into() })?;
        let auth = match options.credentials {
            Credentials::Anonymous => RegistryAuth::Anonymous,
            Credentials::Basic { user, password } => RegistryAuth::Basic(user, password),
            Credentials::Bearer(token) => RegistryAuth::Bearer(token),
        };
        Ok(Self { address, client, auth })
    }

    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> &OciAddress {
        &self.address
    }

    /// Publishes a package. If the same bytes are there, that is a success.
    ///
    /// # Errors
    /// Returns [`OciError::Exists`] if the version is there with other bytes, [`OciError::Moved`] if somebody else published it at the
    /// same time, and other errors if the registry cannot be used.
    pub async fn publish(&self, package: &VerifiedPackage) -> Result<OciPublished, OciError> {
        if package.key_id().role() == KeyRole::Development {
            return Err(OciError::DevelopmentKey { key_id: package.key_id().to_string() });
        }
        let image = self.image_of(package)?;
        let reference = image.whole();
        let archive_hash = Digest::of(package.bytes());
        match self.manifest(&image).await {
            Ok((found, manifest_digest)) => {
                // Something else than a package has no archive, but it has the name.
                let found = artifact::layer(&reference, &found)?;
                return match found.digest == archive_hash {
                    true => Ok(OciPublished { reference, manifest_digest, existed: true }),
                    false => {
                        Err(OciError::Exists { reference, found: found.digest.to_string(), expected: archive_hash })
                    }
                };
            }
            Err(OciError::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let manifest = artifact::manifest(package);
        self.client
            .auth(&image, &self.auth, RegistryOperation::Push)
            .await
            .map_err(|error| self.failed(&reference, error))?;
        self.push_blob(&image, Bytes::from_static(EMPTY_CONFIG)).await?;
        self.push_blob(&image, Bytes::copy_from_slice(package.bytes())).await?;
        let bytes = serde_json::to_vec(&manifest)
            .map_err(|error| OciError::Failed { host: self.address.host().to_owned(), source: error.into() })?;
        let manifest_digest = Digest::of(&bytes);
        let media_type = http::HeaderValue::from_static(OCI_IMAGE_MEDIA_TYPE);
        let pushed = self.client.push_manifest_raw(&image, bytes, media_type).await;
        pushed.map_err(|error| self.failed(&reference, error))?;
        // The last one to push a tag wins. Say so if it was somebody else.
        let (_, named) = self.manifest(&image).await?;
        if named != manifest_digest {
            return Err(OciError::Moved { reference, found: named.to_string(), expected: manifest_digest });
        }
        Ok(OciPublished { reference, manifest_digest, existed: false })
    }

    /// Returns the versions of a package, the highest first. Tags that are not versions are left out.
    ///
    /// # Errors
    /// Returns [`OciError::NotFound`] if there is no such package, and other errors if the registry cannot be used.
    pub async fn versions(&self, id: &PackageId) -> Result<Vec<Version>, OciError> {
        let image =
            Reference::with_tag(self.address.host().to_owned(), self.address.repository(id), "latest".to_owned());
        let reference = format!("{}/{}", self.address.host(), self.address.repository(id));
        let mut versions = Vec::new();
        let mut last: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self
                .client
                .list_tags(&image, &self.auth, Some(TAGS_PER_PAGE), last.as_deref())
                .await
                .map_err(|error| self.failed(&reference, error))?;
            let is_last = page.tags.len() < TAGS_PER_PAGE || page.tags.last() == last.as_ref();
            versions.extend(page.tags.iter().filter_map(|tag| Version::parse(tag).ok()));
            last = page.tags.into_iter().next_back();
            if is_last {
                break;
            }
        }
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions.dedup();
        if versions.is_empty() {
            return Err(OciError::NotFound { reference });
        }
        Ok(versions)
    }

    /// Fetches a version by its tag. `progress` is called with the number of bytes so far and of all.
    ///
    /// # Errors
    /// Returns [`OciError::NotFound`] if there is no such version, [`OciError::NotAPackage`] if something else has its name, and other
    /// errors if the registry cannot be used.
    pub async fn fetch(
        &self,
        id: &PackageId,
        version: &Version,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Fetched, OciError> {
        let image = self.image(id, version)?;
        self.fetch_image(&image, progress).await
    }

    /// Fetches the version that a lock file pins, by the digest of its manifest. A tag that was moved since makes no difference.
    ///
    /// # Errors
    /// Returns the errors of [`Self::fetch`].
    pub async fn fetch_locked(
        &self,
        id: &PackageId,
        manifest_digest: &Digest,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Fetched, OciError> {
        let (host, repository) = (self.address.host().to_owned(), self.address.repository(id));
        let image = Reference::with_digest(host, repository, manifest_digest.to_string());
        self.fetch_image(&image, progress).await
    }

    async fn fetch_image(
        &self,
        image: &Reference,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Fetched, OciError> {
        let reference = image.whole();
        let (manifest, manifest_digest) = self.manifest(image).await?;
        let layer = artifact::layer(&reference, &manifest)?;
        let bytes = self.blob(image, &layer, progress).await?;
        Ok(Fetched { reference, manifest_digest, archive_hash: layer.digest, bytes })
    }

    /// Reads a manifest. Its digest is that of its bytes, and the one that was asked for.
    pub(super) async fn manifest(&self, image: &Reference) -> Result<(OciImageManifest, Digest), OciError> {
        let reference = image.whole();
        let pulled = self.client.pull_manifest_raw(image, &self.auth, &[OCI_IMAGE_MEDIA_TYPE]).await;
        let (bytes, _) = pulled.map_err(|error| self.failed(&reference, error))?;
        let refuse = |reason: String| OciError::NotAPackage { reference: reference.clone(), reason };
        if bytes.len() > MAX_MANIFEST {
            return Err(refuse(format!("its manifest has {} bytes, expected at most {MAX_MANIFEST}", bytes.len())));
        }
        let digest = Digest::of(&bytes);
        if image.digest().is_some_and(|asked| asked != digest.to_string()) {
            return Err(refuse(format!("its manifest has the digest {digest}")));
        }
        let manifest =
            serde_json::from_slice(&bytes).map_err(|error| refuse(format!("its manifest is malformed: {error}")))?;
        Ok((manifest, digest))
    }

    /// Reads a package file, never more than its manifest promises.
    async fn blob(
        &self,
        image: &Reference,
        layer: &Layer,
        progress: &(dyn Fn(u64, u64) + Send + Sync),
    ) -> Result<Bytes, OciError> {
        let reference = image.whole();
        // Only the digest is passed on: a manifest could name other addresses for its layers.
        let digest = layer.digest.to_string();
        let pulled = self.client.pull_blob_stream(image, digest.as_str()).await;
        let mut stream = pulled.map_err(|error| self.failed(&reference, error))?;
        let mut bytes = Vec::new();
        progress(0, layer.size);
        while let Some(chunk) = stream
            .try_next()
            .await
            .map_err(|error| OciError::Failed { host: self.address.host().to_owned(), source: error.into() })?
        {
            if (bytes.len() + chunk.len()) as u64 > layer.size {
                let reason = format!("its layer is longer than the {} bytes that its manifest says", layer.size);
                return Err(OciError::NotAPackage { reference, reason });
            }
            bytes.extend_from_slice(&chunk);
            progress(bytes.len() as u64, layer.size);
        }
        if Digest::of(&bytes) != layer.digest {
            let reason = format!("its layer has the digest {}, expected {digest}", Digest::of(&bytes));
            return Err(OciError::NotAPackage { reference, reason });
        }
        Ok(bytes.into())
    }

    async fn push_blob(&self, image: &Reference, bytes: Bytes) -> Result<(), OciError> {
        let digest = Digest::of(&bytes).to_string();
        let failed = |error| self.failed(&image.whole(), error);
        if self.client.blob_exists(image, &digest).await.unwrap_or(false) {
            return Ok(());
        }
        self.client.push_blob(image, bytes, &digest).await.map_err(failed)?;
        Ok(())
    }

    fn image_of(&self, package: &VerifiedPackage) -> Result<Reference, OciError> {
        let manifest = package.manifest();
        let reference = || format!("{} {}", manifest.package_id, manifest.version);
        let refuse = |reason: String| OciError::NotAPackage { reference: reference(), reason };
        let id = PackageId::parse(&manifest.package_id).map_err(|error| refuse(error.to_string()))?;
        let version = Version::parse(&manifest.version).map_err(|error| refuse(error.to_string()))?;
        self.image(&id, &version)
    }

    /// Returns the place of a version.
    pub(super) fn image(&self, id: &PackageId, version: &Version) -> Result<Reference, OciError> {
        let tag = plain(version).to_string();
        if tag.len() > MAX_TAG {
            return Err(OciError::Tag { version: version.to_string() });
        }
        Ok(Reference::with_tag(self.address.host().to_owned(), self.address.repository(id), tag))
    }

    /// Returns the error for an answer of the registry.
    pub(super) fn failed(&self, reference: &str, error: OciDistributionError) -> OciError {
        let host = self.address.host().to_owned();
        match status_of(&error) {
            Some(404) => OciError::NotFound { reference: reference.to_owned() },
            Some(401 | 403) => OciError::Denied { host },
            _ => OciError::Failed { host, source: error.into() },
        }
    }
}

/// Returns each certificate of a PEM file.
fn certificates(pem: &[u8]) -> Vec<Certificate> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let text = String::from_utf8_lossy(pem);
    let parts = text.split(BEGIN).skip(1);
    parts
        .map(|part| Certificate { encoding: CertificateEncoding::Pem, data: format!("{BEGIN}{part}").into() })
        .collect()
}

/// Returns the version without its build metadata.
fn plain(version: &Version) -> Version {
    Version { build: BuildMetadata::EMPTY, ..version.clone() }
}

/// Returns the HTTP status that an error stands for.
pub(super) fn status_of(error: &OciDistributionError) -> Option<u16> {
    match error {
        OciDistributionError::ImageManifestNotFoundError(_) => Some(404),
        OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_) => Some(401),
        OciDistributionError::ServerError { code, .. } => Some(*code),
        OciDistributionError::RequestError(error) => error.status().map(|status| status.as_u16()),
        OciDistributionError::RegistryError { envelope, .. } => {
            envelope.errors.first().and_then(|error| match error.code {
                OciErrorCode::ManifestUnknown
                | OciErrorCode::NameUnknown
                | OciErrorCode::NotFound
                | OciErrorCode::BlobUnknown => Some(404),
                OciErrorCode::Unauthorized => Some(401),
                OciErrorCode::Denied => Some(403),
                OciErrorCode::Unsupported => Some(405),
                _ => None,
            })
        }
        _ => None,
    }
}
