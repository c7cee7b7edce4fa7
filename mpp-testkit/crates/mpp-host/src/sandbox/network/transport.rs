//! The trait that sends requests, which tests implement in place of the network (feature `testing`). Requests are checked
//! before they reach it.

mod request;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

pub use request::Request;

use super::connector::ConnectError;
use super::limits::NetworkLimits;
use super::wire::{Hop, Response};
use super::wire_error::WireError;
use super::words;
use crate::sandbox::failure::Status;

/// Sends requests in place of the network. Their host, headers and limits are already checked.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends one request and returns the response, without following redirects. It may block for at most `request.timeout`.
    ///
    /// # Errors
    /// Returns [`TransportError`] if there is no response.
    fn send(&self, request: Request) -> Result<Response, TransportError>;

    /// Sends one request, with access to the real network.
    ///
    /// `wire` sends this request, and no other, over the network, as the host would without a transport. Override this method to
    /// record the responses of a server or to count requests; by default it calls [`send`](Self::send).
    ///
    /// # Errors
    /// Returns [`TransportError`] if there is no response.
    fn carry(
        &self,
        request: Request,
        wire: &dyn Fn() -> Result<Response, TransportError>,
    ) -> Result<Response, TransportError> {
        let _ = wire;
        self.send(request)
    }
}

/// The error of a request without a response. The tool receives the same error as for a real server that fails in this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// No response came within `request.timeout`.
    ///
    /// This time is subtracted from the remaining time of the call, even if the transport did not wait. A request without its own
    /// timeout uses all of the call's remaining time.
    #[error("no answer came in time")]
    Timeout,
    /// No connection was established within [`NetworkLimits::connect`]. This time is subtracted as for `Timeout`.
    #[error("no connection was established in time")]
    ConnectTimeout,
    /// The name does not resolve to an address.
    #[error("the host's name has no address")]
    NoAddress,
    /// The server refused the connection.
    #[error("the connection was refused")]
    Refused,
    /// The connection was closed before the response.
    #[error("the connection was broken off")]
    BrokenOff,
    /// The connection was closed in the middle of the response.
    #[error("the answer was cut off")]
    Incomplete,
    /// The body of the response is longer than [`NetworkLimits::response_body`].
    #[error("the answer is too large")]
    TooLarge,
    /// The connection failed for another reason, which the text describes.
    #[error("{0}")]
    Connection(String),
    /// The request failed on the real network.
    #[error(transparent)]
    Wire(WireFailure),
}

/// A failure of the real network, which a transport that used it passes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", sentence(.0))]
pub struct WireFailure(pub(super) WireError);

/// The parts of a [`WireFailure`], from which it can be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// The host resolves to this address, to which the tool may not connect.
    Address(IpAddr),
    /// The server's certificate is not issued by a trusted authority.
    Untrusted,
    /// Any other failure.
    Failed {
        /// The status that the tool receives, as a number of `mpp_v1`.
        status: i32,
        /// A sentence that does not name the host.
        sentence: String,
    },
}

impl WireFailure {
    /// Returns the parts of the failure.
    #[must_use]
    pub fn fault(&self) -> WireFault {
        let failed = |status: Status, sentence: String| WireFault::Failed { status: status as i32, sentence };
        match &self.0 {
            WireError::Address(ConnectError::Address { address, .. }) => WireFault::Address(*address),
            WireError::Address(other) => failed(Status::Connection, other.to_string()),
            WireError::Untrusted => WireFault::Untrusted,
            WireError::Failed(status, sentence) => failed(*status, sentence.clone()),
        }
    }
}

impl From<WireFault> for WireFailure {
    /// Makes the failure again. A tool receives the same error as the first time.
    fn from(fault: WireFault) -> Self {
        Self(match fault {
            WireFault::Address(address) => match ConnectError::of_address(address) {
                Some(error) => WireError::Address(error),
                None => WireError::Failed(Status::Connection, format!("it resolves to {address}")),
            },
            WireFault::Untrusted => WireError::Untrusted,
            WireFault::Failed { status, sentence } => WireError::Failed(Status::from_code(status), sentence),
        })
    }
}

impl TransportError {
    /// Converts the error to the one that the real network would return.
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

    /// Returns how much of `time`, the timeout of the request, counts as spent.
    pub(super) fn spent(&self, time: Duration, limits: &NetworkLimits) -> Duration {
        match self {
            Self::Timeout => time,
            Self::ConnectTimeout => time.min(limits.connect),
            _ => Duration::ZERO,
        }
    }
}

/// Describes the error in a sentence that does not name the host.
fn sentence(error: &WireError) -> String {
    match error {
        WireError::Address(error) => error.to_string(),
        WireError::Untrusted => words::UNTRUSTED.to_owned(),
        WireError::Failed(_, sentence) => sentence.clone(),
    }
}

/// Sends the request of `hop` through `transport`; `over_the_wire` sends it over the real network. An error includes the
/// simulated time that the transport reports.
pub(super) fn carry(
    transport: &dyn Transport,
    hop: &Hop<'_>,
    limits: &NetworkLimits,
    over_the_wire: &dyn Fn() -> Result<Response, WireError>,
) -> Result<Response, (WireError, Duration)> {
    let wire = || over_the_wire().map_err(|error| TransportError::Wire(WireFailure(error)));
    let response = transport.carry(Request::of(hop), &wire).and_then(|response| {
        let is_too_large = response.body.len() > limits.response_body;
        if is_too_large { Err(TransportError::TooLarge) } else { Ok(response) }
    });
    response.map_err(|error| {
        let spent = error.spent(hop.time, limits);
        (error.into_wire(limits), spent)
    })
}
