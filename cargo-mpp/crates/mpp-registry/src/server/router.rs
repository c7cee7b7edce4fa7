//! Joins the API, the files and the pages, behind the checks that every request passes.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Extract};
use axum::http::header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

use super::app::App;
use super::client_address::{self, Peer};
use super::error::ApiError;
use super::guard;
use super::openapi::OPERATIONS;
use super::rates::Action as Counted;
use super::reads;
use super::records::Records;
use crate::pages::{self, PageSettings};

/// Returns everything that the server answers.
pub(super) fn router(app: &Arc<App>, settings: PageSettings) -> Router {
    let mut api: Router<Arc<App>> = Router::new();
    for operation in OPERATIONS {
        api = api.route(operation.path(), operation.route());
    }
    let api = api
        .route("/healthz", get(reads::healthz))
        .route("/readyz", get(reads::readyz))
        .route("/metrics", get(reads::metrics))
        .method_not_allowed_fallback(wrong_method)
        .fallback(reads::file)
        .with_state(Arc::clone(app));
    pages::router(Arc::new(Records::new(Arc::clone(app), settings)))
        .method_not_allowed_fallback(wrong_method)
        .merge(api)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), every_request))
}

/// Checks a request, counts it, and adds what every response has.
async fn every_request(Extract(app): Extract<Arc<App>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let route = guard::route(&path);
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let client = peer.map(|peer| client_address::of(peer, request.headers(), &app.policy));
    let checked = guard::check(&request).and_then(|()| match client {
        Some(address) if matches!(method, Method::PUT | Method::POST) => {
            app.take(Counted::Write, &app.policy.limits.writes, None, address)
        }
        _ => Ok(()),
    });
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if app.url.starts_with("https://") {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    let (status, time) = (response.status().as_u16(), start.elapsed());
    app.metrics.responded(route, status, time);
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    match status {
        500.. => tracing::error!(%method, path, status, micros, ?client, "request"),
        _ if method == Method::GET || method == Method::HEAD => {
            tracing::debug!(%method, path, status, micros, ?client, "request");
        }
        _ => tracing::info!(%method, path, status, micros, ?client, "request"),
    }
    response
}

async fn wrong_method(method: Method) -> ApiError {
    ApiError::Method { method: method.to_string(), allowed: "GET, HEAD, POST, PUT" }
}

fn panicked(reason: Box<dyn Any + Send + 'static>) -> Response {
    let text = reason.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reason.downcast_ref::<&str>().copied()).unwrap_or("a panic");
    ApiError::internal(text.to_owned()).into_response()
}
