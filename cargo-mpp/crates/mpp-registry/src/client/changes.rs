//! Changes that a publisher or an operator signs: registrations, versions, yanks, owners, delegations, rotations, revocations and takedowns.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method};
use mpp_host::PublicKey;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::SigningKey;
use semver::Version;

use super::error::ClientError;
use super::registry::{Registry, View};
use super::transport::{OnProgress, Request};
use super::versions::ProvenVersion;
use crate::protocol::files::{IndexFile, Note, Profile};
use crate::protocol::requests::{Changed, DSSE_JSON, PACKAGE, Published, STATEMENT_HEADER, WithSide};
use crate::protocol::{Action, Digest, PackageId, ProtocolError, SignedStatement, Statement, TakedownReason};

/// How often the registry is asked for what it has acknowledged.
const ATTEMPTS: u32 = 8;

/// What is uploaded, and the statement about it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Upload {
    /// Id of the package.
    pub package_id: PackageId,
    /// The version.
    pub version: Version,
    /// Hash of the whole archive.
    pub archive_hash: Digest,
    /// The archive.
    pub bytes: Bytes,
    action: Action,
}

impl Upload {
    /// Prepares the upload of a verified package.
    ///
    /// # Errors
    /// Returns an error if the id or the version has no form that registries accept.
    pub fn of(package: &VerifiedPackage) -> Result<Self, ClientError> {
        let manifest = package.manifest();
        let package_id = PackageId::parse(&manifest.package_id)?;
        let version = Version::parse(&manifest.version)
            .map_err(|_| ProtocolError::Name { expected: "a semantic version", found: manifest.version.clone() })?;
        let bytes = Bytes::copy_from_slice(package.bytes());
        let archive_hash = Digest::of(&bytes);
        let action = Action::Publish {
            package_id: package_id.clone(),
            version: version.clone(),
            content_hash: Digest::from(*package.content_hash()),
            archive_hash,
            archive_size: bytes.len() as u64,
            manifest_hash: Digest::of(package.manifest_bytes()),
        };
        Ok(Self { package_id, version, archive_hash, bytes, action })
    }
}

/// A change other than an upload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Change {
    path: String,
    action: Action,
    side: Option<Vec<u8>>,
}

impl Change {
    /// Registers the signing key, with the name and addresses of the publisher.
    ///
    /// # Errors
    /// Returns an error if the profile cannot be written as JSON.
    pub fn register(profile: Option<&Profile>) -> Result<Self, ClientError> {
        let side = profile.map(serde_json::to_vec).transpose();
        let side = side.map_err(|error| ProtocolError::malformed("the profile", error))?;
        let profile = side.as_deref().map(Digest::of);
        Ok(Self { path: "v1/publishers".to_owned(), action: Action::Register { profile }, side })
    }

    /// Yanks a version, or takes back a yank.
    #[must_use]
    pub fn yank(package_id: PackageId, version: Version, undo: bool) -> Self {
        let path = format!("v1/packages/{package_id}/{version}/yank").replace('+', "%2B");
        let action = match undo {
            false => Action::Yank { package_id, version },
            true => Action::Unyank { package_id, version },
        };
        Self { path, action, side: None }
    }

    /// Adds or removes an owner of a package.
    #[must_use]
    pub fn owner(package_id: PackageId, owner: PublicKey, remove: bool) -> Self {
        let path = format!("v1/packages/{package_id}/owners");
        let action = match remove {
            false => Action::AddOwner { package_id, owner },
            true => Action::RemoveOwner { package_id, owner },
        };
        Self { path, action, side: None }
    }

    /// Takes a version down, with an explanation if there is one.
    ///
    /// # Errors
    /// Returns an error if the explanation cannot be written as JSON.
    pub fn takedown(
        package_id: PackageId,
        version: Version,
        reason: TakedownReason,
        note: Option<&Note>,
    ) -> Result<Self, ClientError> {
        let side = note.map(serde_json::to_vec).transpose();
        let side = side.map_err(|error| ProtocolError::malformed("the explanation", error))?;
        let note = side.as_deref().map(Digest::of);
        let path = format!("v1/packages/{package_id}/{version}/takedown").replace('+', "%2B");
        Ok(Self { path, action: Action::Takedown { package_id, version, reason, note }, side })
    }

    /// Erases the name and addresses of a publisher.
    #[must_use]
    pub fn erase_profile(publisher: PublicKey, reason: TakedownReason) -> Self {
        let path = self::publisher(&publisher, "erase-profile");
        Self { path, action: Action::EraseProfile { publisher, reason }, side: None }
    }

    /// Makes another key the only owner of a package.
    #[must_use]
    pub fn transfer(package_id: PackageId, to: PublicKey) -> Self {
        let path = format!("v1/packages/{package_id}/transfer");
        Self { path, action: Action::Transfer { package_id, to }, side: None }
    }

    /// Approves a key that waits for its registration.
    #[must_use]
    pub fn approve_key(approved: PublicKey) -> Self {
        Self { path: publisher(&approved, "approve"), action: Action::ApproveKey { approved }, side: None }
    }

    /// Approves a package id that waits because it resembles another one.
    #[must_use]
    pub fn approve_package(package_id: PackageId) -> Self {
        let path = format!("v1/packages/{package_id}/approve");
        Self { path, action: Action::ApprovePackage { package_id }, side: None }
    }

    /// Claims a domain: the ids below it belong to the keys that it names, if the signing key is one of them.
    #[must_use]
    pub fn claim_domain(domain: String) -> Self {
        Self { path: "v1/domains".to_owned(), action: Action::ClaimDomain { domain }, side: None }
    }

    /// Replaces the signing key by another one.
    #[must_use]
    pub fn rotate(old: &PublicKey, to: PublicKey) -> Self {
        Self { path: publisher(old, "rotate"), action: Action::Rotate { to }, side: None }
    }

    /// Revokes a key from a leaf on, or from now on.
    #[must_use]
    pub fn revoke(revoked: PublicKey, from_leaf: Option<u64>) -> Self {
        Self { path: publisher(&revoked, "revoke"), action: Action::Revoke { revoked, from_leaf }, side: None }
    }

    /// Lets another key publish versions of these packages until `expires`.
    #[must_use]
    pub fn delegate(delegate: PublicKey, package_ids: Vec<PackageId>, expires: crate::protocol::Timestamp) -> Self {
        let action = Action::Delegate { delegate, package_ids, expires };
        Self { path: publisher(&delegate, "delegate"), action, side: None }
    }
}

fn publisher(key: &PublicKey, action: &str) -> String {
    format!("v1/publishers/{}/{action}", hex::encode(key.as_bytes()))
}

impl Registry {
    /// Signs a change and sends it, and proves that it is in the log. Returns the index of its leaf, and the view with it.
    ///
    /// # Errors
    /// Returns the registry's answer if it refuses the change, and an error if the registry cannot be reached or its log does not
    /// contain the change afterwards.
    pub async fn change(&self, change: &Change, key: &SigningKey) -> Result<(u64, View), ClientError> {
        // The same statement is sent in every attempt, so that the registry recognises a repetition.
        let statement = self.sign(change.action.clone(), key)?;
        let request = || {
            let (kind, body) = match &change.side {
                Some(side) => {
                    let body = serde_json::to_vec(&WithSide::new(statement.envelope(), Some(side)));
                    ("application/json", body.map_err(|error| ProtocolError::malformed("the request", error))?)
                }
                None => (DSSE_JSON, statement.envelope().to_vec()),
            };
            let mut request = Request::send(Method::POST, format!("/{}", change.path), body);
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            Ok(request)
        };
        let (_, body) = self.remote.change(&change.path, request, None).await?;
        let changed: Changed = answer(&body)?;
        let view = self.view_with(changed.leaf_index).await?;
        let (_, found) = self.statement(&view, changed.leaf_index, "registry's answer").await?;
        match found.statement().action == change.action && found.key() == statement.key() {
            true => Ok((changed.leaf_index, view)),
            false => Err(ClientError::LeafDiffers {
                index: changed.leaf_index,
                document: "registry's answer",
                what: "the statement",
            }),
        }
    }

    /// Uploads a package with a statement by `key`, and proves that the version is in the log and in the index. Uploading the same
    /// bytes again succeeds.
    ///
    /// # Errors
    /// Returns the registry's answer if it refuses the package, and an error if the registry cannot be reached or its log does not
    /// contain the version afterwards.
    pub async fn upload(
        &self,
        upload: &Upload,
        key: &SigningKey,
        progress: Option<OnProgress<'_>>,
    ) -> Result<(ProvenVersion, Published), ClientError> {
        // `+` in a version is not a space in a path, but some proxies believe so.
        let path = format!("v1/packages/{}/{}", upload.package_id, upload.version).replace('+', "%2B");
        let request = || {
            let statement = self.sign(upload.action.clone(), key)?;
            let mut request = Request::send(Method::PUT, format!("/{path}"), upload.bytes.clone());
            let value = HeaderValue::from_str(&URL_SAFE_NO_PAD.encode(statement.envelope()))
                .map_err(|error| ProtocolError::malformed("the statement", error))?;
            request.headers.insert(HeaderName::from_static(STATEMENT_HEADER), value);
            request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(PACKAGE));
            Ok(request)
        };
        let (_, body) = self.remote.change(&path, request, progress).await?;
        let published: Published = answer(&body)?;
        let proven = self.confirm(upload, published.leaf_index, Some(&key.public())).await?;
        Ok((proven, published))
    }

    /// Waits until the index contains an uploaded version, and proves that it is in the log. `key` is the key that must have
    /// published it, if that is known.
    ///
    /// # Errors
    /// Returns an error if the registry does not show the version in time, or if it shows another one.
    pub async fn confirm(
        &self,
        upload: &Upload,
        leaf_index: u64,
        key: Option<&PublicKey>,
    ) -> Result<ProvenVersion, ClientError> {
        let mut view = self.view_with(leaf_index).await?;
        let mut attempt = 1;
        let (index, at) = loop {
            let index = self.require_index(&mut view, &upload.package_id).await;
            match index {
                Ok(index) => {
                    if let Some(at) = position(&index, &upload.version) {
                        break (index, at);
                    }
                }
                Err(ClientError::NoPackage { .. }) => {}
                Err(error) => return Err(error),
            }
            if attempt >= ATTEMPTS {
                return Err(ClientError::missing(self.url(), &format!("index/{}.json", upload.package_id)));
            }
            self.remote.retry().pause(attempt, None).await;
            attempt += 1;
        };
        let record = &index.versions[at];
        let proven = self.prove(&view, &index, record).await?;
        let differs = |what| ClientError::LeafDiffers { index: proven.leaf_index, document: "registry's answer", what };
        if proven.leaf_index != leaf_index {
            return Err(differs("the index of the leaf"));
        }
        if proven.archive_hash != upload.archive_hash {
            return Err(differs("the archive hash"));
        }
        match key.is_none_or(|key| *key == proven.key) {
            true => Ok(proven),
            false => Err(differs("the key")),
        }
    }

    fn sign(&self, action: Action, key: &SigningKey) -> Result<SignedStatement, ClientError> {
        let statement = Statement::new(self.origin().clone(), self.now(), key.public(), action)?;
        Ok(SignedStatement::sign(statement, key)?)
    }

    /// Returns a view whose tree has the leaf with this index, which the registry has acknowledged.
    async fn view_with(&self, leaf_index: u64) -> Result<View, ClientError> {
        let mut attempt = 1;
        loop {
            let view = self.refresh().await?;
            if view.head.size > leaf_index {
                return Ok(view);
            }
            if attempt >= ATTEMPTS {
                return Err(ClientError::NoLeaf { index: leaf_index, size: view.head.size });
            }
            self.remote.retry().pause(attempt, None).await;
            attempt += 1;
        }
    }
}

/// Returns the place of a version in an index. Build metadata makes no new version.
fn position(index: &IndexFile, version: &Version) -> Option<usize> {
    let same = |other: &Version| other.cmp_precedence(version).is_eq();
    index.versions.iter().position(|record| same(&record.version))
}

/// Returns the record of a version in an index. Build metadata makes no new version.
#[must_use]
pub fn find<'a>(index: &'a IndexFile, version: &Version) -> Option<&'a crate::protocol::files::VersionRecord> {
    position(index, version).map(|at| &index.versions[at])
}

fn answer<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ClientError> {
    Ok(serde_json::from_slice(body).map_err(|error| ProtocolError::malformed("the registry's answer", error))?)
}
