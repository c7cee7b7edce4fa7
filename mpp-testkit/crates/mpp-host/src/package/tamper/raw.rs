//! An archive in which every field can be forged, and signatures over such archives.

use flate2::{Decompress, FlushDecompress};
use serde_json::Value;

use crate::keys::SigningKey;
use crate::package::archive::{self, Listing};
use crate::package::layout::Method;
use crate::package::{ContentHash, SIGNATURE, hex, inflate, sha256};
use crate::signature::dsse::{Envelope, IN_TOTO};
use crate::signature::{EntryDigest, Predicate, Statement, Toolchain};

/// An archive as its individual fields.
#[derive(Debug, Clone)]
pub struct RawArchive {
    /// Bytes before the first entry.
    pub prefix: Vec<u8>,
    /// The entries, in the order of their local headers.
    pub entries: Vec<RawEntry>,
    /// Order of the central directory, as indices into `entries`; `None` for the order of `entries`.
    pub directory: Option<Vec<usize>>,
    /// Bytes between the last entry and the central directory.
    pub before_directory: Vec<u8>,
    /// Bytes between the central directory and the end record.
    pub before_end: Vec<u8>,
    /// The end record.
    pub end: RawEnd,
    /// Bytes after the end record.
    pub suffix: Vec<u8>,
}

/// An entry of an archive.
#[derive(Debug, Clone)]
pub struct RawEntry {
    /// Local header.
    pub local: RawHeader,
    /// Central directory header.
    pub central: RawHeader,
    /// Stored bytes of the entry.
    pub data: Vec<u8>,
    /// Bytes after the stored bytes, such as a data descriptor or a gap.
    pub after: Vec<u8>,
}

/// The fields of a header. Fields that only exist in a central directory header are ignored in a local header.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the field names are those of APPNOTE.TXT")]
pub struct RawHeader {
    pub signature: [u8; 4],
    pub version_made_by: u16,
    pub version_needed: u16,
    pub flags: u16,
    pub method: u16,
    pub time: u16,
    pub date: u16,
    pub crc: u32,
    pub stored: u32,
    pub unpacked: u32,
    pub name: Vec<u8>,
    pub extra: Vec<u8>,
    pub comment: Vec<u8>,
    pub disk: u16,
    pub internal: u16,
    pub external: u32,
    /// Offset of the local header; `None` for the true offset.
    pub offset: Option<u32>,
}

/// The end record. A field that is `None` is written with its true value.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the field names are those of APPNOTE.TXT")]
pub struct RawEnd {
    pub disk: u16,
    pub directory_disk: u16,
    pub entries_here: Option<u16>,
    pub entries: Option<u16>,
    pub size: Option<u32>,
    pub offset: Option<u32>,
    pub comment: Vec<u8>,
}

impl RawEntry {
    /// Creates a stored entry with true headers.
    #[must_use]
    pub fn stored(name: &str, data: &[u8]) -> Self {
        Self::new(name.as_bytes(), Method::Stored, crc32fast::hash(data), data.len(), data.to_vec())
    }

    /// Creates a deflated entry with true headers. The stored data is empty if deflating does not make `bytes` smaller.
    #[must_use]
    pub fn deflated(name: &str, bytes: &[u8]) -> Self {
        let packed = inflate::deflate(bytes).unwrap_or_default();
        Self::new(name.as_bytes(), Method::Deflated, crc32fast::hash(bytes), bytes.len(), packed)
    }

    fn new(name: &[u8], method: Method, crc: u32, unpacked: usize, data: Vec<u8>) -> Self {
        let version_needed = if method == Method::Stored { 10 } else { 20 };
        let local = RawHeader {
            signature: *b"PK\x03\x04",
            version_made_by: 0x0300 | version_needed,
            version_needed,
            method: method.code(),
            date: 0x21,
            crc,
            stored: data.len() as u32,
            unpacked: unpacked as u32,
            name: name.to_vec(),
            external: 0o100_644 << 16,
            ..RawHeader::default()
        };
        let central = RawHeader { signature: *b"PK\x01\x02", ..local.clone() };
        Self { local, central, data, after: Vec::new() }
    }

    /// Applies the same change to both headers.
    pub fn both(&mut self, mut change: impl FnMut(&mut RawHeader)) {
        change(&mut self.local);
        change(&mut self.central);
    }

    /// Returns the unpacked bytes, which are empty if the data cannot be inflated.
    #[must_use]
    pub fn unpacked(&self) -> Vec<u8> {
        if self.local.method == 0 {
            return self.data.clone();
        }
        let mut bytes = Vec::with_capacity(self.local.unpacked as usize + 4096);
        match Decompress::new(false).decompress_vec(&self.data, &mut bytes, FlushDecompress::Finish) {
            Ok(_) => bytes,
            Err(_) => Vec::new(),
        }
    }

    /// Returns the name in the local header as text.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.local.name).into_owned()
    }
}

impl RawArchive {
    /// Creates an archive of these entries, without additional bytes around them.
    #[must_use]
    pub fn new(entries: Vec<RawEntry>) -> Self {
        Self {
            prefix: Vec::new(),
            entries,
            directory: None,
            before_directory: Vec::new(),
            before_end: Vec::new(),
            end: RawEnd::default(),
            suffix: Vec::new(),
        }
    }

    /// Reads a package, or returns `None` if the structure of the archive is not valid.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let listing = Listing::read(bytes).ok()?;
        let entry = |entry: &archive::RawEntry| {
            let facts = entry.facts;
            let data = entry.data(bytes).to_vec();
            RawEntry::new(entry.name(bytes), facts.method, facts.crc, facts.unpacked as usize, data)
        };
        Some(Self::new(listing.entries.iter().map(entry).collect()))
    }

    /// Returns the entry with this name.
    ///
    /// # Panics
    /// Panics if there is no such entry.
    #[expect(clippy::panic, reason = "a test that names an entry which is not there is wrong")]
    pub fn entry(&mut self, name: &str) -> &mut RawEntry {
        let found = self.entries.iter_mut().find(|entry| entry.local.name == name.as_bytes());
        found.unwrap_or_else(|| panic!("no entry `{name}`"))
    }

    /// Returns the bytes of the archive.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut bytes, offsets) = self.local_bytes();
        bytes.extend(&self.before_directory);
        let directory = bytes.len() as u32;
        let order = self.directory.clone().unwrap_or_else(|| (0..self.entries.len()).collect());
        for index in &order {
            write_central(&mut bytes, &self.entries[*index].central, offsets[*index]);
        }
        let size = bytes.len() as u32 - directory;
        bytes.extend(&self.before_end);
        let end = &self.end;
        bytes.extend(b"PK\x05\x06");
        for number in [
            end.disk,
            end.directory_disk,
            end.entries_here.unwrap_or(order.len() as u16),
            end.entries.unwrap_or(order.len() as u16),
        ] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(end.size.unwrap_or(size).to_le_bytes());
        bytes.extend(end.offset.unwrap_or(directory).to_le_bytes());
        bytes.extend((end.comment.len() as u16).to_le_bytes());
        bytes.extend(&end.comment);
        bytes.extend(&self.suffix);
        bytes
    }

    fn local_bytes(&self) -> (Vec<u8>, Vec<u32>) {
        let mut bytes = self.prefix.clone();
        let mut offsets = Vec::new();
        for entry in &self.entries {
            offsets.push(bytes.len() as u32);
            write_local(&mut bytes, &entry.local);
            bytes.extend(&entry.data);
            bytes.extend(&entry.after);
        }
        (bytes, offsets)
    }

    /// Signs the archive in its current state.
    ///
    /// Removes `signature.json`, creates a statement about the other entries, lets `edit` change the statement, and
    /// adds the envelope. The statement may be false, but the signature is valid.
    pub fn sign(&mut self, key: &SigningKey, edit: impl FnOnce(&mut Value)) {
        self.entries.retain(|entry| entry.local.name != SIGNATURE.as_bytes());
        let digest = |entry: &RawEntry| EntryDigest {
            name: entry.name(),
            stored_size: entry.data.len() as u64,
            sha256: hex(sha256(&entry.data)),
        };
        let manifest = self.entries.first().map(RawEntry::unpacked).unwrap_or_default();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap_or_default();
        let text = |field: &str| manifest[field].as_str().unwrap_or_default().to_owned();
        let predicate = Predicate {
            package_id: text("package_id"),
            version: text("version"),
            content_hash: ContentHash::of(&self.local_bytes().0),
            entries: self.entries.iter().map(digest).collect(),
            public_key: key.public(),
            toolchain: Toolchain { builder: "tamper".to_owned(), ..Toolchain::default() },
        };
        let subjects = self.entries.iter().map(|entry| (entry.name(), sha256(&entry.unpacked())));
        let mut statement = serde_json::to_value(Statement::new(predicate, subjects)).unwrap_or_default();
        edit(&mut statement);
        let envelope = Envelope::sign(IN_TOTO, statement.to_string().as_bytes(), key);
        self.entries.push(RawEntry::stored(SIGNATURE, &envelope.to_json()));
    }
}

fn write_local(bytes: &mut Vec<u8>, header: &RawHeader) {
    bytes.extend(header.signature);
    write_common(bytes, header);
    bytes.extend(&header.name);
    bytes.extend(&header.extra);
}

fn write_central(bytes: &mut Vec<u8>, header: &RawHeader, offset: u32) {
    bytes.extend(header.signature);
    bytes.extend(header.version_made_by.to_le_bytes());
    write_common(bytes, header);
    bytes.extend((header.comment.len() as u16).to_le_bytes());
    bytes.extend(header.disk.to_le_bytes());
    bytes.extend(header.internal.to_le_bytes());
    bytes.extend(header.external.to_le_bytes());
    bytes.extend(header.offset.unwrap_or(offset).to_le_bytes());
    bytes.extend(&header.name);
    bytes.extend(&header.extra);
    bytes.extend(&header.comment);
}

fn write_common(bytes: &mut Vec<u8>, header: &RawHeader) {
    for number in [header.version_needed, header.flags, header.method, header.time, header.date] {
        bytes.extend(number.to_le_bytes());
    }
    for number in [header.crc, header.stored, header.unpacked] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((header.name.len() as u16).to_le_bytes());
    bytes.extend((header.extra.len() as u16).to_le_bytes());
}
