//! The sentences for requests without a response, shared by the real network and transports.
//!
//! Each sentence refers to the server as `it`.

use super::limits::NetworkLimits;

pub(super) const UNTRUSTED: &str = "its certificate is not issued by an authority that this host trusts";
pub(super) const NO_ADDRESS: &str = "its name has no address";
pub(super) const REFUSED: &str = "it refused the connection";
pub(super) const BROKEN_OFF: &str = "it closed the connection";
pub(super) const NO_CONNECTION: &str = "no connection was established in time";
pub(super) const LATE: &str = "it did not respond completely in time";
pub(super) const INCOMPLETE: &str = "it closed the connection before its response was complete";

pub(super) fn too_large(limits: &NetworkLimits) -> String {
    let most = limits.response_body;
    format!("its response exceeds the limit of {most} bytes")
}
