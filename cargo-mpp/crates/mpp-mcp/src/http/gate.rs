//! The checks in front of the protocol library: path, token, and limits on bodies, times and sessions.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use sha2::{Digest as _, Sha256};

use super::{Body, HttpOptions, PATH};

/// Longest body of a request, in bytes.
const LONGEST_BODY: usize = 4 * 1024 * 1024;

/// How long a client may take to send a body.
const BODY: Duration = Duration::from_secs(30);

/// Sessions that may be open at once.
const SESSIONS: usize = 256;

/// The header of a request that belongs to a session.
const SESSION: &str = "mcp-session-id";

/// Decides which requests are answered.
pub(super) struct Gate {
    /// Digest of the token, so that comparing it takes the same time whatever was sent.
    token: Option<[u8; 32]>,
    /// Accepted values of `Host`.
    hosts: Vec<String>,
    /// Accepted values of `Host`, with a port where they are those of this listener.
    authorities: Vec<String>,
    sessions: Arc<LocalSessionManager>,
}

impl Gate {
    pub(super) fn new(address: SocketAddr, options: &HttpOptions, sessions: Arc<LocalSessionManager>) -> Self {
        let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        if !address.ip().is_unspecified() {
            hosts.push(address.ip().to_string());
        }
        hosts.extend(options.hosts.iter().cloned());
        let port = address.port();
        let authorities = ["localhost", "127.0.0.1", "[::1]"].iter().map(|host| format!("{host}:{port}"));
        let authorities = authorities.chain([address.to_string()]).collect();
        Self { token: options.token.as_deref().map(digest), hosts, authorities, sessions }
    }

    /// Returns the accepted values of `Host`.
    pub(super) fn hosts(&self) -> Vec<String> {
        self.hosts.clone()
    }

    /// Returns the accepted values of `Origin`: those of this server's own address, and those that the user added.
    pub(super) fn origins(&self, options: &HttpOptions) -> Vec<String> {
        let own = self.authorities.iter().map(|authority| format!("http://{authority}"));
        own.chain(options.origins.iter().cloned()).collect()
    }

    /// Returns whether the request is for this listener by its own name and does not come from a web page. Other requests may be
    /// acceptable, too.
    pub(super) fn is_direct(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        !headers.contains_key(ORIGIN) && host.is_some_and(|host| self.authorities.iter().any(|own| own == host))
    }

    /// Checks a request and reads its body.
    pub(super) async fn admit(&self, request: Request<Incoming>) -> Result<Request<Full<Bytes>>, Box<Response<Body>>> {
        if request.uri().path() != PATH {
            return Err(refusal(StatusCode::NOT_FOUND, &format!("the server answers at {PATH}")));
        }
        if !self.has_token(request.headers()) {
            let mut refused = refusal(StatusCode::UNAUTHORIZED, "the request needs the bearer token of this server");
            refused.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            return Err(refused);
        }
        let (parts, body) = request.into_parts();
        let read = tokio::time::timeout(BODY, Limited::new(body, LONGEST_BODY).collect()).await;
        let body = match read {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                let reason = format!("the body is longer than {} MiB", LONGEST_BODY / 1024 / 1024);
                return Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, &reason));
            }
            Ok(Err(_)) => return Err(refusal(StatusCode::BAD_REQUEST, "the body ended too early")),
            Err(_) => return Err(refusal(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
        };
        let opens_session = parts.method == Method::POST && !parts.headers.contains_key(SESSION);
        if opens_session && self.sessions.sessions.read().await.len() >= SESSIONS && !is_modern(&parts.headers) {
            let reason = "too many sessions are open: close one, or wait until one expires";
            return Err(refusal(StatusCode::SERVICE_UNAVAILABLE, reason));
        }
        Ok(Request::from_parts(parts, Full::new(body)))
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let Some(expected) = &self.token else { return true };
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent =
            sent.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        sent.is_some_and(|(_, token)| digest(token.trim()) == *expected)
    }
}

/// Returns whether a request is of a protocol version without sessions.
pub(super) fn is_modern(headers: &HeaderMap) -> bool {
    headers.get("mcp-protocol-version").is_some_and(|version| version == crate::bridge::Era::MODERN_VERSION)
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Returns a response that says why a request is refused.
fn refusal(status: StatusCode, reason: &str) -> Box<Response<Body>> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{reason}\n"))).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Box::new(response)
}
