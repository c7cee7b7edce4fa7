//! Signs any bytes as entries of a package, to reach the inflater, the manifest and the module behind the signature.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::SigningKey;
use mpp_host::package::tamper::{RawArchive, RawEntry};
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::testing::SamplePackage;

static GATEKEEPER: LazyLock<Gatekeeper> = LazyLock::new(|| {
    let mut limits = Limits::default();
    limits.unpacked = 1 << 20;
    Gatekeeper::new(limits, Arc::new(SystemClock::new()))
});
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SamplePackage::new().key().clone());
/// The entry of a valid manifest that names the key.
static MANIFEST: LazyLock<RawEntry> = LazyLock::new(|| {
    let mut valid = RawArchive::read(SamplePackage::new().sign().as_slice()).expect("a valid archive");
    valid.entry("manifest.json").clone()
});

fuzz_target!(|input: (u32, Vec<u8>, Vec<u8>)| {
    let (unpacked, packed, module) = input;
    let mut deflated = RawEntry::stored("asset", &packed);
    deflated.both(|header| {
        (header.method, header.version_needed, header.version_made_by) = (8, 20, 0x0314);
        header.unpacked = unpacked % (1 << 16);
    });
    let module = [b"\0asm\x01\0\0\0", module.as_slice()].concat();
    for with_asset in [true, false] {
        let mut entries = vec![MANIFEST.clone()];
        if with_asset {
            entries.push(deflated.clone());
        }
        entries.push(RawEntry::stored("bin/main.wasm", &module));
        let mut archive = RawArchive::new(entries);
        archive.sign(&KEY, |_| {});
        let _ = GATEKEEPER.verify(UnverifiedPackage::new(archive.to_bytes()));
    }
});
