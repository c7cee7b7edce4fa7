//! Reads: static files, and the answers of `/v1` that come from the same records.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Extract};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use semver::Version;

use super::app::{App, Client, json};
use super::error::ApiError;
use super::files::{self, Served};
use super::rates::Action as Counted;
use crate::pages;
use crate::protocol::{PackageId, paths};

/// Serves the file at the path of the request.
pub(super) async fn file(
    Extract(app): Extract<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    let missing = || ApiError::NotFound { what: format!("page or file `/{path}`") };
    let file = files::served(path).ok_or_else(missing)?;
    files::respond(&app.store, &app.files, &file, (&method, &headers)).await
}

/// `GET /v1/packages/{id}`.
pub(super) async fn package(Extract(app): Extract<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let missing = || ApiError::NotFound { what: format!("package `{id}`") };
    let package_id = PackageId::parse(&id).map_err(|_| missing())?;
    let record = app.index(&package_id).await.map_err(ApiError::internal)?.ok_or_else(missing)?;
    let mut response = json(StatusCode::OK, &record);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=2"));
    Ok(response)
}

/// `GET /v1/packages/{id}/{version}/download`.
pub(super) async fn download(
    Extract(app): Extract<Arc<App>>,
    Path((id, version)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || ApiError::NotFound { what: format!("version {version} of `{id}`") };
    let number = Version::parse(&version).map_err(|_| missing())?;
    let state = app.state();
    let found = state.version(&id, &number).ok_or_else(missing)?;
    if found.taken_down.is_some() {
        return Err(ApiError::Gone { what: format!("version {version} of `{id}`") });
    }
    let file = Served::blob(found.archive_hash);
    let mut response = files::respond(&app.store, &app.files, &file, (&method, &headers)).await?;
    let name = id.rsplit('.').next().unwrap_or_default();
    if let Ok(value) = HeaderValue::try_from(format!("attachment; filename=\"{name}-{}.mpp\"", found.version)) {
        response.headers_mut().insert(CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// `GET /v1/search`.
pub(super) async fn search(
    Extract(app): Extract<Arc<App>>,
    client: Client,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    app.take(Counted::Search, &app.policy.limits.searches, None, client.address)?;
    let query = pages::read_query(&query.unwrap_or_default()).map_err(|problem| ApiError::Malformed { problem })?;
    let found = app.search.find(query).await.map_err(ApiError::internal)?;
    Ok(json(StatusCode::OK, &found.page))
}

/// `GET /healthz`: the process answers.
pub(super) async fn healthz() -> Response {
    text("ok\n".to_owned())
}

/// `GET /readyz`: the store answers, and the log accepts changes. The store is asked once in a while, however many requests there are.
pub(super) async fn readyz(Extract(app): Extract<Arc<App>>) -> Response {
    let problem = app.readiness.look(async || {
        let problem = match (app.store.head(paths::CHECKPOINT).await, app.log.catch_up().await) {
            (Ok(Some(_)), Ok(())) => return None,
            (Ok(None), _) => "there is no checkpoint".to_owned(),
            (Err(error), _) => mpp_host::causes::with_causes(&error),
            (_, Err(error)) => mpp_host::causes::with_causes(&error),
        };
        tracing::warn!(problem, "the server is not ready");
        Some(problem)
    });
    if problem.await.is_none() {
        return text("ready\n".to_owned());
    }
    let mut response = text("not ready: the log of the server has the reason\n".to_owned());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}

/// `GET /metrics`, in the text format of Prometheus.
pub(super) async fn metrics(Extract(app): Extract<Arc<App>>) -> Response {
    let view = app.view();
    let state = &view.state;
    text(app.metrics.text(&[
        ("mpp_log_size", "Leaves in the log.", state.size()),
        ("mpp_packages", "Packages.", state.package_count()),
        ("mpp_versions", "Versions.", state.version_count()),
        ("mpp_last_leaf_time_seconds", "Time of the last leaf.", state.time() / 1000),
    ]))
}

fn text(text: String) -> Response {
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
