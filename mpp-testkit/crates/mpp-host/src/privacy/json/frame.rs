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
#[derive(Default)]
pub(super) struct Members<'a> {
    /// The keys, in order. The last one belongs to the current member.
    pub(super) keys: Vec<Key<'a>>,
    /// The keys as they are written to the output; `None` until a key is redacted.
    pub(super) written: Option<HashSet<String>>,
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
