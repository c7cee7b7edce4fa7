//! The layout and constant values of the archive's headers, shared by the writer and the reader.
//!
//! Numbers and offsets are those of PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central
//! directory header) and 4.3.16 (end of central directory record).

use crate::codes::{self, Code};

/// The signature of a local header.
pub(crate) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// The signature of a central directory header.
pub(crate) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// The signature of the end record.
pub(crate) const END: [u8; 4] = *b"PK\x05\x06";
/// The signature of the zip64 end record's locator, which this format does not allow.
pub(crate) const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";

/// Size in bytes of a local header without the name.
pub(crate) const LOCAL_SIZE: usize = 30;
/// Size in bytes of a central directory header without the name.
pub(crate) const CENTRAL_SIZE: usize = 46;
/// Size in bytes of the end record.
pub(crate) const END_SIZE: usize = 22;

const FLAGS: u16 = 0;
const TIME: u16 = 0;
/// 1980-01-01, the first date that the DOS format can represent.
const DATE: u16 = (1 << 5) | 1;
const UNIX: u16 = 3 << 8;
/// A regular file with the mode `rw-r--r--`, in the upper half of the field as Unix archivers write it.
const REGULAR_0644: u32 = 0o100_644 << 16;
const NONE: u16 = 0;

/// The compression method of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflated,
}

impl Method {
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflated => 8,
        }
    }

    pub(crate) fn from_code(code: u16) -> Option<Self> {
        match code {
            0 => Some(Self::Stored),
            8 => Some(Self::Deflated),
            _ => None,
        }
    }

    fn version_needed(self) -> u16 {
        match self {
            Self::Stored => 10,
            Self::Deflated => 20,
        }
    }
}

/// The variable fields of an entry, which both of its headers contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) method: Method,
    pub(crate) crc: u32,
    pub(crate) stored: u32,
    pub(crate) unpacked: u32,
    pub(crate) name: u16,
}

/// Returns a local header.
pub(crate) fn local(facts: &Facts) -> [u8; LOCAL_SIZE] {
    let mut header = Header::<LOCAL_SIZE>::new(LOCAL);
    header.u16(facts.method.version_needed());
    header.common(facts);
    header.u16(NONE); // extra field
    header.bytes
}

/// Returns a central directory header for the local header at `offset`.
pub(crate) fn central(facts: &Facts, offset: u32) -> [u8; CENTRAL_SIZE] {
    let mut header = Header::<CENTRAL_SIZE>::new(CENTRAL);
    header.u16(UNIX | facts.method.version_needed());
    header.u16(facts.method.version_needed());
    header.common(facts);
    header.u16(NONE); // extra field
    header.u16(NONE); // comment
    header.u16(NONE); // disk
    header.u16(NONE); // internal attributes
    header.u32(REGULAR_0644);
    header.u32(offset);
    header.bytes
}

/// Returns the end record for a central directory with `entries` headers in `size` bytes at `offset`.
pub(crate) fn end(entries: u16, size: u32, offset: u32) -> [u8; END_SIZE] {
    let mut header = Header::<END_SIZE>::new(END);
    header.u16(NONE); // this disk
    header.u16(NONE); // the directory's disk
    header.u16(entries);
    header.u16(entries);
    header.u32(size);
    header.u32(offset);
    header.u16(NONE); // comment
    header.bytes
}

struct Header<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Header<N> {
    fn new(signature: [u8; 4]) -> Self {
        let mut header = Self { bytes: [0; N], at: 0 };
        header.put(&signature);
        header
    }

    fn common(&mut self, facts: &Facts) {
        self.u16(FLAGS);
        self.u16(facts.method.code());
        self.u16(TIME);
        self.u16(DATE);
        self.u32(facts.crc);
        self.u32(facts.stored);
        self.u32(facts.unpacked);
        self.u16(facts.name);
    }

    fn u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes[self.at..self.at + bytes.len()].copy_from_slice(bytes);
        self.at += bytes.len();
    }
}

/// A field of a header: its name, offset and size, and the code for an unexpected value.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) at: usize,
    pub(crate) size: usize,
    pub(crate) code: &'static Code,
}

const fn field(name: &'static str, at: usize, size: usize, code: &'static Code) -> Field {
    Field { name, at, size, code }
}

/// The fields of a local header, the most informative first.
pub(crate) const LOCAL_FIELDS: &[Field] = &[
    field("extra field length", 28, 2, &codes::G110),
    field("version needed", 4, 2, &codes::G108),
    field("modification time", 10, 2, &codes::G108),
    field("modification date", 12, 2, &codes::G108),
];

/// The fields of a central directory header, the most informative first.
pub(crate) const CENTRAL_FIELDS: &[Field] = &[
    field("extra field length", 30, 2, &codes::G110),
    field("comment length", 32, 2, &codes::G111),
    field("external attributes", 38, 4, &codes::G113),
    field("compression method", 10, 2, &codes::G114),
    field("CRC-32", 16, 4, &codes::G114),
    field("stored size", 20, 4, &codes::G114),
    field("unpacked size", 24, 4, &codes::G114),
    field("name length", 28, 2, &codes::G114),
    field("local header offset", 42, 4, &codes::G115),
    field("version made by", 4, 2, &codes::G108),
    field("version needed", 6, 2, &codes::G108),
    field("modification time", 12, 2, &codes::G108),
    field("modification date", 14, 2, &codes::G108),
    field("disk number", 34, 2, &codes::G108),
    field("internal attributes", 36, 2, &codes::G108),
];

/// The fields of the end record, the most informative first.
pub(crate) const END_FIELDS: &[Field] = &[
    field("comment length", 20, 2, &codes::G104),
    field("disk number", 4, 2, &codes::G108),
    field("directory disk number", 6, 2, &codes::G108),
    field("entries on this disk", 8, 2, &codes::G115),
    field("entries", 10, 2, &codes::G115),
    field("directory size", 12, 4, &codes::G115),
    field("directory offset", 16, 4, &codes::G115),
];

/// Returns the first field in which the headers differ, with the value found and the value expected.
pub(crate) fn difference(
    fields: &'static [Field],
    found: &[u8],
    expected: &[u8],
) -> Option<(&'static Field, u32, u32)> {
    fields
        .iter()
        .map(|field| (field, number(found, field.at, field.size), number(expected, field.at, field.size)))
        .find(|(_, found, expected)| found != expected)
}

/// Returns the little-endian number of `size` bytes at `at`, or 0 if it reaches past the end.
pub(crate) fn number(bytes: &[u8], at: usize, size: usize) -> u32 {
    let field = bytes.get(at..at + size).unwrap_or_default();
    field.iter().rev().fold(0, |value, byte| (value << 8) | u32::from(*byte))
}
