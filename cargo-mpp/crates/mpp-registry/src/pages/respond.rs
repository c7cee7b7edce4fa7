//! Responses with pages: security headers, caching and status.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::Markup;

use super::assets::Asset;

/// The policy of every page: own styles and own pictures, forms that search here, and nothing else.
pub const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// Returns the response for a page.
#[must_use]
pub fn html(status: StatusCode, page: Markup) -> Response {
    let cache = if status.is_success() { "public, max-age=5" } else { "no-store" };
    let mut response = (status, page.into_string()).into_response();
    secure(response.headers_mut());
    set(response.headers_mut(), CONTENT_TYPE, "text/html; charset=utf-8");
    set(response.headers_mut(), CACHE_CONTROL, cache);
    response
}

/// Returns the response for a file whose name contains its hash.
pub(super) fn asset(asset: &'static Asset) -> Response {
    let mut response = asset.bytes.into_response();
    secure(response.headers_mut());
    set(response.headers_mut(), CONTENT_TYPE, asset.media_type);
    set(response.headers_mut(), CACHE_CONTROL, "public, max-age=31536000, immutable");
    response
}

fn secure(headers: &mut HeaderMap) {
    set(headers, CONTENT_SECURITY_POLICY, POLICY);
    set(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, X_FRAME_OPTIONS, "DENY");
    set(headers, REFERRER_POLICY, "no-referrer");
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
