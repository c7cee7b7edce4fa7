//! The open containers of a JSON text, and the keys of their members.

use std::collections::HashSet;

use super::literals::unquote;
use crate::privacy::look::Place;

/// An open array or object.
pub(super) struct Frame<'a> {
    pub(super) place: Place<'a>,
    /// `None` for an array.
    pub(super) object: Option<Members<'a>>,
    /// Current index in the array.
    pub(super) index: usize,
}

/// The members of an object that have been parsed so far.
pub(super) struct Members<'a> {
    /// The keys, in order. The last one belongs to the current member.
    pub(super) keys: Vec<Key<'a>>,
    /// The keys as they are written to the output; `None` until a key is redacted.
    pub(super) written: Option<HashSet<String>>,
    /// The keys of an object with many members, as they are in the source; `None` as long as it has few.
    seen: Option<HashSet<&'a str>>,
}

/// The number of keys that are compared one by one.
const FEW: usize = 16;

impl<'a> Members<'a> {
    /// Creates the members of an object, with an empty buffer for their keys.
    pub(super) fn new(keys: Vec<Key<'a>>) -> Self {
        Self { keys, written: None, seen: None }
    }

    /// Returns whether `raw` certainly differs from all earlier keys. A key with escapes or a redacted one may be equal to any.
    pub(super) fn is_new(&mut self, raw: &'a str, escaped: bool) -> bool {
        let keys = &self.keys;
        if escaped || self.written.is_some() {
            return false;
        }
        let raw_of = |key: &Key<'a>| match key {
            Key::Raw(raw) => *raw,
            Key::New(_) => "",
        };
        if self.seen.is_none() && keys.len() < FEW {
            return !keys.iter().any(|key| raw_of(key) == raw);
        }
        self.seen.get_or_insert_with(|| keys.iter().map(raw_of).collect()).insert(raw)
    }
}

/// The key of a member.
pub(super) enum Key<'a> {
    /// A key as it is in the source, without the quotes.
    Raw(&'a str),
    /// A key that was replaced.
    New(String),
}

impl Key<'_> {
    /// Returns the decoded key.
    pub(super) fn text(&self) -> String {
        match self {
            Key::Raw(raw) => unquote(raw),
            Key::New(text) => text.clone(),
        }
    }
}

/// Returns `key` if no earlier key of the object is equal, else `key` with the first of the suffixes `:2`, `:3` … that
/// makes it unique.
pub(super) fn unique(written: &HashSet<String>, key: String) -> String {
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
