//! Packages for step 4, whose bytes differ from the signed ones.

use super::{Mutation, PLAIN, WORDS, add, raw, stated};
use crate::package::tamper::RawEntry;

pub(super) fn mutations() -> Vec<Mutation> {
    vec![
        raw("MPP-G401", "an entry added", |archive| add(archive, RawEntry::stored("tamper/z", b"x"))),
        raw("MPP-G401", "an empty entry added", |archive| add(archive, RawEntry::stored("tamper/z", b""))),
        raw("MPP-G401", "an entry removed", |archive| drop(archive.entries.remove(1))),
        raw("MPP-G401", "an entry renamed", |archive| {
            archive.entry(PLAIN).both(|header| header.name = b"tamper/plane.txt".to_vec());
        }),
        raw("MPP-G401", "a byte flipped in a stored entry", |archive| archive.entry(PLAIN).data[0] ^= 1),
        raw("MPP-G401", "a byte flipped in a deflated entry", |archive| archive.entry(WORDS).data[5] ^= 1),
        raw("MPP-G401", "a byte flipped in the manifest", |archive| archive.entries[0].data[30] ^= 1),
        Mutation::new("MPP-G401", "a byte flipped in the module", |kit| {
            let mut archive = kit.base.clone();
            if let Some(last) = archive.entry(&kit.entrypoint()).data.last_mut() {
                *last ^= 1;
            }
            archive.to_bytes()
        }),
        raw("MPP-G401", "a byte moved from one entry to the next", |archive| {
            let moved = archive.entry(PLAIN).data.pop();
            archive
                .entry(PLAIN)
                .both(|header| (header.stored, header.unpacked) = (header.stored - 1, header.unpacked - 1));
            archive.entry(WORDS).data.splice(..0, moved);
            archive.entry(WORDS).both(|header| header.stored += 1);
        }),
        raw("MPP-G401", "two entries' contents swapped", |archive| {
            let readme = archive.entry(PLAIN).clone();
            let words = archive.entry(WORDS).clone();
            for (name, mut other) in [(PLAIN, words), (WORDS, readme)] {
                other.both(|header| header.name = name.as_bytes().to_vec());
                *archive.entry(name) = other;
            }
        }),
        raw("MPP-G401", "the same content, compressed differently", |archive| {
            let bytes = archive.entry(WORDS).unpacked();
            *archive.entry(WORDS) = RawEntry::stored(WORDS, &bytes);
        }),
        raw("MPP-G402", "a wrong CRC", |archive| archive.entry(PLAIN).both(|header| header.crc ^= 1)),
        raw("MPP-G402", "a wrong size", |archive| archive.entry(WORDS).both(|header| header.unpacked -= 1)),
        stated("MPP-G402", "a statement about another package", |statement| {
            statement["predicate"]["content_hash"] = format!("sha256:{}", "0".repeat(64)).into();
        }),
    ]
}
