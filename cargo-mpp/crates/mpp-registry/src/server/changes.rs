//! Every change but an upload: a signed statement in the body of a `POST`, with its side object where it names one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State as Extract};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mpp_host::keys::PublicKey;

use super::app::{App, Client, json};
use super::body;
use super::domains::DomainProver;
use super::error::ApiError;
use super::publish::same;
use super::rates::Action as Counted;
use super::recheck::change;
use crate::protocol::files::{Note, Profile};
use crate::protocol::requests::{Changed, DSSE_JSON, WithSide};
use crate::protocol::{
    Action, Body as LeafBody, Digest, DomainRecord, DomainState, MAX_ENVELOPE, PackageId, SignedStatement, paths,
};

/// The largest side object.
const MAX_SIDE: usize = 4096;
/// The largest body: both parts as Base64.
const MAX_BODY: u64 = 2 * MAX_ENVELOPE as u64;

/// The answer to a change.
type Answer = Result<Response, ApiError>;

/// A statement and the side object that was sent with it.
struct Received {
    signed: SignedStatement,
    side: Option<Vec<u8>>,
}

/// `POST /v1/publishers`.
pub(super) async fn register(
    Extract(app): Extract<Arc<App>>,
    client: Client,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let received = receive(&app, &headers, body).await?;
    let Action::Register { profile } = &received.signed.statement().action else { return Err(other("register a key")) };
    // The same registration again is a success.
    let state = app.state();
    if let Some(known) = state.publisher(received.signed.key()).filter(|known| known.profile == *profile) {
        return Ok(json(StatusCode::OK, &Changed::new(known.leaf_index)));
    }
    app.take(Counted::Registration, &app.policy.limits.registrations, None, client.address)?;
    let side = side::<Profile>(&received, *profile)?;
    commit(&app, received.signed, side).await
}

/// `POST /v1/packages/{id}/owners`.
pub(super) async fn owners(app: Extract<Arc<App>>, id: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    package(&app, &id, &headers, body, "add or remove an owner", |action| match action {
        Action::AddOwner { package_id, .. } | Action::RemoveOwner { package_id, .. } => Some(package_id),
        _ => None,
    })
    .await
}

/// `POST /v1/packages/{id}/transfer`.
pub(super) async fn transfer(app: Extract<Arc<App>>, id: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    package(&app, &id, &headers, body, "transfer a package", |action| match action {
        Action::Transfer { package_id, .. } => Some(package_id),
        _ => None,
    })
    .await
}

/// `POST /v1/packages/{id}/approve`.
pub(super) async fn approve_package(
    app: Extract<Arc<App>>,
    id: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    package(&app, &id, &headers, body, "approve the id of a package", |action| match action {
        Action::ApprovePackage { package_id } => Some(package_id),
        _ => None,
    })
    .await
}

async fn package(
    app: &App,
    id: &str,
    headers: &HeaderMap,
    body: Body,
    expected: &'static str,
    named: fn(&Action) -> Option<&PackageId>,
) -> Answer {
    let received = receive(app, headers, body).await?;
    let package_id = named(&received.signed.statement().action).ok_or_else(|| other(expected))?;
    same("package id in the path", package_id.as_str(), id)?;
    let side = side::<Note>(&received, None)?;
    commit(app, received.signed, side).await
}

/// `POST /v1/packages/{id}/{version}/yank`.
pub(super) async fn yank(
    Extract(app): Extract<Arc<App>>,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let received = receive(&app, &headers, body).await?;
    let (Action::Yank { package_id, version: named } | Action::Unyank { package_id, version: named }) =
        &received.signed.statement().action
    else {
        return Err(other("yank a version, or take that back"));
    };
    same("package id in the path", package_id.as_str(), &id)?;
    same("version in the path", &named.to_string(), &version)?;
    let side = side::<Note>(&received, None)?;
    commit(&app, received.signed, side).await
}

/// `POST /v1/packages/{id}/{version}/takedown`.
pub(super) async fn takedown(
    Extract(app): Extract<Arc<App>>,
    Path((id, version)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let received = receive(&app, &headers, body).await?;
    let Action::Takedown { package_id, version: named, note, .. } = &received.signed.statement().action else {
        return Err(other("take a version down"));
    };
    same("package id in the path", package_id.as_str(), &id)?;
    same("version in the path", &named.to_string(), &version)?;
    let side = side::<Note>(&received, *note)?;
    commit(&app, received.signed, side).await
}

/// `POST /v1/publishers/{key}/rotate`.
pub(super) async fn rotate(app: Extract<Arc<App>>, key: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    publisher(&app, &key, &headers, body, "rotate a key", |signed| match &signed.statement().action {
        Action::Rotate { .. } => Some(signed.key()),
        _ => None,
    })
    .await
}

/// `POST /v1/publishers/{key}/revoke`.
pub(super) async fn revoke(app: Extract<Arc<App>>, key: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    publisher(&app, &key, &headers, body, "revoke a key", |signed| match &signed.statement().action {
        Action::Revoke { revoked, .. } => Some(revoked),
        _ => None,
    })
    .await
}

/// `POST /v1/publishers/{key}/erase-profile`.
pub(super) async fn erase_profile(app: Extract<Arc<App>>, key: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    publisher(&app, &key, &headers, body, "erase a profile", |signed| match &signed.statement().action {
        Action::EraseProfile { publisher, .. } => Some(publisher),
        _ => None,
    })
    .await
}

/// `POST /v1/publishers/{key}/delegate`.
pub(super) async fn delegate(app: Extract<Arc<App>>, key: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    publisher(&app, &key, &headers, body, "delegate to a key", |signed| match &signed.statement().action {
        Action::Delegate { delegate, .. } => Some(delegate),
        _ => None,
    })
    .await
}

/// `POST /v1/publishers/{key}/approve`.
pub(super) async fn approve_key(app: Extract<Arc<App>>, key: Path<String>, headers: HeaderMap, body: Body) -> Answer {
    publisher(&app, &key, &headers, body, "approve a key", |signed| match &signed.statement().action {
        Action::ApproveKey { approved } => Some(approved),
        _ => None,
    })
    .await
}

async fn publisher(
    app: &App,
    key: &str,
    headers: &HeaderMap,
    body: Body,
    expected: &'static str,
    named: fn(&SignedStatement) -> Option<&PublicKey>,
) -> Answer {
    let received = receive(app, headers, body).await?;
    let subject = named(&received.signed).ok_or_else(|| other(expected))?;
    same("key in the path", &hex::encode(subject.as_bytes()), key)?;
    let side = side::<Note>(&received, None)?;
    commit(app, received.signed, side).await
}

/// `POST /v1/domains`: looks for the proof, and records what it found.
pub(super) async fn domain(Extract(app): Extract<Arc<App>>, headers: HeaderMap, body: Body) -> Answer {
    let received = receive(&app, &headers, body).await?;
    let Action::ClaimDomain { domain } = &received.signed.statement().action else {
        return Err(other("claim a domain"));
    };
    DomainProver::check(domain)?;
    app.check(&received.signed).await?;
    let found = app.prover.look(domain).await;
    if !found.keys.contains(received.signed.key()) {
        return Err(found.missing(domain).into());
    }
    let domain = domain.clone();
    let leaf_index = app.append(LeafBody::Statement(received.signed)).await?;
    let state = app.state();
    let record = match state.domains().get(&domain) {
        Some(known) => change(&domain, known, &found.keys, app.now_millis()),
        None => Some(DomainRecord::new(domain, DomainState::Proved, found.keys.into_iter().collect())),
    };
    if let Some(record) = record {
        app.append(LeafBody::Domain(record)).await?;
    }
    Ok(json(StatusCode::CREATED, &Changed::new(leaf_index)))
}

fn other(expected: &'static str) -> ApiError {
    ApiError::Malformed { problem: format!("at this path, a statement can only {expected}") }
}

/// Reads the body: an envelope, or an envelope with a side object.
async fn receive(app: &App, headers: &HeaderMap, body: Body) -> Result<Received, ApiError> {
    let bytes = body::read(headers, body, MAX_BODY, &app.policy.limits).await?;
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    let (envelope, side) = match media {
        DSSE_JSON => (bytes, None),
        "application/json" => {
            let problem = |problem| ApiError::Statement { problem };
            let value = mpp_host::package::json::parse(&bytes).map_err(|_| problem("the body is not JSON"))?;
            let parts: WithSide =
                serde_json::from_value(value).map_err(|_| problem("the body has not the members that it needs"))?;
            let decode = |text: &str| STANDARD.decode(text).map_err(|_| problem("a part of the body is not Base64"));
            (decode(&parts.statement)?, parts.side.as_deref().map(decode).transpose()?)
        }
        _ => return Err(ApiError::Statement { problem: "expected `application/vnd.dsse+json` or `application/json`" }),
    };
    if envelope.len() > MAX_ENVELOPE {
        return Err(ApiError::TooLarge { limit: MAX_ENVELOPE as u64 });
    }
    Ok(Received { signed: SignedStatement::verify(&envelope)?, side })
}

/// Returns the side object that a statement names, after checking its hash, its size and its form.
fn side<T: serde::de::DeserializeOwned>(
    received: &Received,
    named: Option<Digest>,
) -> Result<Option<(Digest, Vec<u8>)>, ApiError> {
    let refuse = |problem: String| Err(ApiError::Side { problem });
    let (digest, bytes) = match (named, &received.side) {
        (None, None) => return Ok(None),
        (None, Some(_)) => return refuse("the statement names none".to_owned()),
        (Some(_), None) => return refuse("the statement names one, and the request has none".to_owned()),
        (Some(digest), Some(bytes)) => (digest, bytes),
    };
    if bytes.len() > MAX_SIDE {
        return refuse(format!("it is larger than {MAX_SIDE} bytes"));
    }
    let found = Digest::of(bytes);
    if found != digest {
        return refuse(format!("its hash is {found}, and the statement names {digest}"));
    }
    let value = mpp_host::package::json::parse(bytes);
    match value
        .map_err(|fault| fault.to_string())
        .and_then(|value| serde_json::from_value::<T>(value).map(drop).map_err(|error| error.to_string()))
    {
        Ok(()) => Ok(Some((digest, bytes.clone()))),
        Err(problem) => refuse(problem),
    }
}

/// Stores the side object, and appends the statement.
async fn commit(app: &App, signed: SignedStatement, side: Option<(Digest, Vec<u8>)>) -> Answer {
    app.check(&signed).await?;
    if let Some((digest, bytes)) = side {
        app.store.put(&paths::side(&digest), bytes.into()).await.map_err(ApiError::internal)?;
    }
    let action = signed.statement().action.name();
    let leaf_index = app.append(LeafBody::Statement(signed)).await?;
    tracing::info!(action, leaf_index, "a statement was accepted");
    Ok(json(StatusCode::CREATED, &Changed::new(leaf_index)))
}
