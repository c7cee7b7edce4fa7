//! The sentences for requests without a response, shared by the real network and transports.
//!
//! Each sentence refers to the server as `it`.

use super::limits::NetworkLimits;

pub(super) const UNTRUSTED: &str = "its certificate is not issued by an authority that this host trusts";
pub(super) const NO_ADDRESS: &str = "no address is known for it";
pub(super) const REFUSED: &str = "it refuses the connection";
pub(super) const BROKEN_OFF: &str = "it broke off the connection";
pub(super) const NO_CONNECTION: &str = "no connection came about in time";
pub(super) const LATE: &str = "it did not answer completely in time";
pub(super) const INCOMPLETE: &str = "it broke off before its answer was complete";

pub(super) fn too_large(limits: &NetworkLimits) -> String {
    let most = limits.response_body;
    format!("it answered with more than the {most} bytes that are the most")
}
