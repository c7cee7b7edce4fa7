//! A line of the log: a record, and the members that chain it to the previous line.

use std::borrow::Cow;

use serde::Deserialize;

use super::listed::Record;
use super::record::Invocation;
use super::seal::{Seal, Tag};
use super::started::{Event, Started};

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

/// What a line records.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    /// A call is about to have its first effect.
    Started(&'a Started<'a>),
    /// A call has ended.
    Ended(&'a Invocation<'a>),
}

impl Content<'_> {
    /// Returns the time of the line by the monotonic clock.
    pub(super) fn monotonic(&self) -> std::time::Duration {
        match self {
            Self::Started(call) => call.monotonic,
            Self::Ended(call) => call.monotonic,
        }
    }
}

/// Appends a line with its line break to `to` and returns its seal.
pub(super) fn write(place: &Place, content: Content<'_>, seal: &Seal, to: &mut Vec<u8>) -> Tag {
    let start = to.len();
    number(to, b"{\"n\":", place.number);
    to.extend_from_slice(b",\"prev\":\"");
    place.previous.write_hex(to);
    number(to, b"\",\"head\":", place.head);
    if place.after_torn > 0 {
        number(to, b",\"after_torn\":", place.after_torn);
    }
    match content {
        Content::Started(call) => call.write(to),
        Content::Ended(call) => call.write(seal, to),
    }
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
pub(super) struct Sealed<'a> {
    pub(super) place: Place,
    pub(super) tag: Tag,
    pub(super) call: Call<'a>,
}

/// The call that a line is about.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Call<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(default)]
    event: Option<Event>,
}

impl Call<'_> {
    /// Returns whether the line precedes the effects of the call. Any other line holds its outcome.
    pub(super) fn is_started(&self) -> bool {
        self.event.is_some()
    }
}

#[derive(Deserialize)]
struct Chain<'a> {
    n: u64,
    #[serde(borrow)]
    prev: &'a str,
    head: u64,
    #[serde(default)]
    after_torn: u64,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default)]
    event: Option<Event>,
}

/// Parses a line (without its line break) and verifies its seal; `None` if the line was not sealed with this log's key.
pub(super) fn read<'a>(line: &'a [u8], seal: &Seal) -> Option<Sealed<'a>> {
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
    Some(Sealed { place, tag, call: Call { id: chain.id, event: chain.event } })
}

/// Returns the record in a line, without verifying its seal.
pub(super) fn record(line: &[u8]) -> Option<Record> {
    let ended = serde_json::from_slice(line).map(Record::Ended);
    ended.or_else(|_| serde_json::from_slice(line).map(Record::Interrupted)).ok()
}

/// Returns the call that a line is about, without verifying its seal.
pub(super) fn call(line: &[u8]) -> Option<Call<'_>> {
    serde_json::from_slice(line).ok()
}
