//! `Error`: why a request brought no answer, or not the one that was hoped for.

use std::time::Duration;

use crate::abi::Status;

/// Why a request failed. `?` turns it into [`mpp_sdk::Error`](crate::Error), with a code of its own for each kind:
/// `http_invalid`, `http_timeout`, `http_connection`, `http_too_large`, `http_status`, `http_body`.
///
/// A denial ([`ErrorKind::Denied`]) is told to the caller as what it is, `capability_denied`, together with the line of the
/// manifest that would allow the request: also through a variant of a [`ToolError`](crate::ToolError) that is made
/// `#[from]` this error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The manifest does not declare the host, or whoever runs the tool does not allow it. Nothing was sent.
    Denied,
    /// The request makes no sense: a URL that is none, a header that only the host sets, a redirect to nowhere.
    Invalid,
    /// There was no complete answer in time.
    Timeout,
    /// The server could not be reached, is not who it should be, or broke off.
    Connection,
    /// The request, or the answer, is larger than allowed.
    TooLarge,
    /// The server answered with a status of 400 or more: [`Response::ok`](super::Response::ok).
    Status,
    /// The answer's body is not what it was read as: no UTF-8, no JSON, JSON of another shape.
    Body,
    /// There is no host that could send it.
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

    pub(super) fn of_host((status, sentence): (Status, String)) -> Self {
        let kind = match status {
            Status::Denied => ErrorKind::Denied,
            Status::Invalid => ErrorKind::Invalid,
            Status::Timeout => ErrorKind::Timeout,
            Status::Connection => ErrorKind::Connection,
            Status::TooLarge => ErrorKind::TooLarge,
            _ => ErrorKind::Unavailable,
        };
        Self::new(kind, sentence)
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The status of the answer, where the status is the failure.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Whether the same request may succeed later: no answer in time, no connection, status 429 or 500 and above.
    ///
    /// Whether it may be *sent* again is for the author to know: a `POST` may have taken effect although no answer came.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Timeout | ErrorKind::Connection => true,
            ErrorKind::Status => self.0.status.is_some_and(|status| status == 429 || status >= 500),
            _ => false,
        }
    }

    /// How long the server asks to wait before the next try, where it says so in seconds (`Retry-After`).
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether it is a denial.
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

impl From<Error> for crate::Error {
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
