//! error: E0061
//! Grants a package without a decision about its publisher.

use mpp_host::{CallOptions, ClearanceRequest, Grant, Host, Policy, TrustStore, Unattended};

pub fn front_end(host: &Host, trust: &TrustStore, policy: &Policy) -> Result<String, Box<dyn std::error::Error>> {
    let package = host.verify(std::fs::read("contacts.mpp")?).outcome?;
    let admission = trust.admit(&package)?;
    let cleared = host.clear(&ClearanceRequest::new(&package, policy, trust, &Unattended).call("find", "{}"))?;
    let runnable = host.load(package)?.grant(Grant::new(cleared.clearance))?;
    let options = CallOptions::new().clearance(cleared.tool);
    Ok(runnable.call_with("find", "{}", options).json())
}
