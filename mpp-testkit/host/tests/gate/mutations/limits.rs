//! Step 2: packages over the limits; most of them signed, because a signature makes nothing smaller.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::Limits;
use mpp_host::package::tamper::RawEntry;

use super::{Case, signed, valid};

pub(crate) fn cases() -> Vec<Case> {
    let lowered = |code, name, change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        let gatekeeper = Gatekeeper::new(limits, Arc::new(SystemClock::new()));
        Case { name, code, bytes: valid().to_bytes(), gatekeeper }
    };
    vec![
        signed("MPP-G201", "an archive of 101 MiB", |archive| {
            archive.entries.push(RawEntry::stored("large", &vec![0; 101 << 20]));
        }),
        signed("MPP-G202", "1,100 entries", |archive| {
            archive.entries.extend((0..1_100).map(|n| RawEntry::stored(&format!("n{n:04}"), b"")));
        }),
        signed("MPP-G203", "a header that says 129 MiB", |archive| {
            archive.entry("assets/words.txt").both(|header| header.unpacked = 129 << 20);
        }),
        signed("MPP-G209", "a header that says 127 MiB", |archive| {
            archive.entry("assets/words.txt").both(|header| header.unpacked = 127 << 20);
        }),
        signed("MPP-G204", "three entries of 100 MiB", |archive| {
            for name in ["x0", "x1", "x2"] {
                let mut entry = RawEntry::stored(name, &vec![0; 600 << 10]);
                entry.both(|header| (header.method, header.unpacked) = (8, 100 << 20));
                entry.both(|header| (header.version_needed, header.version_made_by) = (20, 0x0314));
                archive.entries.push(entry);
            }
        }),
        signed("MPP-G205", "a manifest of 2 MiB", |archive| {
            archive.entries[0] = RawEntry::deflated("manifest.json", &b" 0123456789".repeat(200_000));
        }),
        {
            let mut archive = valid();
            *archive.entry("signature.json") = RawEntry::stored("signature.json", &vec![b' '; (2 << 20) + 1]);
            super::bytes("MPP-G206", "a signature of 2 MiB", archive.to_bytes())
        },
        signed("MPP-G207", "a name of 256 bytes", |archive| {
            archive.entries.push(RawEntry::stored(&"n".repeat(256), b""));
        }),
        signed("MPP-G202", "thousands of names that would take long to compare", |archive| {
            let name = |n: u32| format!("n{n:05}{}", "/n".repeat(120));
            archive.entries.extend((0..5_000).map(|n| RawEntry::stored(&name(n), b"")));
        }),
        signed("MPP-G207", "a name of thirty thousand levels", |archive| {
            archive.entries.push(RawEntry::stored(&["n"; 30_000].join("/"), b""));
        }),
        signed("MPP-G208", "a name of 17 levels", |archive| {
            archive.entries.push(RawEntry::stored(&["n"; 17].join("/"), b""));
        }),
        signed("MPP-G209", "a bomb", |archive| {
            archive.entries.push(RawEntry::deflated("zeros", &vec![0; 8 << 20]));
        }),
        lowered("MPP-G201", "a policy's smaller archive", |limits| limits.archive = 100),
        lowered("MPP-G202", "a policy's fewer entries", |limits| limits.entries = 4),
        lowered("MPP-G203", "a policy's smaller entry", |limits| limits.entry = 1_000),
        lowered("MPP-G204", "a policy's smaller sum", |limits| limits.unpacked = 1_500),
        lowered("MPP-G205", "a policy's smaller manifest", |limits| limits.manifest = 100),
        lowered("MPP-G206", "a policy's smaller signature", |limits| limits.signature = 100),
    ]
}

#[test]
fn a_file_over_the_limit_is_refused_by_its_length_alone() {
    let gatekeeper = crate::gate::sample::gatekeeper();
    let verification = gatekeeper.refuse_by_length(200_000_000).unwrap();
    assert_eq!(verification.outcome.unwrap_err().code, "MPP-G201");
    assert!(gatekeeper.refuse_by_length(Limits::default().archive).is_none());
}
