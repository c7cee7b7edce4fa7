//! A line: a record between the members that chain it to the one before.

use serde::Deserialize;

use super::record::{Entry, Invocation};
use super::seal::{Seal, Tag};

/// What the seal's member looks like; everything in front of it is sealed.
const SEAL: &[u8] = b",\"mac\":\"";
/// `SEAL`, the hex digits, and the end of the document.
const END: usize = SEAL.len() + 64 + 2;
/// No record is longer.
pub(super) const LONGEST: usize = 1 << 20;

/// Where a line stands in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number, from 1.
    pub(super) number: u64,
    /// The seal of the line before it; zeros for the first.
    pub(super) previous: Tag,
    /// The number in the head when it was written.
    pub(super) head: u64,
    /// Bytes of a torn line in front of it.
    pub(super) after_torn: u64,
}

/// Writes a line with its line break, and gives its seal.
pub(super) fn write(place: &Place, invocation: &Invocation<'_>, seal: &Seal, to: &mut Vec<u8>) -> Tag {
    let start = to.len();
    number(to, b"{\"n\":", place.number);
    to.extend_from_slice(b",\"prev\":\"");
    place.previous.write_hex(to);
    number(to, b"\",\"head\":", place.head);
    if place.after_torn > 0 {
        number(to, b",\"after_torn\":", place.after_torn);
    }
    invocation.write(seal, to);
    let tag = seal.line(&to[start..]);
    to.extend_from_slice(SEAL);
    tag.write_hex(to);
    to.extend_from_slice(b"\"}\n");
    tag
}

fn number(to: &mut Vec<u8>, name: &[u8], number: u64) {
    to.extend_from_slice(name);
    // Writing a number into memory cannot fail.
    let _ = serde_json::to_writer(to, &number);
}

/// A line that carries the seal of this log.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) place: Place,
    pub(super) tag: Tag,
}

#[derive(Deserialize)]
struct Chain<'a> {
    n: u64,
    #[serde(borrow)]
    prev: &'a str,
    head: u64,
    #[serde(default)]
    after_torn: u64,
}

/// Reads a line (without its line break) and checks its seal; `None` where it is not this log's.
pub(super) fn read(line: &[u8], seal: &Seal) -> Option<Sealed> {
    let split = line.len().checked_sub(END)?;
    let (sealed, end) = line.split_at(split);
    let hex = end.strip_prefix(SEAL)?.strip_suffix(b"\"}")?;
    let tag = Tag::from_hex(hex)?;
    if !seal.is_line(sealed, &tag) {
        return None;
    }
    let chain: Chain<'_> = serde_json::from_slice(line).ok()?;
    let previous = Tag::from_hex(chain.prev.as_bytes())?;
    let place = Place { number: chain.n, previous, head: chain.head, after_torn: chain.after_torn };
    Some(Sealed { place, tag })
}

/// The record in a line, whoever wrote it.
pub(super) fn entry(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}
