//! Refuses requests that two programs could read in two ways, before anything else looks at them.

use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::{Method, Version};

use super::body;
use super::error::ApiError;

/// The longest path and query.
const MAX_TARGET: usize = 2048;

/// Checks the head of a request.
///
/// A proxy in front of the server may find the end of a body by one header and the server by another; the rest of the body then
/// becomes a request of its own ("smuggling"). The server therefore accepts only bodies with one `Content-Length`, and none with a
/// `Transfer-Encoding`. Paths have exactly one spelling.
pub(crate) fn check(request: &Request) -> Result<(), ApiError> {
    let malformed = |problem: &str| Err(ApiError::Malformed { problem: problem.to_owned() });
    let headers = request.headers();
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(ApiError::LengthRequired);
    }
    let is_http_1 = request.version() <= Version::HTTP_11;
    if is_http_1 && (request.uri().scheme().is_some() || request.uri().authority().is_some()) {
        return malformed("its target is a whole address, expected a path");
    }
    if is_http_1 && headers.get_all(HOST).iter().count() > 1 {
        return malformed("it has several `Host` headers");
    }
    if request.version() == Version::HTTP_11 && !headers.contains_key(HOST) {
        return malformed("it has no `Host` header");
    }
    if headers.get_all(CONTENT_LENGTH).iter().count() > 1 {
        return malformed("it has several `Content-Length` headers");
    }
    let length = body::announced(headers);
    if headers.contains_key(CONTENT_LENGTH) && length.is_none() {
        return malformed("its `Content-Length` is not a number");
    }
    let allowed = "GET, HEAD, POST, PUT";
    match *request.method() {
        Method::GET | Method::HEAD => {
            if length.is_some_and(|length| length > 0) {
                return malformed("it is a `GET` or `HEAD` with a body");
            }
        }
        Method::PUT | Method::POST if is_http_1 && length.is_none() => return Err(ApiError::LengthRequired),
        Method::PUT | Method::POST => {}
        ref other => return Err(ApiError::Method { method: other.to_string(), allowed }),
    }
    let path = request.uri().path();
    let target = path.len() + request.uri().query().map_or(0, str::len);
    if target > MAX_TARGET {
        return malformed("its target is too long");
    }
    let is_plain = |part: &str| !matches!(part, "." | "..") && !part.contains(['%', '\\', ';']);
    if !path.starts_with('/') || path.contains("//") || !path.split('/').all(is_plain) {
        return malformed("its path has parts that no path of this server has");
    }
    Ok(())
}

/// Returns the name of the route of a path, for counters and logs. Values are left out, so that there are few names.
pub(crate) fn route(path: &str) -> &'static str {
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("", _) => "/",
        ("v1", Some("packages")) => "/v1/packages",
        ("v1", Some("publishers")) => "/v1/publishers",
        ("v1", Some("search")) => "/v1/search",
        ("v1", _) => "/v1",
        ("log", Some("checkpoint")) => "/log/checkpoint",
        ("log", _) => "/log/tile",
        ("index", _) => "/index",
        ("publishers", _) => "/publishers",
        ("blobs", _) => "/blobs",
        ("manifests", _) => "/manifests",
        ("side", _) => "/side",
        ("revocations.json", _) => "/revocations.json",
        (".well-known", _) => "/.well-known",
        ("packages" | "publisher" | "search" | "static", _) => "pages",
        ("healthz" | "readyz" | "metrics", _) => "operations",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use mpp_host::codes::Coded as _;

    use super::check;

    fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::empty()).expect("a request")
    }

    #[test]
    fn ordinary_requests_pass() {
        for (method, target, headers) in [
            ("GET", "/", [("host", "r.example")].as_slice()),
            ("GET", "/index/com.example.clock.json", &[("host", "r.example")]),
            ("GET", "/v1/search?q=a%20b&page=2", &[("host", "r.example")]),
            ("PUT", "/v1/packages/com.example.clock/1.0.0-rc.1+x", &[("host", "r.example"), ("content-length", "5")]),
            ("POST", "/v1/publishers", &[("host", "r.example"), ("content-length", "0")]),
        ] {
            let checked = check(&request(method, target, headers));
            assert!(checked.is_ok(), "{method} {target}: {checked:?}");
        }
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        let host = ("host", "r.example");
        for (method, target, headers, code) in [
            ("POST", "/v1/publishers", [host, ("transfer-encoding", "chunked")].as_slice(), "MPP-N208"),
            ("POST", "/v1/publishers", &[host, ("transfer-encoding", "chunked"), ("content-length", "5")], "MPP-N208"),
            ("POST", "/v1/publishers", &[host, ("transfer-encoding", "identity")], "MPP-N208"),
            ("GET", "/", &[host, ("transfer-encoding", "xchunked")], "MPP-N208"),
            ("POST", "/v1/publishers", &[host], "MPP-N208"),
            ("POST", "/v1/publishers", &[host, ("content-length", "5"), ("content-length", "6")], "MPP-N207"),
            ("POST", "/v1/publishers", &[host, ("content-length", "+5")], "MPP-N207"),
            ("GET", "/", &[host, ("content-length", "5")], "MPP-N207"),
            ("GET", "/", &[host, ("host", "other.example")], "MPP-N207"),
            ("GET", "/", &[], "MPP-N207"),
            ("GET", "http://other.example/", &[host], "MPP-N207"),
            ("GET", "/index/../log/commit/0", &[host], "MPP-N207"),
            ("GET", "/index/%2e%2e/log/commit/0", &[host], "MPP-N207"),
            ("GET", "//index/a", &[host], "MPP-N207"),
            ("GET", "/index/./a", &[host], "MPP-N207"),
            ("GET", "/index/a;b", &[host], "MPP-N207"),
            ("DELETE", "/v1/packages/com.example.clock", &[host], "MPP-N215"),
            ("TRACE", "/", &[host], "MPP-N215"),
        ] {
            let error = check(&request(method, target, headers)).expect_err(target);
            assert_eq!(error.code(), code, "{method} {target} {headers:?}");
        }
    }
}
