//! The error of a request over the network.

use super::connector::ConnectError;
use crate::sandbox::failure::Status;

/// The error of a request over the network that has no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WireError {
    /// The name resolves to an address that the tool may not connect to.
    Address(ConnectError),
    /// The server's certificate is not issued by a trusted authority.
    Untrusted,
    /// Any other failure. The sentence refers to the server as `it`.
    Failed(Status, String),
}
