//! Step 1: archives that are not exactly as the writer writes them.

use mpp_host::package::tamper::{RawArchive, RawEntry};

use super::{Case, bytes, raw, signed, valid};
use crate::gate::sample;

const README: &str = "README.md";
const WORDS: &str = "assets/words.txt";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = files();
    cases.extend(around());
    cases.extend(fields());
    cases.extend(directory());
    cases.extend(entries());
    cases
}

fn files() -> Vec<Case> {
    let package = sample::signed();
    let package = package.as_slice();
    vec![
        bytes("MPP-G101", "an empty file", []),
        bytes("MPP-G101", "a text file", b"<html>404</html>".repeat(10)),
        bytes("MPP-G101", "two hundred megabytes of zeros", vec![0; 200_000_000]),
        bytes("MPP-G101", "a gzip file", [&[0x1f, 0x8b, 8, 0][..], &[0; 64]].concat()),
        bytes("MPP-G102", "a local header and nothing else", b"PK\x03\x04".to_vec()),
        bytes("MPP-G102", "the first half", &package[..package.len() / 2]),
        bytes("MPP-G102", "all but the last byte", &package[..package.len() - 1]),
        bytes("MPP-G116", "an archive without entries", RawArchive::new(Vec::new()).to_bytes()),
    ]
}

fn around() -> Vec<Case> {
    vec![
        raw("MPP-G103", "bytes before the archive", |archive| archive.prefix = b"#!/bin/sh\n".to_vec()),
        raw("MPP-G103", "a whole archive before it", |archive| archive.prefix = b"MZ".repeat(100)),
        raw("MPP-G104", "a byte after the archive", |archive| archive.suffix = b"\n".to_vec()),
        raw("MPP-G104", "an archive comment", |archive| archive.end.comment = b"hello".to_vec()),
        bytes("MPP-G115", "two archives, one after the other", sample::signed().as_slice().repeat(2)),
        raw("MPP-G105", "a gap between entries", |archive| archive.entry(README).after = vec![0; 8]),
        raw("MPP-G105", "a gap before the directory", |archive| archive.before_directory = b"hidden".to_vec()),
        raw("MPP-G105", "a wrong local signature", |archive| archive.entry(README).local.signature = *b"PK\x03\x05"),
        raw("MPP-G115", "a gap before the end record", |archive| archive.before_end = b"hidden".to_vec()),
    ]
}

fn fields() -> Vec<Case> {
    let mut cases = vec![
        raw("MPP-G106", "the encryption flag", |archive| archive.entry(README).both(|header| header.flags = 1)),
        raw("MPP-G106", "strong encryption", |archive| archive.entry(README).both(|header| header.flags = 0x41)),
        raw("MPP-G106", "an encrypted directory", |archive| archive.entry(README).both(|header| header.flags = 0x2000)),
        raw("MPP-G107", "a data descriptor", |archive| {
            let entry = archive.entry(README);
            entry.both(|header| header.flags = 8);
            entry.after = b"PK\x07\x08............".to_vec();
        }),
        raw("MPP-G108", "the flag for UTF-8 names", |archive| {
            archive.entry(README).both(|header| header.flags = 0x800)
        }),
        raw("MPP-G108", "a flag for Deflate's effort", |archive| archive.entry(WORDS).both(|header| header.flags = 2)),
        raw("MPP-G109", "LZMA", |archive| archive.entry(WORDS).both(|header| header.method = 14)),
        raw("MPP-G109", "Deflate64", |archive| archive.entry(WORDS).both(|header| header.method = 9)),
        raw("MPP-G110", "a local extra field", |archive| archive.entry(README).local.extra = vec![0x55, 0x54, 0, 0]),
        raw("MPP-G110", "a central extra field", |archive| archive.entry(README).central.extra = vec![1, 0, 0, 0]),
        raw("MPP-G111", "an entry comment", |archive| archive.entry(README).central.comment = b"hello".to_vec()),
        raw("MPP-G112", "zip64 sizes", |archive| archive.entry(README).both(|header| header.unpacked = u32::MAX)),
        raw("MPP-G112", "a zip64 entry count", |archive| archive.end.entries = Some(u16::MAX)),
        raw("MPP-G112", "a zip64 directory offset", |archive| archive.end.offset = Some(u32::MAX)),
        raw("MPP-G112", "a zip64 locator", |archive| {
            archive.before_end = [b"PK\x06\x06".to_vec(), vec![0; 52], b"PK\x06\x07".to_vec(), vec![0; 16]].concat();
        }),
        raw("MPP-G113", "a symbolic link", |archive| archive.entry(README).central.external = 0o120_777 << 16),
        raw("MPP-G113", "an executable", |archive| archive.entry(README).central.external = 0o100_755 << 16),
        raw("MPP-G113", "a set-uid file", |archive| archive.entry(README).central.external = 0o104_644 << 16),
        raw("MPP-G113", "the DOS directory bit", |archive| archive.entry(README).central.external |= 0x10),
        signed("MPP-G113", "a directory", |archive| archive.entries.insert(1, RawEntry::stored("A/", b""))),
        raw("MPP-G120", "a stored entry that grows", |archive| {
            archive.entry(README).both(|header| header.unpacked += 1)
        }),
        raw("MPP-G120", "a deflated entry that shrinks", |archive| {
            archive.entry(WORDS).both(|header| header.unpacked = 1)
        }),
    ];
    for (name, change) in [
        ("version needed", (|header| header.version_needed = 45) as fn(&mut mpp_host::package::tamper::RawHeader)),
        ("modification time", |header| header.time = 1),
        ("modification date", |header| header.date = 0x5a21),
        ("made by MS-DOS", |header| header.version_made_by &= 0xff),
        ("disk", |header| header.disk = 1),
        ("internal attributes", |header| header.internal = 1),
    ] {
        cases.push(raw("MPP-G108", name, |archive| archive.entry(README).both(change)));
    }
    cases
}

fn directory() -> Vec<Case> {
    vec![
        raw("MPP-G108", "a second disk", |archive| archive.end.disk = 1),
        raw("MPP-G108", "the directory on a second disk", |archive| archive.end.directory_disk = 1),
        raw("MPP-G114", "another name in the directory", |archive| {
            archive.entry(README).central.name = b"README.ma".to_vec()
        }),
        raw("MPP-G114", "a longer name in the directory", |archive| {
            archive.entry(README).central.name = b"README.mdx".to_vec()
        }),
        raw("MPP-G114", "another CRC in the directory", |archive| archive.entry(README).central.crc ^= 1),
        raw("MPP-G114", "another size in the directory", |archive| archive.entry(WORDS).central.unpacked += 1),
        raw("MPP-G114", "another stored size in the directory", |archive| archive.entry(WORDS).central.stored -= 1),
        raw("MPP-G114", "another method in the directory", |archive| archive.entry(README).central.method = 8),
        raw("MPP-G115", "an entry missing from the directory", |archive| archive.directory = Some(vec![0, 1, 2, 3])),
        raw("MPP-G115", "an entry twice in the directory", |archive| archive.directory = Some(vec![0, 1, 2, 3, 4, 4])),
        raw("MPP-G114", "another order in the directory", |archive| archive.directory = Some(vec![0, 2, 1, 3, 4])),
        raw("MPP-G115", "a directory entry at another's place", |archive| {
            archive.entry(README).central.offset = Some(0)
        }),
        raw("MPP-G115", "entries that overlap", |archive| {
            let offset = 40;
            archive.entry(WORDS).central.offset = Some(offset);
        }),
        raw("MPP-G115", "too many entries counted", |archive| archive.end.entries = Some(6)),
        raw("MPP-G115", "too few entries on this disk", |archive| archive.end.entries_here = Some(4)),
        raw("MPP-G115", "a wrong directory size", |archive| archive.end.size = Some(10)),
        raw("MPP-G115", "a wrong directory offset", |archive| archive.end.offset = Some(0)),
        raw("MPP-G102", "a stored size past the end", |archive| {
            archive.entry(README).both(|header| (header.stored, header.unpacked) = (1 << 30, 1 << 30));
        }),
        raw("MPP-G105", "a boundary moved into the next entry", |archive| {
            archive.entry(README).both(|header| (header.stored, header.unpacked) = (20, 20));
        }),
    ]
}

fn entries() -> Vec<Case> {
    vec![
        signed("MPP-G116", "no manifest", |archive| drop(archive.entries.remove(0))),
        signed("MPP-G116", "the manifest second", |archive| archive.entries.swap(0, 1)),
        signed("MPP-G116", "entries out of order", |archive| archive.entries.swap(1, 2)),
        raw("MPP-G116", "the signature before the last entry", |archive| archive.entries.swap(3, 4)),
        signed("MPP-G117", "the same name twice", |archive| {
            let again = archive.entries[1].clone();
            archive.entries.insert(1, again);
        }),
        raw("MPP-G117", "two signatures", |archive| {
            let again = archive.entries[4].clone();
            archive.entries.push(again);
        }),
        signed("MPP-G117", "two manifests", |archive| {
            let again = archive.entries[0].clone();
            archive.entries.insert(0, again);
        }),
        signed("MPP-G118", "names that differ in case", |archive| {
            archive.entries.insert(1, RawEntry::stored("README.MD", b"x"));
        }),
        signed("MPP-G118", "a second manifest in capitals", |archive| {
            archive.entries.insert(1, RawEntry::stored("MANIFEST.JSON", b"{}"));
        }),
        signed("MPP-G118", "names that differ in composition", |archive| {
            archive.entries.push(RawEntry::stored("e\u{301}", b"x"));
            archive.entries.push(RawEntry::stored("\u{e9}", b"x"));
        }),
        signed("MPP-G119", "a file that is a directory", |archive| {
            archive.entries.insert(2, RawEntry::stored("assets", b"x"));
        }),
        signed("MPP-G119", "a file that is a directory in another case", |archive| {
            archive.entries.insert(1, RawEntry::stored("ASSETS", b"x"));
        }),
        raw("MPP-G121", "a deflated signature", |archive| {
            let signature = archive.entries.pop().unwrap();
            archive.entries.push(RawEntry::deflated("signature.json", &signature.data));
        }),
        raw("MPP-G121", "a byte flipped in the signature", |archive| archive.entry("signature.json").data[40] ^= 1),
        bytes("MPP-G121", "a wrong CRC of the signature", {
            let mut archive = valid();
            archive.entry("signature.json").both(|header| header.crc ^= 1);
            archive.to_bytes()
        }),
    ]
}
