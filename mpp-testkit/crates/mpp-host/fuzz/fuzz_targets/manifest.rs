//! Parses any bytes as a manifest: nothing panics, and an accepted manifest round-trips.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mpp_host::package::Manifest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = Manifest::parse(bytes) {
        let written = manifest.to_json();
        let again = Manifest::parse(&written).expect("what was written is read");
        assert_eq!(again.to_json(), written);
    }
});
