//! Hosts of mocks and faults, compared with the hosts that a manifest declares.

use mpp_host::package::manifest::{HostPattern, NetworkEntry};
use mpp_host::wire::nearest;

use crate::error::PrepareError;

/// Returns whether two hosts are the same, whether or not their port is written out.
pub(crate) fn same_host(a: &str, b: &str) -> bool {
    a == b || matches!((HostPattern::parse(a), HostPattern::parse(b)), (Ok(a), Ok(b)) if a.covers(&b) && b.covers(&a))
}

/// Refuses a host that the manifest does not declare: the host never sends a request to it, so that a mock or fault for
/// it would have no effect. `subject` is the mock or fault.
pub(crate) fn check_host(host: &str, subject: &str, declared: &[NetworkEntry]) -> Result<(), PrepareError> {
    let wanted = HostPattern::parse(host).map_err(|source| PrepareError::InvalidHost {
        subject: subject.to_owned(),
        host: host.to_owned(),
        source,
    })?;
    let hosts: Vec<&str> = declared.iter().map(NetworkEntry::host).collect();
    let patterns = hosts.iter().filter_map(|host| HostPattern::parse(host).ok());
    if !wanted.is_below() && patterns.into_iter().any(|pattern| pattern.covers(&wanted)) {
        return Ok(());
    }
    Err(PrepareError::UndeclaredHost {
        subject: subject.to_owned(),
        host: host.to_owned(),
        nearest: nearest(host, hosts.iter().copied()).map(str::to_owned),
        declared: hosts.into_iter().map(str::to_owned).collect(),
    })
}
