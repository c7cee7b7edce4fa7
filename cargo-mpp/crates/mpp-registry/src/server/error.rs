//! The errors of the API, as documents with a stable code (RFC 9457).

use std::time::Duration;

use axum::http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use mpp_host::causes::{BoxedError, with_causes};
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::Refusal;
use serde::Serialize;

use super::domains::ProofMissing;
use crate::codes;
use crate::protocol::{PROBLEM_JSON, Problem, ProtocolError};
use crate::state::StateError;

/// The error that answers a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The request carries no statement, or several.
    #[error("the request has no valid statement: {problem}")]
    Statement { problem: &'static str },
    /// The body is too large.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The body arrives too slowly.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// A rate limit is reached.
    #[error("too many {what}: the next one is possible in {} seconds", seconds(*wait))]
    RateLimited { what: &'static str, wait: Duration },
    /// The server has no room for more work.
    #[error("the server is busy: {what}")]
    Busy { what: &'static str },
    /// There is nothing at this path.
    #[error("there is no {what}")]
    NotFound { what: String },
    /// An operator has taken it down.
    #[error("{what} was taken down by the registry")]
    Gone { what: String },
    /// The method is not possible at this path.
    #[error("`{method}` is not possible here")]
    Method { method: String, allowed: &'static str },
    /// The request is malformed.
    #[error("the request is malformed: {problem}")]
    Malformed { problem: String },
    /// The request has no `Content-Length`.
    #[error("the request has no `Content-Length`, or a `Transfer-Encoding`")]
    LengthRequired,
    /// The package or the path differs from the statement.
    #[error("the {what} is `{found}`, and the statement says `{expected}`")]
    Mismatch { what: &'static str, expected: String, found: String },
    /// The requested range is not in the file.
    #[error("the requested range is not within the {length} bytes of the file")]
    Range { length: u64 },
    /// The server does not accept changes.
    #[error("the server does not accept changes: {reason}")]
    ReadOnly { reason: String },
    /// The package is signed with a development key.
    #[error("the package is signed with a development key")]
    DevelopmentKey,
    /// The side object is missing, too large, or another one than the statement names.
    #[error("the side object cannot be used: {problem}")]
    Side { problem: String },
    /// The proof of a domain was not found.
    #[error(transparent)]
    Proof(#[from] ProofMissing),
    /// The Gatekeeper refused the package.
    #[error("step {} refuses the package: {}", .0.step.number(), .0.message)]
    Refused(Box<Refusal>),
    /// A document is malformed.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The state does not allow the change.
    #[error(transparent)]
    State(#[from] StateError),
    /// Something failed that the client has no part in.
    #[error("internal error of the server")]
    Internal(#[source] BoxedError),
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl ApiError {
    /// Returns the error for a failure of the store or the log.
    pub(crate) fn internal(source: impl Into<BoxedError>) -> Self {
        Self::Internal(source.into())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Statement { .. } | Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } | Self::ReadOnly { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Gone { .. } => StatusCode::GONE,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::DevelopmentKey => StatusCode::FORBIDDEN,
            Self::Mismatch { .. } | Self::Side { .. } | Self::Proof(_) | Self::Refused(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::Protocol(ProtocolError::BadSignature { .. } | ProtocolError::OtherKey { .. }) => {
                StatusCode::FORBIDDEN
            }
            Self::Protocol(_) => StatusCode::BAD_REQUEST,
            Self::State(error) => status_of(error),
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns whether the connection can be used again: after a body that was not read, or whose end is in doubt, it cannot.
    fn ends_connection(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::TooSlow | Self::Malformed { .. } | Self::LengthRequired)
    }
}

fn status_of(error: &StateError) -> StatusCode {
    match error {
        StateError::NoPackage { .. } | StateError::NoVersion { .. } => StatusCode::NOT_FOUND,
        StateError::Repeated { .. }
        | StateError::VersionExists { .. }
        | StateError::TakenDown { .. }
        | StateError::LastOwner { .. }
        | StateError::NoChange { .. } => StatusCode::CONFLICT,
        StateError::Delegation { .. } | StateError::Target { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        StateError::Order { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::FORBIDDEN,
    }
}

impl Coded for ApiError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Statement { .. } => &codes::N201,
            Self::TooLarge { .. } => &codes::N202,
            Self::TooSlow => &codes::N203,
            Self::RateLimited { .. } => &codes::N204,
            Self::Busy { .. } => &codes::N205,
            Self::NotFound { .. } => &codes::N206,
            Self::Gone { .. } => &codes::N034,
            Self::Malformed { .. } => &codes::N207,
            Self::LengthRequired => &codes::N208,
            Self::Mismatch { .. } => &codes::N209,
            Self::Range { .. } => &codes::N210,
            Self::ReadOnly { .. } => &codes::N211,
            Self::Method { .. } => &codes::N215,
            Self::DevelopmentKey => &codes::N216,
            Self::Internal(_) => &codes::N217,
            Self::Side { .. } => &codes::N218,
            Self::Proof(error) => error.code(),
            Self::Refused(refusal) => refusal.code,
            Self::Protocol(error) => error.code(),
            Self::State(error) => error.code(),
        }
    }
}

/// A problem with the members that this server adds.
#[derive(Debug, Serialize)]
struct Extended {
    #[serde(flatten)]
    problem: Problem,
    /// Index of the leaf that made the same change before.
    #[serde(skip_serializing_if = "Option::is_none")]
    leaf_index: Option<u64>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        // The cause of a failure can name paths and addresses of the server, so it goes into the log only.
        let detail = match &self {
            Self::Internal(source) => {
                tracing::error!(error = %with_causes(source.as_ref()), "a request failed");
                self.to_string()
            }
            other => with_causes(other),
        };
        let help = match &self {
            Self::Refused(refusal) => refusal.help.clone(),
            other => other.help(),
        };
        let leaf_index = match &self {
            Self::State(StateError::Repeated { leaf_index } | StateError::VersionExists { leaf_index, .. }) => {
                Some(*leaf_index)
            }
            _ => None,
        };
        let problem = Problem::new(status.as_u16(), self.code(), detail, Some(help));
        let body = serde_json::to_vec(&Extended { problem, leaf_index }).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match &self {
            Self::RateLimited { wait, .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from(seconds(*wait)));
            }
            Self::Busy { .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Self::Method { allowed, .. } => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            _ => {}
        }
        if self.ends_connection() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
