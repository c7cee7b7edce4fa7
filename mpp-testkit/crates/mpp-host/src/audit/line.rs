//! A line of the log: a record, and the members that chain it to the previous line.

use serde::Deserialize;

use super::record::{Entry, Invocation};
use super::seal::{Seal, Tag};

/// Start of the member that holds the seal. The seal covers everything before it.
const SEAL: &[u8] = b",\"mac\":\"";
/// Length of `SEAL`, the hex digits and the end of the document, in bytes.
const END: usize = SEAL.len() + 64 + 2;
/// Maximum length of a line, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// The position of a line in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the line, from 1.
    pub(super) number: u64,
    /// Seal of the previous line; zeros for the first line.
    pub(super) previous: Tag,
    /// The number that the head had when the line was written.
    pub(super) head: u64,
    /// Length of the torn line before this one, in bytes; 0 if there is none.
    pub(super) after_torn: u64,
}

/// Appends a line with its line break to `to` and returns its seal.
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

/// A line whose seal was made with the key of this log.
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

/// Parses a line (without its line break) and verifies its seal; `None` if the line was not sealed with this log's key.
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

/// Returns the record in a line, without verifying its seal.
pub(super) fn entry(line: &[u8]) -> Option<Entry> {
    serde_json::from_slice(line).ok()
}
