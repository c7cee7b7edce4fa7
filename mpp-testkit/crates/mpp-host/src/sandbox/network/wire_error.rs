//! The error of a request over the network.

use super::connector::ConnectError;
use crate::sandbox::failure::Status;

/// The error of a request over the network that has no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WireError {
    /// The name resolves to an address that the tool may not connect to.
    Address(ConnectError),
    /// Any other failure. The sentence refers to the server as `it`.
    Failed(Status, String),
}

impl WireError {
    /// Describes the error in a sentence that does not name the host.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Address(error) => error.to_string(),
            Self::Failed(_, sentence) => sentence.clone(),
        }
    }
}
