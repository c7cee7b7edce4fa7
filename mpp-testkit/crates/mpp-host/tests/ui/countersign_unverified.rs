//! error: E0308
//! Countersigns a package that was not verified.

use mpp_host::keys::SigningKey;
use mpp_host::package::{PackageBytes, UnverifiedPackage};
use mpp_host::signature::{SignError, countersign};

pub fn registry(uploaded: Vec<u8>, key: &SigningKey) -> Result<PackageBytes, SignError> {
    countersign(&UnverifiedPackage::new(uploaded), key)
}
