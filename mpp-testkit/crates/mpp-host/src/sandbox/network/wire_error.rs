//! The error of a request over the wire.

use super::connector::ConnectError;
use crate::sandbox::failure::Status;

/// A request over the wire got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WireError {
    /// The name leads to an address that the tool may not connect to.
    Address(ConnectError),
    /// Anything else. The sentence calls the server `it`.
    Failed(Status, String),
}

impl WireError {
    /// Describes what happened, without naming the host.
    pub(super) fn sentence(&self) -> String {
        match self {
            Self::Address(error) => error.to_string(),
            Self::Failed(_, sentence) => sentence.clone(),
        }
    }
}
