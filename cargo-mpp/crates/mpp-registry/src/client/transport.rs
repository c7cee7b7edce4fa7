//! How the client reaches one copy of a registry: a trait for requests and responses, so that tests need no network.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, StatusCode};

/// A request to a registry.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path below the URL of the registry: it begins with a slash, and has a query if there is one.
    pub path: String,
    /// Headers besides those that every request has.
    pub headers: HeaderMap,
    /// The body; empty for reading.
    pub body: Bytes,
}

impl Request {
    /// A request that reads `path`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// A request that sends `body` to `path`.
    #[must_use]
    pub fn send(method: Method, path: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self { method, path: path.into(), headers: HeaderMap::new(), body: body.into() }
    }
}

/// The response to a request: its head, and its body as it arrives.
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The parts of the body.
    pub body: BoxStream<'static, Result<Bytes, TransportError>>,
}

impl Response {
    /// A response with this body.
    #[must_use]
    pub fn new(
        status: StatusCode,
        headers: HeaderMap,
        body: BoxStream<'static, Result<Bytes, TransportError>>,
    ) -> Self {
        Self { status, headers, body }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("headers", &self.headers).finish_non_exhaustive()
    }
}

/// Why there is no response, or no complete one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The connection cannot be made, was closed, or is too slow. Trying again can help.
    #[error("{reason}")]
    Connection {
        /// What happened, with its causes.
        reason: String,
    },
    /// The certificate of the server is not valid, or not for this host. Trying again does not help.
    #[error("{reason}")]
    Certificate {
        /// What is wrong with it, with the causes.
        reason: String,
    },
    /// The request cannot be sent as it is, for example because the server redirects it to another host. Trying again does not help.
    #[error("{reason}")]
    Refused {
        /// What happened, with its causes.
        reason: String,
    },
}

impl TransportError {
    /// Returns whether the same request may succeed later.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Connection { .. })
    }
}

/// A function that is told how many bytes of a body have been sent or received, and how many there are.
pub type OnProgress<'a> = &'a (dyn Fn(u64, u64) + Send + Sync);

/// Sends requests to one copy of a registry.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends a request and returns the response as soon as its head has arrived. `progress` is called while the body of the request
    /// is sent.
    fn send<'a>(
        &'a self,
        request: Request,
        progress: Option<OnProgress<'a>>,
    ) -> BoxFuture<'a, Result<Response, TransportError>>;

    /// The URL of the copy, for messages.
    fn url(&self) -> &str;
}
