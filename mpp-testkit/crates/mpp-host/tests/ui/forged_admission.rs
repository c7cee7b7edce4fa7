//! error: E0451
//! Claims that a package is signed by an own key.

use mpp_host::{Admission, CallOptions, ClearanceRequest, Grant, Host, Policy, TrustStore, Unattended};

pub fn front_end(host: &Host, trust: &TrustStore, policy: &Policy) -> Result<String, Box<dyn std::error::Error>> {
    let package = host.verify(std::fs::read("contacts.mpp")?).outcome?;
    let admission = Admission { trust: mpp_host::trust::Trust::Own, ..trust.admit(&package)? };
    let cleared = host.clear(&ClearanceRequest::new(&package, policy, trust, &Unattended).call("find", "{}"))?;
    let runnable = host.load(package)?.grant(Grant::new(admission, cleared.clearance))?;
    let options = CallOptions::new().clearance(cleared.tool);
    Ok(runnable.call_with("find", "{}", options).json())
}
