//! Properties that hold for any input.

use mpp_host::keys::{PublicKey, SigningKey};
use mpp_host::package::tamper::{RawArchive, RawEntry};
use mpp_host::package::{Manifest, UnverifiedPackage, pack};
use mpp_host::signature::{dsse::Envelope, sign, unsign};
use proptest::prelude::*;

use crate::sample;

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9_]{1,6}(/[A-Za-z0-9_][A-Za-z0-9._+-]{0,4}){0,2}".prop_map(|name| format!("f_{name}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        prop_assert!(sample::verify(bytes.clone()).outcome.is_err());
        prop_assert!(Manifest::parse(&bytes).is_err());
        prop_assert!(Envelope::parse(&bytes).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(SigningKey::from_pem(&text, Some("x")).is_err());
        prop_assert!(PublicKey::from_pem(&text).is_err());
    }

    #[test]
    fn any_patch_of_a_package_is_refused(at in any::<prop::sample::Index>(), patch in prop::collection::vec(any::<u8>(), 1..16)) {
        let valid = sample::signed().as_slice().to_vec();
        let mut bytes = valid.clone();
        let at = at.index(bytes.len());
        for (byte, patch) in bytes[at..].iter_mut().zip(patch) {
            *byte = patch;
        }
        prop_assume!(bytes != valid);
        prop_assert!(sample::verify(bytes).outcome.is_err());
    }

    #[test]
    fn any_files_round_trip(files in prop::collection::btree_map(name(), prop::collection::vec(any::<u8>(), 0..200), 0..6)) {
        let mut all = sample::files();
        all.extend(files);
        let Ok(unsigned) = pack(&sample::manifest(), all.clone()) else {
            // One name is a directory of another, or two names are equal in lower case.
            return Ok(());
        };
        let bytes = sign(unsigned, &sample::key(), &sample::toolchain()).unwrap();
        let package = sample::verify(bytes.clone()).outcome.unwrap();
        for (name, bytes) in all {
            prop_assert_eq!(package.entry(&name), Some(bytes.as_slice()));
        }
        let (unsigned, toolchain) = unsign(&UnverifiedPackage::new(bytes.clone())).unwrap();
        prop_assert_eq!(sign(unsigned, &sample::key(), &toolchain.unwrap()).unwrap(), bytes);
    }

    #[test]
    fn wrong_sizes_and_checksums_are_refused_even_if_signed(field in 0..5_usize, value in any::<u32>(), entry in 1..4_usize) {
        let mut archive = RawArchive::read(sample::signed().as_slice()).unwrap();
        let before = archive.to_bytes();
        archive.entries[entry].both(|header| match field {
            0 => header.crc = value,
            1 => header.stored = value,
            2 => header.unpacked = value,
            3 => header.external = value,
            _ => header.method = value as u16,
        });
        archive.sign(&sample::key(), |_| {});
        prop_assume!(archive.to_bytes() != before);
        prop_assert!(sample::verify(archive.to_bytes()).outcome.is_err());
    }

    #[test]
    fn any_module_is_refused_or_valid_without_a_panic(module in prop::collection::vec(any::<u8>(), 0..256)) {
        let mut archive = RawArchive::read(sample::signed().as_slice()).unwrap();
        let module = [b"\0asm\x01\0\0\0".as_slice(), &module].concat();
        *archive.entry("bin/main.wasm") = RawEntry::stored("bin/main.wasm", &module);
        archive.sign(&sample::key(), |_| {});
        prop_assert!(sample::verify(archive.to_bytes()).outcome.is_err());
    }
}
