//! Packages for step 2, which exceed the limits; most are signed, because a signature does not excuse excess size.

use super::{Mutation, WORDS, add, add_all, raw, signed};
use crate::package::SIGNATURE;
use crate::package::tamper::RawEntry;

pub(super) fn mutations() -> Vec<Mutation> {
    vec![
        signed("MPP-G201", "an archive of 101 MiB", |archive| {
            add(archive, RawEntry::stored("large", &vec![0; 101 << 20]));
        }),
        signed("MPP-G202", "1,100 entries", |archive| {
            add_all(archive, (0..1_100).map(|n| RawEntry::stored(&format!("n{n:04}"), b"")));
        }),
        signed("MPP-G202", "thousands of names that would take long to compare", |archive| {
            let name = |n: u32| format!("n{n:05}{}", "/n".repeat(120));
            add_all(archive, (0..5_000).map(|n| RawEntry::stored(&name(n), b"")));
        }),
        signed("MPP-G203", "a header that says 129 MiB", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked = 129 << 20);
        }),
        signed("MPP-G204", "three entries of 100 MiB", |archive| {
            for name in ["x0", "x1", "x2"] {
                let mut entry = RawEntry::stored(name, &vec![0; 600 << 10]);
                entry.both(|header| (header.method, header.unpacked) = (8, 100 << 20));
                entry.both(|header| (header.version_needed, header.version_made_by) = (20, 0x0314));
                add(archive, entry);
            }
        }),
        signed("MPP-G205", "a manifest of 2 MiB", |archive| {
            archive.entries[0] = RawEntry::deflated("manifest.json", &b" 0123456789".repeat(200_000));
        }),
        raw("MPP-G206", "a signature of 2 MiB", |archive| {
            *archive.entry(SIGNATURE) = RawEntry::stored(SIGNATURE, &vec![b' '; (2 << 20) + 1]);
        }),
        signed("MPP-G207", "a name of 256 bytes", |archive| {
            add(archive, RawEntry::stored(&"n".repeat(256), b""));
        }),
        signed("MPP-G207", "a name of thirty thousand levels", |archive| {
            add(archive, RawEntry::stored(&["n"; 30_000].join("/"), b""));
        }),
        signed("MPP-G208", "a name of 17 levels", |archive| {
            add(archive, RawEntry::stored(&["n"; 17].join("/"), b""));
        }),
        signed("MPP-G209", "a header that says 127 MiB", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked = 127 << 20);
        }),
        signed("MPP-G209", "a bomb", |archive| {
            add(archive, RawEntry::deflated("zeros", &vec![0; 8 << 20]));
        }),
    ]
}
