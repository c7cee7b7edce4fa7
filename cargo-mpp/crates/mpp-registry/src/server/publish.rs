//! Uploads: the statement, the limits, the Gatekeeper, the stored bytes, and then the leaf.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mpp_host::VerifiedPackage;
use mpp_host::keys::KeyRole;
use mpp_host::package::UnverifiedPackage;
use semver::Version;
use tokio::sync::OwnedSemaphorePermit;

use super::app::{App, Client, json};
use super::body;
use super::error::ApiError;
use super::metrics::Metrics;
use super::rates::Action as Counted;
use crate::protocol::requests::{Published, STATEMENT_HEADER};
use crate::protocol::{Action, Body as LeafBody, Digest, PackageId, SignedStatement, paths};
use crate::state::State;

/// The longest statement header.
const MAX_HEADER: usize = 16 * 1024;
const MIB: u64 = 1024 * 1024;

/// What a statement says about the package that it publishes.
struct Claim {
    package_id: PackageId,
    version: Version,
    content_hash: Digest,
    archive_hash: Digest,
    archive_size: u64,
    manifest_hash: Digest,
}

/// `PUT /v1/packages/{id}/{version}`.
pub(super) async fn put(
    Extract(app): Extract<Arc<App>>,
    Path((id, version)): Path<(String, String)>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    match publish(&app, (&id, &version), client.address, &headers, body).await {
        Ok((status, published)) => Ok(json(status, &published)),
        Err(error) => Err(error),
    }
}

async fn publish(
    app: &Arc<App>,
    path: (&str, &str),
    address: IpAddr,
    headers: &HeaderMap,
    body: Body,
) -> Result<(StatusCode, Published), ApiError> {
    let limit = app.policy.limits.package_bytes();
    if body::announced(headers).is_some_and(|length| length > limit) {
        return Err(ApiError::TooLarge { limit });
    }
    let signed = statement(headers)?;
    let claim = claim(&signed)?;
    check_path(path, &claim)?;
    // What the state refuses is refused before the package is received.
    let mut checked = check(app, &app.state(), &signed, &claim);
    if matches!(checked, Err(Err(_))) {
        app.catch_up().await;
        checked = check(app, &app.state(), &signed, &claim);
    }
    if let Err(answer) = checked {
        drain(headers, body, app).await;
        return answer;
    }
    let _memory = memory(app, body::announced(headers).unwrap_or(limit)).await?;
    let bytes = body::read(headers, body, limit, &app.policy.limits).await?;
    let package = verify(app, bytes).await?;
    check_package(&package, &signed, &claim)?;
    take_rates(app, &signed, &claim, address)?;
    store(app, &package, &claim).await?;
    match app.append(LeafBody::Statement(signed.clone())).await {
        Ok(leaf_index) => {
            tracing::info!(package_id = %claim.package_id, version = %claim.version, leaf_index, "published");
            // Without this, the first visitor of the page waits until the archive is read.
            let readme = crate::pages::readme::of(&package);
            if let Err(error) = app.search.keep_readme(&claim.archive_hash, readme).await {
                tracing::warn!(error = %mpp_host::causes::with_causes(&error), "the README cannot be kept");
            }
            Ok((StatusCode::CREATED, published(app, &claim, leaf_index, claim.archive_hash)))
        }
        // Somebody else may have been faster, with the same bytes.
        Err(ApiError::State(_)) => match check(app, &app.state(), &signed, &claim) {
            Err(answer) => answer,
            Ok(()) => Err(ApiError::Busy { what: "the log has just changed" }),
        },
        Err(error) => Err(error),
    }
}

/// Checks the statement against the state. The same bytes again are a success, which is an answer and not a new leaf.
#[expect(clippy::result_large_err, reason = "the error is the answer to the request")]
fn check(
    app: &App,
    state: &State,
    signed: &SignedStatement,
    claim: &Claim,
) -> Result<(), Result<(StatusCode, Published), ApiError>> {
    let known = state.version(claim.package_id.as_str(), &claim.version);
    if let Some(known) = known.filter(|known| known.content_hash == claim.content_hash && known.taken_down.is_none()) {
        return Err(Ok((StatusCode::OK, published(app, claim, known.leaf_index, known.archive_hash))));
    }
    state.check(signed, app.now_millis(), &app.rules).map_err(|error| Err(error.into()))
}

fn published(app: &App, claim: &Claim, leaf_index: u64, archive_hash: Digest) -> Published {
    let url = format!("{}/packages/{}/{}", app.url, claim.package_id, claim.version);
    Published::new(claim.package_id.clone(), claim.version.clone(), leaf_index, archive_hash, url)
}

/// Reads and forgets the body, within the usual limits: a client that is answered early may not read the answer.
async fn drain(headers: &HeaderMap, body: Body, app: &App) {
    if headers.contains_key(axum::http::header::EXPECT) {
        return;
    }
    let _ = body::skip(headers, body, app.policy.limits.package_bytes(), &app.policy.limits).await;
}

/// Returns the statement in the header of an upload.
pub(super) fn statement(headers: &HeaderMap) -> Result<SignedStatement, ApiError> {
    let refuse = |problem| Err(ApiError::Statement { problem });
    let mut values = headers.get_all(STATEMENT_HEADER).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return refuse("there is no `mpp-statement` header"),
        (Some(_), Some(_)) => return refuse("there are several `mpp-statement` headers"),
        (Some(value), None) => value.as_bytes(),
    };
    if value.len() > MAX_HEADER {
        return refuse("the `mpp-statement` header is longer than 16 KiB");
    }
    match URL_SAFE_NO_PAD.decode(value) {
        Ok(envelope) => Ok(SignedStatement::verify(&envelope)?),
        Err(_) => refuse("the `mpp-statement` header is not URL-safe Base64 without padding"),
    }
}

fn claim(signed: &SignedStatement) -> Result<Claim, ApiError> {
    match &signed.statement().action {
        Action::Publish { package_id, version, content_hash, archive_hash, archive_size, manifest_hash } => Ok(Claim {
            package_id: package_id.clone(),
            version: version.clone(),
            content_hash: *content_hash,
            archive_hash: *archive_hash,
            archive_size: *archive_size,
            manifest_hash: *manifest_hash,
        }),
        _ => Err(ApiError::Statement { problem: "it does not publish a version" }),
    }
}

fn check_path((id, version): (&str, &str), claim: &Claim) -> Result<(), ApiError> {
    same("package id in the path", claim.package_id.as_str(), id)?;
    same("version in the path", &claim.version.to_string(), version)
}

/// Compares a value with what the statement says.
pub(super) fn same(what: &'static str, expected: &str, found: &str) -> Result<(), ApiError> {
    match expected == found {
        true => Ok(()),
        false => Err(ApiError::Mismatch { what, expected: expected.to_owned(), found: found.to_owned() }),
    }
}

/// Takes a part of the memory for uploads.
async fn memory(app: &Arc<App>, length: u64) -> Result<OwnedSemaphorePermit, ApiError> {
    let all = app.policy.limits.upload_memory_mib.clamp(1, 1 << 20);
    let parts = u32::try_from(length.div_ceil(MIB).clamp(1, all)).unwrap_or(u32::MAX);
    let permit = tokio::time::timeout(super::app::PATIENCE, Arc::clone(&app.memory).acquire_many_owned(parts)).await;
    permit.ok().and_then(Result::ok).ok_or(ApiError::Busy { what: "too many uploads at the same time" })
}

/// Runs all seven steps of the Gatekeeper on a thread that may block.
async fn verify(app: &Arc<App>, bytes: Vec<u8>) -> Result<VerifiedPackage, ApiError> {
    let place = tokio::time::timeout(super::app::PATIENCE, Arc::clone(&app.verifications).acquire_owned()).await;
    let place = place.ok().and_then(Result::ok).ok_or(ApiError::Busy { what: "too many verifications" })?;
    let gatekeeper = app.gatekeeper.clone();
    let verified = tokio::task::spawn_blocking(move || {
        let _place = place;
        gatekeeper.verify(UnverifiedPackage::new(bytes)).outcome
    });
    match verified.await.map_err(ApiError::internal)? {
        Ok(package) => {
            Metrics::add(&app.metrics.packages_verified);
            Ok(package)
        }
        Err(refusal) => {
            Metrics::add(&app.metrics.packages_refused);
            Err(ApiError::Refused(Box::new(refusal)))
        }
    }
}

/// Compares the package with the statement, part by part.
fn check_package(package: &VerifiedPackage, signed: &SignedStatement, claim: &Claim) -> Result<(), ApiError> {
    if package.key_id().role() == KeyRole::Development {
        return Err(ApiError::DevelopmentKey);
    }
    let manifest = package.manifest();
    same("package id", claim.package_id.as_str(), &manifest.package_id)?;
    same("version", &claim.version.to_string(), &manifest.version)?;
    let digest = |what, expected: &Digest, found: Digest| same(what, &expected.to_string(), &found.to_string());
    digest("content hash", &claim.content_hash, Digest::from(*package.content_hash()))?;
    digest("hash of the archive", &claim.archive_hash, Digest::of(package.bytes()))?;
    same("size of the archive", &claim.archive_size.to_string(), &package.bytes().len().to_string())?;
    digest("hash of the manifest", &claim.manifest_hash, Digest::of(package.manifest_bytes()))?;
    same("key that signed the package", &signed.key().to_base64(), &package.publisher_key().to_base64())
}

fn take_rates(app: &App, signed: &SignedStatement, claim: &Claim, address: IpAddr) -> Result<(), ApiError> {
    let state = app.state();
    let limits = &app.policy.limits;
    let owner = Some(*signed.key());
    if state.package(claim.package_id.as_str()).is_none() {
        app.take(Counted::Package, &limits.packages, owner, address)?;
    }
    app.take(Counted::Version, &limits.versions, owner, address)
}

/// Stores the bytes under their hashes. If the leaf is not accepted in the end, they stay as orphans, which do no harm.
async fn store(app: &App, package: &VerifiedPackage, claim: &Claim) -> Result<(), ApiError> {
    let blob = axum::body::Bytes::copy_from_slice(package.bytes());
    let manifest = axum::body::Bytes::copy_from_slice(package.manifest_bytes());
    let (blob_path, manifest_path) = (paths::blob(&claim.archive_hash), paths::manifest(&claim.manifest_hash));
    let (first, second) = tokio::join!(app.store.create(&blob_path, blob), app.store.create(&manifest_path, manifest));
    first.map_err(ApiError::internal)?;
    second.map_err(ApiError::internal)?;
    Ok(())
}
