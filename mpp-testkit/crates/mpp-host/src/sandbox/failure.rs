//! The failure of a host function: a status for the guest, and a message that explains it.

pub(crate) use mpp_sdk::wire::Status;

/// A status, and the message that explains it.
pub(crate) type Failure = (Status, String);
