//! An independent reader, the crate `zip`, sees the same names and bytes in every archive that the strict reader accepts.

use std::io::{Cursor, Read as _};

use mpp_host::keys::{KeyRole, SigningKey};
use mpp_host::package::tamper::{Kit, RawArchive, RawEntry};
use mpp_host::package::{PackageBytes, pack};
use mpp_host::signature::sign;
use mpp_host::testing::SamplePackage;
use proptest::prelude::*;
use zip::ZipArchive;

use crate::sample;

/// Opens the archive with `zip`.
fn open(bytes: &[u8]) -> ZipArchive<Cursor<&[u8]>> {
    ZipArchive::new(Cursor::new(bytes)).unwrap_or_else(|error| panic!("`zip` refuses an accepted archive: {error}"))
}

/// Compares the headers and the stored bytes of every entry if the strict reader accepts the structure. Returns whether
/// it does.
fn agrees_about_structure(bytes: &[u8]) -> bool {
    let Some(accepted) = RawArchive::read(bytes) else { return false };
    let mut other = open(bytes);
    assert_eq!(other.len(), accepted.entries.len());
    assert!(other.comment().is_empty());
    for (index, entry) in accepted.entries.iter().enumerate() {
        let mut found = other.by_index_raw(index).unwrap();
        assert_eq!(found.name_raw(), entry.local.name);
        let header = &entry.local;
        assert_eq!(
            (found.crc32(), found.compressed_size(), found.size()),
            (header.crc, u64::from(header.stored), u64::from(header.unpacked))
        );
        let mut stored = Vec::new();
        found.read_to_end(&mut stored).unwrap();
        assert!(stored == entry.data, "other stored bytes of `{}`", entry.name());
    }
    true
}

/// Compares the names and the unpacked bytes of every entry if the Gatekeeper accepts the package. Returns whether it
/// does.
fn agrees_about_content(bytes: &[u8]) -> bool {
    let Ok(package) = sample::verify(bytes).outcome else { return false };
    let mut other = open(bytes);
    // The last entry is the signature, which is not part of the verified package.
    assert_eq!(other.len(), package.entries().count() + 1);
    for (index, (name, unpacked)) in package.entries().enumerate() {
        let mut found = other.by_index(index).unwrap();
        assert_eq!(found.name().unwrap(), name);
        assert!(!found.is_dir() && !found.is_symlink() && !found.encrypted());
        let mut read = Vec::new();
        found.read_to_end(&mut read).unwrap();
        assert!(read == unpacked, "other bytes of `{name}`");
    }
    true
}

#[test]
fn both_readers_agree_on_the_samples() {
    let development = SigningKey::from_seed(&[9; 32], KeyRole::Development);
    let samples: [PackageBytes; 4] = [
        sample::signed(),
        SamplePackage::new().sign(),
        SamplePackage::new().signed_by(development).sign(),
        SamplePackage::new().file("empty", "").file("a/b/c", [0; 100_000]).file("z", [7; 3]).sign(),
    ];
    for bytes in samples {
        assert!(agrees_about_structure(bytes.as_slice()) && agrees_about_content(bytes.as_slice()));
    }
    assert!(agrees_about_structure(sample::unsigned().bytes()));
}

#[test]
fn both_readers_agree_on_the_releases() {
    let releases = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let mut count = 0;
    for release in std::fs::read_dir(releases).unwrap() {
        let package = release.unwrap().path().join("package.mpp");
        if let Ok(bytes) = std::fs::read(package) {
            assert!(agrees_about_structure(&bytes) && agrees_about_content(&bytes));
            count += 1;
        }
    }
    assert!(count > 0, "no release was read");
}

#[test]
fn both_readers_agree_on_every_mutation_with_a_valid_structure() {
    let mut accepted = 0;
    for broken in Kit::sample().every() {
        // Step 1 checks the structure; the later steps check what the archive contains.
        let is_accepted = agrees_about_structure(&broken.bytes);
        assert!(is_accepted || broken.step() == 1, "{}: {}", broken.code, broken.name);
        accepted += usize::from(is_accepted);
        assert!(!agrees_about_content(&broken.bytes) || broken.registry_key.is_some(), "{}", broken.name);
    }
    assert!(accepted >= 100, "{accepted} archives were compared");
}

/// Content that sometimes becomes smaller when it is deflated.
fn content() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(any::<u8>(), 0..300), 1..40_usize).prop_map(|(bytes, times)| bytes.repeat(times))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn both_readers_agree_on_any_package(files in prop::collection::btree_map("[a-zA-Z0-9_][a-zA-Z0-9_.+-]{0,12}(/[a-z0-9]{1,3}){0,3}", content(), 0..8)) {
        let mut all = sample::files();
        all.extend(files);
        // Colliding names are refused.
        let Ok(unsigned) = pack(&sample::manifest(), all) else { return Ok(()) };
        let bytes = sign(unsigned, &sample::key(), &sample::toolchain()).unwrap();
        prop_assert!(agrees_about_structure(bytes.as_slice()));
        prop_assert!(agrees_about_content(bytes.as_slice()));
    }

    #[test]
    fn both_readers_agree_on_any_patched_archive(at in any::<prop::sample::Index>(), patch in prop::collection::vec(any::<u8>(), 1..24)) {
        let mut bytes = sample::signed().as_slice().to_vec();
        let at = at.index(bytes.len());
        for (byte, patch) in bytes[at..].iter_mut().zip(patch) {
            *byte = patch;
        }
        agrees_about_structure(&bytes);
    }

    #[test]
    fn both_readers_agree_on_any_signed_entry(name in prop::collection::vec(any::<u8>(), 1..24), packed in prop::collection::vec(any::<u8>(), 0..64), unpacked in 0..200_u32, deflated in any::<bool>()) {
        let mut archive = RawArchive::read(sample::signed().as_slice()).unwrap();
        let mut entry = RawEntry::stored("x", &packed);
        entry.both(|header| {
            header.name.clone_from(&name);
            if deflated {
                (header.method, header.version_needed, header.version_made_by) = (8, 20, 0x0314);
                header.unpacked = unpacked;
            }
        });
        archive.entries.insert(1, entry);
        archive.entries[1..].sort_by(|a, b| a.local.name.cmp(&b.local.name));
        archive.sign(&sample::key(), |_| {});
        let bytes = archive.to_bytes();
        agrees_about_structure(&bytes);
        agrees_about_content(&bytes);
    }
}
