//! Filters a JSON text in one pass: replaces matches and copies everything else byte for byte.
//!
//! The parser is strict (RFC 8259), so that text that it does not understand cannot pass. It keeps its own stack, so that
//! deep nesting cannot overflow the stack of the thread.

mod examined;
mod frame;
mod literals;
mod plain;

use std::collections::HashSet;

pub(crate) use examined::Examined;
use examined::{COMMON_DEPTH, COMMON_NUMBER};
use frame::{Frame, Key, Members, unique};
use literals::{integer, quote, unquote};
use plain::Plain;

use super::context::Keys;
use super::look::{self, Absent, FilterString, Place};
use super::pointer;
use super::report::{Counts, RedactionReport, Total};
use super::secrets::Secrets;
use super::span::Source;
use super::{PrivacyFilter, markers};

/// Filters a JSON text, its strings with `strings`. Text that is not JSON becomes the string `[REDACTED:unreadable]`.
pub(super) fn filter(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    json: &str,
    at: &str,
    report: &mut RedactionReport,
    strings: FilterString,
) -> Examined {
    let prefix: Vec<String> = pointer::tokens(at).map(Iterator::collect).unwrap_or_default();
    let absent = Absent::from(filter, secrets, json);
    let place = Place { keys: Keys::default(), exempt: false, depth: 0, absent };
    let mut total = Total::default();
    let sink = Sink::Report { at, prefix: &prefix, report: &mut *report, total: &mut total };
    let mut pass = Pass::new(filter, secrets, json, place, sink, strings);
    let filtered = pass.run();
    let is_strict = pass.is_strict && filtered.is_some();
    match filtered {
        Some(changed) => {
            report.count(&total, |source| markers::id(filter, secrets, source));
            Examined { changed, is_strict }
        }
        None => {
            *report = RedactionReport::default();
            let mut counts = Counts::default();
            counts.one(Source::Unreadable);
            let mut total = Total::default();
            report.place(at, &counts, &mut total, |source| markers::id(filter, secrets, source));
            report.count(&total, |source| markers::id(filter, secrets, source));
            let mut out = String::from("\"");
            markers::push(filter, secrets, Source::Unreadable, &mut out);
            out.push('"');
            Examined { changed: Some(out), is_strict }
        }
    }
}

/// Filters JSON text within a string, its strings with `strings`. Returns `None` if it is not JSON, and `Some(None)` if nothing
/// was found.
pub(super) fn filter_nested(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    json: &str,
    place: Place<'_>,
    counts: &mut Counts,
    strings: FilterString,
) -> Option<Option<String>> {
    let mut inner = Counts::default();
    let place = Place { depth: place.depth + 1, absent: Absent::default(), ..place };
    let changed = Pass::new(filter, secrets, json, place, Sink::Counts(&mut inner), strings).run()?;
    counts.merge(&inner);
    Some(changed)
}

/// The destination of the matches.
enum Sink<'a> {
    /// The report of the answer, in which each match has its JSON pointer.
    Report { at: &'a str, prefix: &'a [String], report: &'a mut RedactionReport, total: &'a mut Total },
    /// The counts of a string that contains JSON text. The matches are reported at the place of the string.
    Counts(&'a mut Counts),
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
    /// The matches of the current string, and its pointer. The buffers serve for all strings.
    counts: Counts,
    pointer: String,
    /// Filters the strings, keys included.
    strings: FilterString,
    /// The limits of short strings and numbers that need no scan; `None` if each may contain a secret or match a custom pattern.
    plain: Option<Plain>,
    /// See [`Examined::is_strict`].
    is_strict: bool,
    /// Buffers for the keys of further objects.
    spare: Vec<Vec<Key<'a>>>,
}

impl<'a, 's> Pass<'a, 's> {
    fn new(
        filter: &'a PrivacyFilter,
        secrets: &'a Secrets,
        json: &'a str,
        root: Place<'a>,
        sink: Sink<'s>,
        strings: FilterString,
    ) -> Self {
        let is_builtin_only = root.absent.is_without(filter, secrets);
        Self {
            plain: is_builtin_only.then(|| Plain::of(filter.chosen.and(filter.forced))),
            is_strict: true,
            spare: Vec::new(),
            filter,
            secrets,
            json,
            at: 0,
            out: String::new(),
            copied: 0,
            root,
            stack: Vec::new(),
            sink,
            counts: Counts::default(),
            pointer: String::new(),
            strings,
        }
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
                            self.close();
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
                self.is_strict &= self.stack.len() < COMMON_DEPTH;
                let members = object.then(|| Members::new(self.spare.pop().unwrap_or_default()));
                self.stack.push(Frame { place, object: members, index: 0 });
                return Some(true);
            }
            _ => return None,
        }
        Some(false)
    }

    /// Closes the innermost container.
    fn close(&mut self) {
        if let Some(Frame { object: Some(mut members), .. }) = self.stack.pop() {
            members.keys.clear();
            self.spare.push(members.keys);
        }
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
        let clean = self.plain_literal();
        let (start, raw, escaped) = self.quoted_or(clean)?;
        let frame = self.stack.last_mut()?;
        let (place, members) = (frame.place, frame.object.as_mut()?);
        self.is_strict &= members.is_new(raw, escaped);
        if clean.is_some() && members.written.is_none() {
            members.keys.push(Key::Raw(raw));
            return Some(());
        }
        let text = if escaped { Some(unquote(raw)) } else { None };
        let place = Place { keys: Keys::default(), ..place.escaped(escaped) };
        let plain = text.as_deref().unwrap_or(raw);
        let filtered = (self.strings)(self.filter, self.secrets, plain, place, &mut self.counts);
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
        self.report();
        Some(())
    }

    fn string(&mut self, place: Place<'a>) -> Option<()> {
        if let Some(clean) = self.plain_literal() {
            self.at += clean.len() + 2;
            return Some(());
        }
        let (start, raw, escaped) = self.quoted_or(None)?;
        self.is_strict &= !(escaped && literals::has_surrogates(raw));
        let text = if escaped { Some(unquote(raw)) } else { None };
        let (text, place) = (text.as_deref().unwrap_or(raw), place.escaped(escaped));
        if let Some(new) = (self.strings)(self.filter, self.secrets, text, place, &mut self.counts) {
            self.replace(start, self.at, &new);
            look::reuse(new);
            self.report();
        }
        Some(())
    }

    /// Parses a number and applies the patterns to its text. A number that matches is replaced by a string with the marker.
    fn number(&mut self, place: Place<'a>) -> Option<()> {
        let start = self.at;
        let at = start + literals::number(&self.json.as_bytes()[start..])?;
        self.at = at;
        let token = &self.json[start..at];
        if self.plain.is_some_and(|plain| plain.has_number(token)) {
            return Some(());
        }
        self.is_strict &= token.len() <= COMMON_NUMBER && !token.contains(['e', 'E']);
        let mut found = look::first_match(self.filter, self.secrets, token, place, &mut self.counts);
        if found.is_none()
            && let Some(plain) = integer(token)
        {
            found = look::first_match(self.filter, self.secrets, &plain, place, &mut self.counts);
        }
        if let Some(source) = found {
            let mut marker = String::new();
            markers::push(self.filter, self.secrets, source, &mut marker);
            self.replace(start, at, &marker);
            self.report();
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

    /// Returns the text of the string that begins here, if it is certain without a scan that there is nothing to redact.
    fn plain_literal(&self) -> Option<&'a str> {
        self.plain?.literal(&self.json[self.at..])
    }

    /// Parses a string, of which `known` is the text if that is known. Returns the position of the opening quote, the text between the
    /// quotes, and whether it has escapes.
    fn quoted_or(&mut self, known: Option<&'a str>) -> Option<(usize, &'a str, bool)> {
        let start = self.at;
        let (raw, escaped) = match known {
            Some(raw) => (raw, false),
            None => literals::string(&self.json[start..])?,
        };
        self.at += raw.len() + 2;
        Some((start, raw, escaped))
    }

    /// Replaces `start..end` with a JSON string.
    fn replace(&mut self, start: usize, end: usize, new: &str) {
        if self.copied == 0 {
            // Markers are often longer than what they replace.
            self.out.reserve(self.json.len() + self.json.len() / 4 + 64);
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

    /// Reports the matches of the current string.
    fn report(&mut self) {
        if self.counts.is_empty() {
            return;
        }
        match &mut self.sink {
            Sink::Counts(all) => all.merge(&self.counts),
            Sink::Report { at, report, total, .. } => {
                let pointer = &mut self.pointer;
                pointer.clear();
                pointer.push_str(at);
                for frame in &self.stack {
                    match frame.object.as_ref().map(|members| members.keys.last()) {
                        None => pointer::push_index(pointer, frame.index),
                        Some(Some(Key::New(text))) => pointer::push(pointer, text),
                        Some(Some(Key::Raw(raw))) if !raw.contains('\\') => pointer::push(pointer, raw),
                        Some(key) => pointer::push(pointer, &key.map(Key::text).unwrap_or_default()),
                    }
                }
                report.place(pointer, &self.counts, total, |source| markers::id(self.filter, self.secrets, source));
            }
        }
        self.counts.clear();
    }
}
