//! `Error`: the failure of a request.

use std::time::Duration;

use crate::abi::Status;

/// The failure of a request.
///
/// `?` converts it into [`mpp_sdk::Error`](crate::Error), with a code for each kind: `http_invalid`, `http_timeout`,
/// `http_connection`, `http_too_large`, `http_status`, `http_body`, `http_unavailable`.
///
/// A denial ([`ErrorKind::Denied`]) reaches the tool's caller as `capability_denied`, with the line of the manifest that
/// would allow the request. That holds for a [`ToolError`](macro@crate::ToolError) with a `#[from]` field of this type too.
///
/// ```no_run
/// use mpp_sdk::http;
///
/// fn fetch(url: &str) -> Result<String, http::Error> {
///     match http::get(url).send()?.error_for_status() {
///         Err(error) if error.is_retryable() => http::get(url).send()?.error_for_status()?.text(),
///         response => response?.text(),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The manifest does not declare the host, or the user did not grant it. Nothing was sent.
    Denied,
    /// The request is invalid: a malformed URL, a header that only the host sets, or a redirect without a target.
    Invalid,
    /// The server did not complete its response in time.
    Timeout,
    /// The server could not be reached or authenticated, or closed the connection.
    Connection,
    /// The request or the response is larger than allowed.
    TooLarge,
    /// The status is 400 or more: see [`Response::error_for_status`](super::Response::error_for_status).
    Status,
    /// The body could not be decoded: it is not UTF-8, not JSON, or not the expected JSON.
    Body,
    /// There is no host that can send requests.
    Unavailable,
}

impl Error {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), status: None, retry_after: None }))
    }

    pub(super) fn with_status(mut self, status: u16, retry_after: Option<Duration>) -> Self {
        self.0.status = Some(status);
        self.0.retry_after = retry_after;
        self
    }

    pub(super) fn of_host((status, message): (Status, String)) -> Self {
        let kind = match status {
            Status::Denied => ErrorKind::Denied,
            Status::Invalid => ErrorKind::Invalid,
            Status::Timeout => ErrorKind::Timeout,
            Status::Connection => ErrorKind::Connection,
            Status::TooLarge => ErrorKind::TooLarge,
            _ => ErrorKind::Unavailable,
        };
        Self::new(kind, message)
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the response's status if that is the failure.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns whether the same request may succeed later: after a timeout, a connection failure, status 429, or a status
    /// of 500 and above.
    ///
    /// It does not tell whether repeating the request is safe: a `POST` may have taken effect without a response.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Timeout | ErrorKind::Connection => true,
            ErrorKind::Status => self.0.status.is_some_and(|status| status == 429 || status >= 500),
            _ => false,
        }
    }

    /// Returns how long the server asks to wait before a retry (`Retry-After` in seconds).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns whether the host denied the request.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.0.kind == ErrorKind::Denied
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

impl From<Error> for crate::error::Error {
    fn from(error: Error) -> Self {
        let code = match error.0.kind {
            ErrorKind::Denied => return Self::denied(error.0.message),
            ErrorKind::Invalid => "http_invalid",
            ErrorKind::Timeout => "http_timeout",
            ErrorKind::Connection => "http_connection",
            ErrorKind::TooLarge => "http_too_large",
            ErrorKind::Status => "http_status",
            ErrorKind::Body => "http_body",
            ErrorKind::Unavailable => "http_unavailable",
        };
        let is_retryable = error.is_retryable();
        let Inner { message, status, retry_after, .. } = *error.0;
        let mut error = Self::new(code, message);
        if let Some(status) = status {
            error = error.detail("status", status);
        }
        if let Some(wait) = retry_after {
            error = error.detail("retry_after_s", wait.as_secs());
        }
        if is_retryable { error.retryable() } else { error }
    }
}
