//! Step 4: bytes that are not those that were signed.

use mpp_host::package::tamper::RawEntry;
use mpp_host::signature::{Change, EntryChange, SignatureOutcome};

use super::{Case, raw, stated, valid};
use crate::gate::sample;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        raw("MPP-G401", "an entry added", |archive| archive.entries.insert(4, RawEntry::stored("z", b"x"))),
        raw("MPP-G401", "an empty entry added", |archive| archive.entries.insert(4, RawEntry::stored("z", b""))),
        raw("MPP-G401", "an entry removed", |archive| drop(archive.entries.remove(1))),
        raw("MPP-G401", "an entry renamed", |archive| {
            archive.entry("README.md").both(|header| header.name = b"READYOU.md".to_vec());
        }),
        raw("MPP-G401", "a byte flipped in a stored entry", |archive| archive.entry("README.md").data[0] ^= 1),
        raw("MPP-G401", "a byte flipped in a deflated entry", |archive| archive.entry("assets/words.txt").data[5] ^= 1),
        raw("MPP-G401", "a byte flipped in the manifest", |archive| archive.entries[0].data[30] ^= 1),
        raw("MPP-G401", "a byte flipped in the module", |archive| {
            *archive.entry("bin/main.wasm").data.last_mut().unwrap() ^= 1;
        }),
        raw("MPP-G401", "a byte moved over the boundary of two entries", |archive| {
            let moved = archive.entry("README.md").data.pop().unwrap();
            archive
                .entry("README.md")
                .both(|header| (header.stored, header.unpacked) = (header.stored - 1, header.unpacked - 1));
            archive.entry("assets/words.txt").data.insert(0, moved);
            archive.entry("assets/words.txt").both(|header| header.stored += 1);
        }),
        raw("MPP-G401", "two entries' contents swapped", |archive| {
            let readme = archive.entry("README.md").clone();
            let words = archive.entry("assets/words.txt").clone();
            for (name, mut other) in [("README.md", words), ("assets/words.txt", readme)] {
                other.both(|header| header.name = name.as_bytes().to_vec());
                *archive.entry(name) = other;
            }
        }),
        raw("MPP-G401", "the same content packed in another way", |archive| {
            let bytes = archive.entry("assets/words.txt").unpacked();
            *archive.entry("assets/words.txt") = RawEntry::stored("assets/words.txt", &bytes);
        }),
        raw("MPP-G402", "a lying CRC", |archive| archive.entry("README.md").both(|header| header.crc ^= 1)),
        raw("MPP-G402", "a lying size", |archive| {
            archive.entry("assets/words.txt").both(|header| header.unpacked -= 1)
        }),
        stated("MPP-G402", "a statement about another package", |statement| {
            statement["predicate"]["content_hash"] = format!("sha256:{}", "0".repeat(64)).into();
        }),
    ]
}

#[test]
fn says_which_entries_were_added_removed_and_changed() {
    let mut archive = valid();
    archive.entries.remove(1);
    archive.entries.insert(3, RawEntry::stored("z", b"x"));
    archive.entry("bin/main.wasm").data[8] ^= 1;
    let refusal = sample::verify(archive.to_bytes()).outcome.unwrap_err();
    let change = |entry: &str, change| EntryChange { entry: entry.to_owned(), change };
    let changes = vec![
        change("bin/main.wasm", Change::Changed),
        change("z", Change::Added),
        change("README.md", Change::Removed),
    ];
    assert_eq!(refusal.signature_outcome.as_deref(), Some(&SignatureOutcome::ContentChanged { changes }));
    assert_eq!(refusal.entry.as_deref(), Some("bin/main.wasm"));
}
