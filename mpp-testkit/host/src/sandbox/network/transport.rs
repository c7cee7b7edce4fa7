//! The wire as a trait, so that a test can stand in for it: behind every check, so that what is refused stays refused.

use std::fmt;
use std::time::Duration;

/// Carries requests that were checked already: declared host, allowed headers, limits.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request and gives the answer, without following redirects. May block, at most `request.timeout`.
    ///
    /// # Errors
    /// [`TransportError`].
    fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// A request as it goes over the wire, injected headers included.
///
/// `Debug` shows no header: they carry secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// For example `GET`.
    pub method: String,
    /// Absolute, with query, without fragment.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
    /// How long the answer may take.
    pub timeout: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Response {
    /// For example 200.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// None came in time.
    #[error("no answer came in time")]
    Timeout,
    /// The server could not be reached, or broke off.
    #[error("{0}")]
    Connection(String),
}
