//! How a host function fails: a status for the guest, and the sentence that explains it.

pub(crate) use mpp_sdk::wire::Status;

/// A status and the sentence that goes with it.
pub(crate) type Failure = (Status, String);
