//! Verifies any bytes as a package: nothing panics, and an accepted archive is written back unchanged.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::tamper::RawArchive;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::signature::unsign;

static GATEKEEPER: LazyLock<Gatekeeper> = LazyLock::new(|| {
    let mut limits = Limits::default();
    limits.unpacked = 1 << 20;
    Gatekeeper::new(limits, Arc::new(SystemClock::new()))
});

fuzz_target!(|bytes: &[u8]| {
    // An accepted structure has exactly one encoding.
    if let Some(archive) = RawArchive::read(bytes) {
        assert_eq!(archive.to_bytes(), bytes);
    }
    let package = UnverifiedPackage::new(bytes);
    let _ = unsign(&package);
    let _ = GATEKEEPER.verify(package);
});
