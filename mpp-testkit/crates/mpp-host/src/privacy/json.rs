//! Filters a JSON text in one pass: replaces matches and copies everything else byte for byte.
//!
//! The parser is strict (RFC 8259), so that text that it does not understand cannot pass. It keeps its own stack, so that
//! deep nesting cannot overflow the stack of the thread.

use std::collections::HashSet;

use super::context::Keys;
use super::pointer;
use super::report::{Counts, RedactionReport};
use super::secrets::Secrets;
use super::span::Source;
use super::text::{self, Absent, Place};
use super::{PrivacyFilter, markers};

/// Filters a JSON text. Text that is not JSON becomes the string `[REDACTED:unreadable]`.
pub(super) fn filter(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    json: &str,
    at: &str,
    report: &mut RedactionReport,
) -> String {
    let prefix: Vec<String> = pointer::tokens(at).map(Iterator::collect).unwrap_or_default();
    let absent = Absent::from(filter, secrets, json);
    let place = Place { keys: Keys::default(), exempt: false, depth: 0, absent };
    let mut pass = Pass::new(filter, secrets, json, place, Sink::Report { at, prefix: &prefix, report: &mut *report });
    match pass.run() {
        Some(changed) => changed.unwrap_or_else(|| json.to_owned()),
        None => {
            *report = RedactionReport::default();
            let mut counts = Counts::default();
            counts.one(Source::Unreadable);
            report.add(at.to_owned(), counts, |source| markers::id(filter, secrets, source));
            let mut out = String::from("\"");
            markers::push(filter, secrets, Source::Unreadable, &mut out);
            out.push('"');
            out
        }
    }
}

/// Filters JSON text within a string. Returns `None` if it is not JSON, and `Some(None)` if nothing was found.
pub(super) fn filter_nested(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    json: &str,
    place: Place<'_>,
    counts: &mut Counts,
) -> Option<Option<String>> {
    let mut inner = Counts::default();
    let place = Place { depth: place.depth + 1, absent: Absent::default(), ..place };
    let changed = Pass::new(filter, secrets, json, place, Sink::Counts(&mut inner)).run()?;
    counts.merge(inner);
    Some(changed)
}

/// The destination of the matches.
enum Sink<'a> {
    /// The report of the answer, in which each match has its JSON pointer.
    Report { at: &'a str, prefix: &'a [String], report: &'a mut RedactionReport },
    /// The counts of a string that contains JSON text. The matches are reported at the place of the string.
    Counts(&'a mut Counts),
}

/// An open array or object.
struct Frame<'a> {
    place: Place<'a>,
    /// `None` for an array.
    object: Option<Members<'a>>,
    /// Current index in the array.
    index: usize,
}

/// The members of an object that have been parsed so far.
#[derive(Default)]
struct Members<'a> {
    /// The keys, in order. The last one belongs to the current member.
    keys: Vec<Key<'a>>,
    /// The keys as they are written to the output; `None` until a key is redacted.
    written: Option<HashSet<String>>,
}

enum Key<'a> {
    /// A key as it is in the source, without the quotes.
    Raw(&'a str),
    /// A key that was replaced.
    New(String),
}

impl Key<'_> {
    fn text(&self) -> String {
        match self {
            Key::Raw(raw) => unquote(raw),
            Key::New(text) => text.clone(),
        }
    }
}

struct Pass<'a, 's> {
    filter: &'a PrivacyFilter,
    secrets: &'a Secrets,
    json: &'a str,
    at: usize,
    out: String,
    copied: usize,
    root: Place<'a>,
    stack: Vec<Frame<'a>>,
    sink: Sink<'s>,
}

impl<'a, 's> Pass<'a, 's> {
    fn new(filter: &'a PrivacyFilter, secrets: &'a Secrets, json: &'a str, root: Place<'a>, sink: Sink<'s>) -> Self {
        Self { filter, secrets, json, at: 0, out: String::new(), copied: 0, root, stack: Vec::new(), sink }
    }

    /// Filters the text. Returns `None` if it is not exactly one JSON value, and `Some(None)` if nothing changed.
    fn run(&mut self) -> Option<Option<String>> {
        if !self.filter.exempt.is_empty()
            && let Sink::Report { prefix, .. } = &self.sink
        {
            self.root.exempt = (0..=prefix.len()).any(|len| self.filter.exempt.names(&prefix[..len]));
        }
        self.space();
        let mut place = self.root;
        'value: loop {
            if !self.open(place)? {
                // After a scalar or an empty container, close all containers that end here.
                loop {
                    self.space();
                    let Some(frame) = self.stack.last_mut() else { break 'value };
                    let closer = if frame.object.is_some() { b'}' } else { b']' };
                    match self.json.as_bytes().get(self.at)? {
                        b',' => {
                            self.at += 1;
                            frame.index += 1;
                            break;
                        }
                        b if *b == closer => {
                            self.at += 1;
                            self.stack.pop();
                        }
                        _ => return None,
                    }
                }
            }
            place = self.member()?;
        }
        if self.at != self.json.len() {
            return None;
        }
        if self.copied == 0 {
            return Some(None);
        }
        self.out.push_str(&self.json[self.copied..]);
        Some(Some(std::mem::take(&mut self.out)))
    }

    /// Parses one scalar, an empty container, or the opening bracket of a container. Returns `true` if it opened a container
    /// that is not empty.
    fn open(&mut self, place: Place<'a>) -> Option<bool> {
        let bytes = self.json.as_bytes();
        match bytes.get(self.at)? {
            b'"' => self.string(place)?,
            b'-' | b'0'..=b'9' => self.number(place)?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            open @ (b'{' | b'[') => {
                let object = *open == b'{';
                self.at += 1;
                self.space();
                if bytes.get(self.at) == Some(if object { &b'}' } else { &b']' }) {
                    self.at += 1;
                    return Some(false);
                }
                self.stack.push(Frame { place, object: object.then(Members::default), index: 0 });
                return Some(true);
            }
            _ => return None,
        }
        Some(false)
    }

    /// Advances to the next value of the innermost container, past its key, and returns the place of the value.
    fn member(&mut self) -> Option<Place<'a>> {
        self.space();
        if self.stack.last()?.object.is_some() {
            self.key()?;
            self.space();
            if self.json.as_bytes().get(self.at) != Some(&b':') {
                return None;
            }
            self.at += 1;
            self.space();
        }
        let frame = self.stack.last()?;
        let mut place = frame.place;
        match frame.object.as_ref().and_then(|members| members.keys.last()) {
            // A redacted key gives no hint, so that filtering the answer again has the same result.
            Some(Key::New(_)) => place.keys = Keys::default(),
            Some(Key::Raw(raw)) if markers::is_in(raw) => place.keys = Keys::default(),
            Some(Key::Raw(raw)) => place.keys = place.keys.under(raw),
            None => {}
        }
        if !place.exempt && !self.filter.exempt.is_empty() && matches!(self.sink, Sink::Report { .. }) {
            place.exempt = self.filter.exempt.names(&self.path());
        }
        Some(place)
    }

    fn key(&mut self) -> Option<()> {
        let (start, raw, escaped) = self.quoted()?;
        let place = self.stack.last()?.place;
        let text = if escaped { Some(unquote(raw)) } else { None };
        let mut counts = Counts::default();
        let place = Place { keys: Keys::default(), ..place.escaped(escaped) };
        let filtered = text::filter(self.filter, self.secrets, text.as_deref().unwrap_or(raw), place, &mut counts);
        let members = self.stack.last_mut()?.object.as_mut()?;
        let key = match filtered {
            None if members.written.is_none() => Key::Raw(raw),
            filtered => {
                let redacted = filtered.is_some();
                let plain = filtered.or(text).unwrap_or_else(|| raw.to_owned());
                let earlier = &members.keys;
                let written =
                    members.written.get_or_insert_with(|| earlier.iter().map(Key::text).collect::<HashSet<String>>());
                let unique = unique(written, plain.clone());
                written.insert(unique.clone());
                if redacted || unique != plain { Key::New(unique) } else { Key::Raw(raw) }
            }
        };
        if let Key::New(new) = &key {
            let new = new.clone();
            self.replace(start, self.at, &new);
        }
        self.stack.last_mut()?.object.as_mut()?.keys.push(key);
        self.report(counts);
        Some(())
    }

    fn string(&mut self, place: Place<'a>) -> Option<()> {
        let (start, raw, escaped) = self.quoted()?;
        let text = if escaped { Some(unquote(raw)) } else { None };
        let mut counts = Counts::default();
        if let Some(new) =
            text::filter(self.filter, self.secrets, text.as_deref().unwrap_or(raw), place.escaped(escaped), &mut counts)
        {
            self.replace(start, self.at, &new);
            self.report(counts);
        }
        Some(())
    }

    /// Parses a number and applies the patterns to its text. A number that matches is replaced by a string with the marker.
    fn number(&mut self, place: Place<'a>) -> Option<()> {
        let start = self.at;
        let bytes = self.json.as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
        let mut at = start + usize::from(bytes[start] == b'-');
        let whole = digits(at);
        if whole == 0 || (whole > 1 && bytes[at] == b'0') {
            return None;
        }
        at += whole;
        if bytes.get(at) == Some(&b'.') {
            let fraction = digits(at + 1);
            if fraction == 0 {
                return None;
            }
            at += 1 + fraction;
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at);
            if exponent == 0 {
                return None;
            }
            at += exponent;
        }
        self.at = at;
        let token = &self.json[start..at];
        let mut counts = Counts::default();
        let mut found = text::first_match(self.filter, self.secrets, token, place, &mut counts);
        if found.is_none()
            && let Some(plain) = integer(token)
        {
            found = text::first_match(self.filter, self.secrets, &plain, place, &mut counts);
        }
        if let Some(source) = found {
            let mut marker = String::new();
            markers::push(self.filter, self.secrets, source, &mut marker);
            self.replace(start, at, &marker);
            self.report(counts);
        }
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.json[self.at..].starts_with(word).then(|| self.at += word.len())
    }

    fn space(&mut self) {
        let bytes = self.json.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Parses a string. Returns the position of the opening quote, the text between the quotes, and whether it has escapes.
    fn quoted(&mut self) -> Option<(usize, &'a str, bool)> {
        let json: &'a str = self.json;
        let bytes = json.as_bytes();
        if bytes.get(self.at) != Some(&b'"') {
            return None;
        }
        let start = self.at;
        let mut at = start + 1;
        let mut escaped = false;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes[at] == b'"' {
                break;
            }
            escaped = true;
            match bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
                b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
                _ => return None,
            }
        }
        let raw = &json[start + 1..at];
        if raw.bytes().fold(false, |control, b| control | (b < 0x20)) {
            return None;
        }
        self.at = at + 1;
        Some((start, raw, escaped))
    }

    /// Replaces `start..end` with a JSON string.
    fn replace(&mut self, start: usize, end: usize, new: &str) {
        if self.copied == 0 {
            self.out.reserve(self.json.len() + 64);
        }
        self.out.push_str(&self.json[self.copied..start]);
        quote(new, &mut self.out);
        self.copied = end;
    }

    /// Returns the reference tokens from the root of the result to the current value.
    fn path(&self) -> Vec<String> {
        let prefix = match &self.sink {
            Sink::Report { prefix, .. } => prefix.to_vec(),
            Sink::Counts(_) => Vec::new(),
        };
        let steps = self.stack.iter().map(|frame| match &frame.object {
            Some(members) => members.keys.last().map(Key::text).unwrap_or_default(),
            None => frame.index.to_string(),
        });
        prefix.into_iter().chain(steps).collect()
    }

    fn report(&mut self, counts: Counts) {
        if counts.is_empty() {
            return;
        }
        match &mut self.sink {
            Sink::Counts(all) => all.merge(counts),
            Sink::Report { at, report, .. } => {
                let mut pointer = String::with_capacity(at.len() + 32);
                pointer.push_str(at);
                for frame in &self.stack {
                    match frame.object.as_ref().map(|members| members.keys.last()) {
                        None => pointer::push_index(&mut pointer, frame.index),
                        Some(Some(Key::New(text))) => pointer::push(&mut pointer, text),
                        Some(Some(Key::Raw(raw))) if !raw.contains('\\') => pointer::push(&mut pointer, raw),
                        Some(key) => pointer::push(&mut pointer, &key.map(Key::text).unwrap_or_default()),
                    }
                }
                report.add(pointer, counts, |source| markers::id(self.filter, self.secrets, source));
            }
        }
    }
}

/// Returns `key` if no earlier key of the object is equal, else `key` with the first of the suffixes `:2`, `:3` … that
/// makes it unique.
fn unique(written: &HashSet<String>, key: String) -> String {
    if !written.contains(&key) {
        return key;
    }
    let mut number = 2_u64;
    loop {
        let candidate = format!("{key}:{number}");
        if !written.contains(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

/// Appends a JSON string literal.
fn quote(text: &str, out: &mut String) {
    let plain = text.bytes().fold(true, |plain, b| plain & (b >= 0x20) & (b != b'"') & (b != b'\\'));
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// Decodes the text of a JSON string without its quotes. A lone surrogate becomes U+FFFD.
fn unquote(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, len) = escape(rest.as_bytes());
        out.push(c);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

/// Decodes an escape that [`Pass::quoted`] has accepted. Returns the character and the length of the escape in bytes.
fn escape(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 4)?;
        digits.iter().try_fold(0, |n: u32, b| Some((n << 4) | (*b as char).to_digit(16)?))
    };
    match bytes.get(1) {
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{C}', 2),
        Some(b'u') => {
            let high = unit(2).unwrap_or(0xFFFD);
            if (0xD800..0xDC00).contains(&high)
                && bytes.get(6..8) == Some(br"\u")
                && let Some(low @ 0xDC00..0xE000) = unit(8)
            {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
        }
        Some(other) => (*other as char, 2),
        None => ('\\', 1),
    }
}

/// Returns the plain digits of a number that is written with a sign, a fraction or an exponent, if it is a whole number of
/// 7 to 19 digits.
fn integer(token: &str) -> Option<String> {
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if unsigned.len() == whole.len() {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if !(-64..=19).contains(&shift) {
        return None;
    }
    if shift < 0 {
        let cut = digits.len().checked_sub(shift.unsigned_abs() as usize)?;
        if digits[cut..].bytes().any(|b| b != b'0') {
            return None;
        }
        digits.truncate(cut);
    } else {
        digits.extend(std::iter::repeat_n('0', shift as usize));
    }
    let plain = digits.trim_start_matches('0');
    (7..=19).contains(&plain.len()).then(|| plain.to_owned())
}
