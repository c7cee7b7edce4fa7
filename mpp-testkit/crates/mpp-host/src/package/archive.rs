//! The strict archive reader, which reads only headers and inflates nothing.
//!
//! It reads the variable fields of each header, builds the header that [`super::writer`] would write for them, and
//! compares the two. Therefore it accepts only what the writer writes, and every other reader sees the same entries.

use std::collections::BTreeMap;
use std::ops::Range;

use super::entry_name::{folded, show};
use super::fault::Fault;
use super::layout::{self, Facts, Field, Method, number};
use super::{ContentHash, Limits, MANIFEST, SIGNATURE};
use crate::codes;

/// The entries of an archive whose structure has been checked. Names and unpacked sizes are not verified yet.
#[derive(Debug, Clone)]
pub(crate) struct Listing {
    /// Entries in the order of the archive.
    pub(crate) entries: Vec<RawEntry>,
    /// Offset of the end of the signed bytes: the start of the signature's local header, or of the central directory if
    /// there is no signature.
    pub(crate) signed_until: usize,
}

/// The location of one entry, and the fields of its headers.
#[derive(Debug, Clone)]
pub(crate) struct RawEntry {
    pub(crate) name: Range<usize>,
    pub(crate) data: Range<usize>,
    pub(crate) facts: Facts,
    offset: usize,
}

impl RawEntry {
    pub(crate) fn name<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.name.clone()]
    }

    pub(crate) fn data<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        &bytes[self.data.clone()]
    }
}

impl Listing {
    /// Reads and checks all headers of the archive.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let end = find_end(bytes)?;
        let (entries, directory) = read_locals(bytes, end)?;
        read_directory(bytes, &entries, directory, end)?;
        check_order(bytes, &entries)?;
        check_names(bytes, &entries)?;
        let signature = entries.last().filter(|entry| entry.name(bytes) == SIGNATURE.as_bytes());
        if let Some(signature) = signature {
            check_signature_entry(signature, bytes)?;
        }
        let signed_until = signature.map_or(directory, |entry| entry.offset);
        Ok(Self { entries, signed_until })
    }

    /// Returns the entry with this name.
    pub(crate) fn find(&self, bytes: &[u8], name: &str) -> Option<&RawEntry> {
        self.entries.iter().find(|entry| entry.name(bytes) == name.as_bytes())
    }

    /// Returns the stored bytes of `signature.json`.
    pub(crate) fn signature<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        self.find(bytes, SIGNATURE).map(|entry| entry.data(bytes))
    }

    /// Returns every entry that the signature covers.
    pub(crate) fn signed<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = &'a RawEntry> {
        self.entries.iter().filter(|entry| entry.name(bytes) != SIGNATURE.as_bytes())
    }

    /// Returns the hash of the bytes that a signature covers, including the local headers.
    pub(crate) fn content_hash(&self, bytes: &[u8]) -> ContentHash {
        ContentHash::of(&bytes[..self.signed_until])
    }
}

/// Returns the offset of the end record, which must be the last bytes of the file.
fn find_end(bytes: &[u8]) -> Result<usize, Fault> {
    if bytes.is_empty() {
        return Err(Fault::new(&codes::G101, "the file is empty; expected a ZIP archive"));
    }
    let starts_like_one = bytes.starts_with(&layout::LOCAL);
    let at = bytes.len().checked_sub(layout::END_SIZE);
    if let Some(at) = at.filter(|at| bytes[*at..].starts_with(&layout::END)) {
        let locator = at.checked_sub(20).is_some_and(|before| bytes[before..].starts_with(&layout::ZIP64_LOCATOR));
        let marked = [(8, 2), (10, 2), (12, 4), (16, 4)]
            .iter()
            .any(|(field, size)| number(&bytes[at..], *field, *size) == u32::MAX >> (32 - size * 8));
        return match (locator || marked, starts_like_one || at == 0) {
            (true, _) => Err(Fault::new(&codes::G112, "the archive uses the zip64 format")),
            (false, false) => Err(Fault::new(&codes::G103, "the archive does not start with its first entry")),
            (false, true) => Ok(at),
        };
    }
    // Only for the message: a comment or appended bytes leave an end record before the end of the file.
    let tail = bytes.len().saturating_sub(layout::END_SIZE + usize::from(u16::MAX));
    match bytes[tail..].windows(4).rposition(|window| window == layout::END) {
        Some(found) if starts_like_one && bytes.len() > tail + found + layout::END_SIZE => {
            let after = bytes.len() - (tail + found + layout::END_SIZE);
            Err(Fault::new(
                &codes::G104,
                format!("{after} bytes follow the end record, which must be the last part of the file"),
            ))
        }
        _ if starts_like_one => {
            Err(Fault::new(&codes::G102, "the archive does not end with an end record, so the file is incomplete"))
        }
        _ if bytes.starts_with(b"\0asm") => {
            let message =
                "the file is not a ZIP archive: it is a WebAssembly module, which is only a part of a package";
            let help = "name it in `build.output` of a `manifest.json`, and build the package from that directory";
            Err(Fault::new(&codes::G101, message).with_help(help))
        }
        _ => Err(Fault::new(&codes::G101, "the file is not a ZIP archive")),
    }
}

/// Reads the local headers and entries, which follow each other without gaps from byte 0.
///
/// Returns them with the offset of the central directory.
fn read_locals(bytes: &[u8], end: usize) -> Result<(Vec<RawEntry>, usize), Fault> {
    let mut entries = Vec::new();
    let mut at = 0;
    while at < end && !bytes[at..].starts_with(&layout::CENTRAL) {
        let header = bytes.get(at..at + layout::LOCAL_SIZE).filter(|_| at + layout::LOCAL_SIZE <= end);
        let Some(header) = header.filter(|header| header.starts_with(&layout::LOCAL)) else {
            let message = format!("expected an entry or the central directory at byte {at}, found something else");
            return Err(Fault::new(&codes::G105, message));
        };
        let name = at + layout::LOCAL_SIZE..at + layout::LOCAL_SIZE + number(header, 26, 2) as usize;
        let shown = show(bytes.get(name.clone()).unwrap_or_default());
        let facts = read_facts(header, 4).map_err(|fault| fault.in_entry(&shown))?;
        compare(layout::LOCAL_FIELDS, "local header", header, &layout::local(&facts))
            .map_err(|fault| fault.in_entry(&shown))?;
        let data = name.end..name.end + facts.stored as usize;
        if data.end > end {
            let message = "its stored size extends past the end of the archive";
            return Err(Fault::new(&codes::G102, message).in_entry(shown));
        }
        check_sizes(&facts).map_err(|fault| fault.in_entry(shown))?;
        entries.push(RawEntry { name, facts, offset: at, data: data.clone() });
        at = data.end;
    }
    Ok((entries, at))
}

/// Reads the fields that both headers share; they start with the version needed at offset `version`.
fn read_facts(header: &[u8], version: usize) -> Result<Facts, Fault> {
    let flags = number(header, version + 2, 2);
    match flags {
        0 => {}
        _ if flags & 0x2041 != 0 => return Err(Fault::new(&codes::G106, "the entry is encrypted")),
        _ if flags & 0x0008 != 0 => return Err(Fault::new(&codes::G107, "the entry has a data descriptor")),
        _ => return Err(Fault::new(&codes::G108, format!("its flags are {flags:#06x}, expected 0"))),
    }
    let code = number(header, version + 4, 2);
    let method = u16::try_from(code).ok().and_then(Method::from_code).ok_or_else(|| {
        Fault::new(&codes::G109, format!("its compression method is {code}, expected 0 (Stored) or 8 (Deflate)"))
    })?;
    let facts = Facts {
        method,
        crc: number(header, version + 10, 4),
        stored: number(header, version + 14, 4),
        unpacked: number(header, version + 18, 4),
        name: number(header, version + 22, 2) as u16,
    };
    if facts.stored == u32::MAX || facts.unpacked == u32::MAX {
        return Err(Fault::new(&codes::G112, "its sizes use the zip64 format"));
    }
    Ok(facts)
}

fn check_sizes(facts: &Facts) -> Result<(), Fault> {
    let (stored, unpacked) = (facts.stored, facts.unpacked);
    match facts.method {
        Method::Stored if stored != unpacked => Err(Fault::new(
            &codes::G120,
            format!("it is not compressed, but its stored size is {stored} bytes and its unpacked size {unpacked}"),
        )),
        Method::Deflated if stored >= unpacked => Err(Fault::new(
            &codes::G120,
            format!("it is compressed, but its stored size is {stored} bytes and its unpacked size {unpacked}"),
        )),
        _ => Ok(()),
    }
}

/// Checks that the central directory lists the same entries in the same order, followed by the end record.
fn read_directory(bytes: &[u8], entries: &[RawEntry], directory: usize, end: usize) -> Result<(), Fault> {
    let mut at = directory;
    for entry in entries {
        let name = entry.name(bytes);
        let inside = |fault: Fault| fault.in_entry(show(name));
        let header = bytes.get(at..at + layout::CENTRAL_SIZE).filter(|_| at + layout::CENTRAL_SIZE <= end);
        let Some(header) = header.filter(|header| header.starts_with(&layout::CENTRAL)) else {
            return Err(inside(Fault::new(&codes::G115, "the entry is missing from the central directory")));
        };
        let offset =
            u32::try_from(entry.offset).map_err(|_| Fault::new(&codes::G112, "the archive is larger than 4 GiB"))?;
        read_facts(header, 6).map_err(inside)?;
        compare(layout::CENTRAL_FIELDS, "central header", header, &layout::central(&entry.facts, offset))
            .map_err(inside)?;
        at += layout::CENTRAL_SIZE;
        if bytes.get(at..at + name.len()).filter(|_| at + name.len() <= end) != Some(name) {
            return Err(inside(Fault::new(&codes::G114, "its name in the central directory is different")));
        }
        at += name.len();
    }
    if at != end {
        let found = if bytes[at..].starts_with(&layout::CENTRAL) {
            "an entry that is not in the archive"
        } else {
            "other bytes"
        };
        return Err(Fault::new(
            &codes::G115,
            format!("found {found} between the central directory and the end record"),
        ));
    }
    let numbers = (u16::try_from(entries.len()), u32::try_from(end - directory), u32::try_from(directory));
    let (Ok(count), Ok(size), Ok(offset)) = numbers else {
        return Err(Fault::new(&codes::G112, "the archive is too large for a ZIP archive without zip64"));
    };
    compare(layout::END_FIELDS, "end record", &bytes[end..], &layout::end(count, size, offset))
}

fn compare(fields: &'static [Field], header: &str, found: &[u8], expected: &[u8]) -> Result<(), Fault> {
    if found == expected {
        return Ok(());
    }
    Err(match layout::difference(fields, found, expected) {
        Some((field, found, expected)) => {
            let message = format!("`{}` in its {header} is {found:#x}, expected {expected:#x}", field.name);
            Fault::new(field.code, message)
        }
        None => Fault::new(&codes::G108, format!("its {header} does not match the format")),
    })
}

/// Checks the order of the entries: the manifest first, the others sorted by name, the signature last.
fn check_order(bytes: &[u8], entries: &[RawEntry]) -> Result<(), Fault> {
    let rank = |name: &[u8]| match name {
        _ if name == MANIFEST.as_bytes() => 0,
        _ if name == SIGNATURE.as_bytes() => 2,
        _ => 1,
    };
    let names: Vec<&[u8]> = entries.iter().map(|entry| entry.name(bytes)).collect();
    if names.first().is_none_or(|first| *first != MANIFEST.as_bytes()) {
        let found = names.first().map_or_else(|| "no entries".to_owned(), |name| format!("`{}`", show(name)));
        return Err(Fault::new(&codes::G116, format!("the first entry must be `{MANIFEST}`, found {found}")));
    }
    for pair in names.windows(2) {
        if (rank(pair[0]), pair[0]) > (rank(pair[1]), pair[1]) {
            let message = format!("`{}` comes before `{}`", show(pair[0]), show(pair[1]));
            return Err(Fault::new(&codes::G116, message).in_entry(show(pair[1])));
        }
    }
    Ok(())
}

/// Checks that no two names are the same on any file system, and that no name is a directory of another.
///
/// Skips archives that step 2 refuses for the number of entries or the length of a name, so that an attacker cannot
/// choose how long the comparison takes.
fn check_names(bytes: &[u8], entries: &[RawEntry]) -> Result<(), Fault> {
    let limits = Limits::default();
    if entries.len() > limits.entries || entries.iter().any(|entry| entry.name.len() > limits.name) {
        return Ok(());
    }
    let mut seen: BTreeMap<String, &[u8]> = BTreeMap::new();
    for entry in entries {
        let name = entry.name(bytes);
        if name.last() == Some(&b'/') {
            return Err(Fault::new(&codes::G113, "the entry is a directory").in_entry(show(name)));
        }
        match seen.insert(folded(name), name) {
            Some(other) if other == name => {
                return Err(Fault::new(&codes::G117, format!("`{}` occurs twice", show(name))).in_entry(show(name)));
            }
            Some(other) => {
                let message = format!("`{}` and `{}` are the same name on some file systems", show(other), show(name));
                return Err(Fault::new(&codes::G118, message).in_entry(show(name)));
            }
            None => {}
        }
    }
    for (folded, name) in &seen {
        for (slash, _) in folded.match_indices('/') {
            if let Some(other) = seen.get(&folded[..slash]) {
                let message = format!("`{}` is both a file and the directory of `{}`", show(other), show(name));
                return Err(Fault::new(&codes::G119, message).in_entry(show(name)));
            }
        }
    }
    Ok(())
}

/// Checks the CRC of the signature, which must be stored without compression so that nothing is inflated here.
fn check_signature_entry(entry: &RawEntry, bytes: &[u8]) -> Result<(), Fault> {
    if entry.facts.method != Method::Stored {
        return Err(Fault::new(&codes::G121, "it must be stored without compression").in_entry(SIGNATURE));
    }
    let found = crc32fast::hash(entry.data(bytes));
    if found != entry.facts.crc {
        let message = format!("its CRC-32 is {found:08x}, but its header says {:08x}", entry.facts.crc);
        return Err(Fault::new(&codes::G121, message).in_entry(SIGNATURE));
    }
    Ok(())
}
