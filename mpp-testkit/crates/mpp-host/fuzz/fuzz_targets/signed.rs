//! Any bytes as entries of a package that its publisher signed: the inflater, the manifest and the module behind the signature.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::tamper::{RawArchive, RawEntry};
use mpp_host::package::{Limits, UnverifiedPackage};

static GATEKEEPER: LazyLock<Gatekeeper> =
    LazyLock::new(|| Gatekeeper::new(Limits { unpacked: 1 << 20, ..Limits::default() }, Arc::new(SystemClock::new())));
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_seed(&[7; 32], KeyRole::Publisher));

fuzz_target!(|input: (u32, Vec<u8>, Vec<u8>)| {
    let (unpacked, packed, module) = input;
    let manifest = format!(
        r#"{{"mpp_version":"1.0.0","package_id":"com.example.fuzz","version":"1.0.0","name":"fuzz","description":"x",
        "publisher":{{"name":"x","verified_key_id":"{}"}},"runtime":{{"type":"wasm32-wasi","entrypoint":"bin/main.wasm"}},
        "tool_definitions":[{{"name":"x","description":"x","parameters":{{"type":"object"}}}}]}}"#,
        KEY.id()
    );
    let mut deflated = RawEntry::stored("asset", &packed);
    deflated.both(|header| {
        (header.method, header.version_needed, header.version_made_by) = (8, 20, 0x0314);
        header.unpacked = unpacked % (1 << 16);
    });
    let module = [b"\0asm\x01\0\0\0", module.as_slice()].concat();
    for with_asset in [true, false] {
        let mut entries = vec![RawEntry::stored("manifest.json", manifest.as_bytes())];
        if with_asset {
            entries.push(deflated.clone());
        }
        entries.push(RawEntry::stored("bin/main.wasm", &module));
        let mut archive = RawArchive::new(entries);
        archive.sign(&KEY, |_| {});
        let _ = GATEKEEPER.verify(UnverifiedPackage::new(archive.to_bytes()));
    }
});
