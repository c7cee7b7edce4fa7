//! Packages for step 1, with archives that differ from what the writer produces.

use super::{Mutation, PLAIN, WORDS, add, add_all, bytes, raw, signed};
use crate::package::SIGNATURE;
use crate::package::tamper::{RawArchive, RawEntry, RawHeader};

pub(super) fn mutations() -> Vec<Mutation> {
    let mut mutations = files();
    mutations.extend(around());
    mutations.extend(fields());
    mutations.extend(directory());
    mutations.extend(entries());
    mutations
}

fn files() -> Vec<Mutation> {
    let part =
        |name: &str, part: fn(&[u8]) -> &[u8]| Mutation::new("MPP-G102", name, move |kit| part(&kit.valid()).to_vec());
    vec![
        bytes("MPP-G101", "an empty file", []),
        bytes("MPP-G101", "a text file", b"<html>404</html>".repeat(10)),
        bytes("MPP-G101", "a gzip file", [&[0x1f, 0x8b, 8, 0][..], &[0; 64]].concat()),
        bytes("MPP-G102", "only a local header", b"PK\x03\x04".to_vec()),
        part("the first half", |package| &package[..package.len() / 2]),
        part("all but the last byte", |package| &package[..package.len() - 1]),
        bytes("MPP-G116", "an archive without entries", RawArchive::new(Vec::new()).to_bytes()),
    ]
}

fn around() -> Vec<Mutation> {
    vec![
        raw("MPP-G103", "bytes before the archive", |archive| archive.prefix = b"#!/bin/sh\n".to_vec()),
        raw("MPP-G103", "an archive before the archive", |archive| archive.prefix = b"MZ".repeat(100)),
        raw("MPP-G104", "a byte after the archive", |archive| archive.suffix = b"\n".to_vec()),
        raw("MPP-G104", "an archive comment", |archive| archive.end.comment = b"hello".to_vec()),
        Mutation::new("MPP-G115", "two archives, one after the other", |kit| kit.valid().repeat(2)),
        raw("MPP-G105", "a gap between entries", |archive| archive.entry(PLAIN).after = vec![0; 8]),
        raw("MPP-G105", "a gap before the directory", |archive| archive.before_directory = b"hidden".to_vec()),
        raw("MPP-G105", "a wrong local signature", |archive| archive.entry(PLAIN).local.signature = *b"PK\x03\x05"),
        raw("MPP-G115", "a gap before the end record", |archive| archive.before_end = b"hidden".to_vec()),
    ]
}

fn fields() -> Vec<Mutation> {
    let mut mutations = vec![
        raw("MPP-G106", "the encryption flag", |archive| archive.entry(PLAIN).both(|header| header.flags = 1)),
        raw("MPP-G106", "strong encryption", |archive| archive.entry(PLAIN).both(|header| header.flags = 0x41)),
        raw("MPP-G106", "an encrypted directory", |archive| archive.entry(PLAIN).both(|header| header.flags = 0x2000)),
        raw("MPP-G107", "a data descriptor", |archive| {
            let entry = archive.entry(PLAIN);
            entry.both(|header| header.flags = 8);
            entry.after = b"PK\x07\x08............".to_vec();
        }),
        raw("MPP-G108", "the flag for UTF-8 names", |archive| archive.entry(PLAIN).both(|header| header.flags = 0x800)),
        raw("MPP-G108", "a flag for Deflate's effort", |archive| archive.entry(WORDS).both(|header| header.flags = 2)),
        raw("MPP-G109", "LZMA", |archive| archive.entry(WORDS).both(|header| header.method = 14)),
        raw("MPP-G109", "Deflate64", |archive| archive.entry(WORDS).both(|header| header.method = 9)),
        raw("MPP-G110", "a local extra field", |archive| archive.entry(PLAIN).local.extra = vec![0x55, 0x54, 0, 0]),
        raw("MPP-G110", "a central extra field", |archive| archive.entry(PLAIN).central.extra = vec![1, 0, 0, 0]),
        raw("MPP-G111", "an entry comment", |archive| archive.entry(PLAIN).central.comment = b"hello".to_vec()),
        raw("MPP-G112", "zip64 sizes", |archive| archive.entry(PLAIN).both(|header| header.unpacked = u32::MAX)),
        raw("MPP-G112", "a zip64 entry count", |archive| archive.end.entries = Some(u16::MAX)),
        raw("MPP-G112", "a zip64 directory offset", |archive| archive.end.offset = Some(u32::MAX)),
        raw("MPP-G112", "a zip64 locator", |archive| {
            archive.before_end = [b"PK\x06\x06".to_vec(), vec![0; 52], b"PK\x06\x07".to_vec(), vec![0; 16]].concat();
        }),
        raw("MPP-G113", "a symbolic link", |archive| archive.entry(PLAIN).central.external = 0o120_777 << 16),
        raw("MPP-G113", "an executable", |archive| archive.entry(PLAIN).central.external = 0o100_755 << 16),
        raw("MPP-G113", "a set-uid file", |archive| archive.entry(PLAIN).central.external = 0o104_644 << 16),
        raw("MPP-G113", "the DOS directory bit", |archive| archive.entry(PLAIN).central.external |= 0x10),
        signed("MPP-G113", "a directory", |archive| add(archive, RawEntry::stored("A/", b""))),
        raw("MPP-G120", "a stored entry that grows", |archive| {
            archive.entry(PLAIN).both(|header| header.unpacked += 1)
        }),
        raw("MPP-G120", "a deflated entry that shrinks", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked = 1)
        }),
    ];
    for (name, change) in [
        ("version needed", (|header| header.version_needed = 45) as fn(&mut RawHeader)),
        ("modification time", |header| header.time = 1),
        ("modification date", |header| header.date = 0x5a21),
        ("made by MS-DOS", |header| header.version_made_by &= 0xff),
        ("disk", |header| header.disk = 1),
        ("internal attributes", |header| header.internal = 1),
    ] {
        mutations.push(raw("MPP-G108", name, move |archive| archive.entry(PLAIN).both(change)));
    }
    mutations
}

fn directory() -> Vec<Mutation> {
    vec![
        raw("MPP-G108", "a second disk", |archive| archive.end.disk = 1),
        raw("MPP-G108", "the directory on a second disk", |archive| archive.end.directory_disk = 1),
        raw("MPP-G114", "another name in the directory", |archive| {
            archive.entry(PLAIN).central.name = b"tamper/plain.txs".to_vec()
        }),
        raw("MPP-G114", "a longer name in the directory", |archive| {
            archive.entry(PLAIN).central.name = b"tamper/plain.txtx".to_vec()
        }),
        raw("MPP-G114", "another CRC in the directory", |archive| archive.entry(PLAIN).central.crc ^= 1),
        raw("MPP-G114", "another size in the directory", |archive| archive.entry(WORDS).central.unpacked += 1),
        raw("MPP-G114", "another stored size in the directory", |archive| archive.entry(WORDS).central.stored -= 1),
        raw("MPP-G114", "another method in the directory", |archive| archive.entry(PLAIN).central.method = 8),
        raw("MPP-G115", "an entry missing from the directory", |archive| {
            archive.directory = Some((0..archive.entries.len() - 1).collect())
        }),
        raw("MPP-G115", "an entry twice in the directory", |archive| order(archive, |order| order.push(1))),
        raw("MPP-G114", "another order in the directory", |archive| order(archive, |order| order.swap(1, 2))),
        raw("MPP-G115", "a directory entry with the offset of another", |archive| {
            archive.entry(PLAIN).central.offset = Some(0)
        }),
        raw("MPP-G115", "entries that overlap", |archive| {
            let offset = 40;
            archive.entry(WORDS).central.offset = Some(offset);
        }),
        raw("MPP-G115", "too many entries counted", |archive| {
            archive.end.entries = Some(archive.entries.len() as u16 + 1)
        }),
        raw("MPP-G115", "too few entries on this disk", |archive| {
            archive.end.entries_here = Some(archive.entries.len() as u16 - 1)
        }),
        raw("MPP-G115", "a wrong directory size", |archive| archive.end.size = Some(10)),
        raw("MPP-G115", "a wrong directory offset", |archive| archive.end.offset = Some(0)),
        raw("MPP-G102", "a stored size past the end", |archive| {
            archive.entry(PLAIN).both(|header| (header.stored, header.unpacked) = (1 << 30, 1 << 30));
        }),
        raw("MPP-G105", "a boundary moved into the next entry", |archive| {
            archive.entry(PLAIN).both(|header| (header.stored, header.unpacked) = (20, 20));
        }),
    ]
}

fn entries() -> Vec<Mutation> {
    vec![
        signed("MPP-G116", "no manifest", |archive| drop(archive.entries.remove(0))),
        signed("MPP-G116", "the manifest second", |archive| archive.entries.swap(0, 1)),
        signed("MPP-G116", "entries out of order", |archive| archive.entries.swap(1, 2)),
        raw("MPP-G116", "the signature before the last entry", |archive| {
            let last = archive.entries.len() - 1;
            archive.entries.swap(last - 1, last);
        }),
        signed("MPP-G117", "the same name twice", |archive| {
            let again = archive.entries[1].clone();
            archive.entries.insert(1, again);
        }),
        raw("MPP-G117", "two signatures", |archive| {
            let again = archive.entries[archive.entries.len() - 1].clone();
            archive.entries.push(again);
        }),
        signed("MPP-G117", "two manifests", |archive| {
            let again = archive.entries[0].clone();
            archive.entries.insert(0, again);
        }),
        signed("MPP-G118", "names that differ in case", |archive| {
            add(archive, RawEntry::stored("TAMPER/PLAIN.TXT", b"x"));
        }),
        signed("MPP-G118", "a second manifest in capitals", |archive| {
            add(archive, RawEntry::stored("MANIFEST.JSON", b"{}"));
        }),
        signed("MPP-G118", "names that differ in composition", |archive| {
            add_all(archive, ["e\u{301}", "\u{e9}"].map(|name| RawEntry::stored(name, b"x")));
        }),
        signed("MPP-G119", "a file that is a directory", |archive| {
            add(archive, RawEntry::stored("tamper", b"x"));
        }),
        signed("MPP-G119", "a file that is a directory in another case", |archive| {
            add(archive, RawEntry::stored("TAMPER", b"x"));
        }),
        raw("MPP-G121", "a deflated signature", |archive| {
            let signature = archive.entry(SIGNATURE);
            *signature = RawEntry::deflated(SIGNATURE, &signature.data);
        }),
        raw("MPP-G121", "a byte flipped in the signature", |archive| archive.entry(SIGNATURE).data[40] ^= 1),
        raw("MPP-G121", "a wrong CRC of the signature", |archive| {
            archive.entry(SIGNATURE).both(|header| header.crc ^= 1);
        }),
    ]
}

/// Changes the order of the central directory.
fn order(archive: &mut RawArchive, change: impl FnOnce(&mut Vec<usize>)) {
    let mut order: Vec<usize> = (0..archive.entries.len()).collect();
    change(&mut order);
    archive.directory = Some(order);
}
