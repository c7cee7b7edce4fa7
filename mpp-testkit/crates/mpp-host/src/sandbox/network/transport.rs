//! The wire as a trait, so that a test can stand in for it: behind every check, so that what is refused stays refused.

mod request;

use std::fmt;
use std::time::Duration;

pub use request::Request;

use super::limits::NetworkLimits;
use super::wire_error::WireError;
use super::words;
use crate::sandbox::failure::Status;

/// Carries requests that were checked already: declared host, allowed headers, limits.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request and gives the answer, without following redirects. May block, at most `request.timeout`.
    ///
    /// # Errors
    /// [`TransportError`].
    fn send(&self, request: Request) -> Result<Response, TransportError>;

    /// The same with the wire at hand: `wire` sends this very request over the network, as the host would without a
    /// transport, and never another one. For who records what a server answers, or only counts.
    ///
    /// # Errors
    /// [`TransportError`].
    fn carry(
        &self,
        request: Request,
        wire: &dyn Fn() -> Result<Response, TransportError>,
    ) -> Result<Response, TransportError> {
        let _ = wire;
        self.send(request)
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

/// Why there is no answer. The tool is told what it would be told of a real server that does the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// None came in time: all of `request.timeout` is over, and the call has that much less left, whether anybody waited or
    /// not. A request without a time of its own takes all that the call has.
    #[error("no answer came in time")]
    Timeout,
    /// No connection came about in the time that [`NetworkLimits::connect`] allows; it has passed like that of `Timeout`.
    #[error("no connection came about in time")]
    ConnectTimeout,
    /// The name leads to no address.
    #[error("no address is known for the host")]
    NoAddress,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// The connection broke before there was an answer.
    #[error("the connection was broken off")]
    BrokenOff,
    /// The connection ended in the middle of the answer.
    #[error("the answer was cut off")]
    Incomplete,
    /// The body is longer than [`NetworkLimits::response_body`].
    #[error("the answer is too large")]
    TooLarge,
    /// The server could not be reached, or broke off, in other words.
    #[error("{0}")]
    Connection(String),
    /// What went wrong on the real wire.
    #[error(transparent)]
    Wire(WireFailure),
}

/// A failure of the real wire, as a transport that used it hands it on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.sentence())]
pub struct WireFailure(pub(super) WireError);

impl TransportError {
    /// As the wire says it.
    pub(super) fn into_wire(self, limits: &NetworkLimits) -> WireError {
        let (status, sentence) = match self {
            Self::Timeout => (Status::Timeout, words::LATE.to_owned()),
            Self::ConnectTimeout => (Status::Timeout, words::NO_CONNECTION.to_owned()),
            Self::NoAddress => (Status::Connection, words::NO_ADDRESS.to_owned()),
            Self::Refused => (Status::Connection, words::REFUSED.to_owned()),
            Self::BrokenOff => (Status::Connection, words::BROKEN_OFF.to_owned()),
            Self::Incomplete => (Status::Connection, words::INCOMPLETE.to_owned()),
            Self::TooLarge => (Status::TooLarge, words::too_large(limits)),
            Self::Connection(reason) => (Status::Connection, reason),
            Self::Wire(WireFailure(error)) => return error,
        };
        WireError::Failed(status, sentence)
    }

    /// How much time has passed by what a stand-in says, of the `time` that the request had.
    pub(super) fn spent(&self, time: Duration, limits: &NetworkLimits) -> Duration {
        match self {
            Self::Timeout => time,
            Self::ConnectTimeout => time.min(limits.connect),
            _ => Duration::ZERO,
        }
    }
}
