//! A document in JSON or YAML as a value, with the place of every part of it in the text.

mod edit;
mod json;
mod yaml;

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) use edit::Edits;

/// How deep values may be nested.
const DEEPEST: usize = 64;
/// How many values a document may have, counted after aliases are replaced.
const MOST: usize = 100_000;

/// The language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Json,
    Yaml,
}

/// A document that was read.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) text: String,
    pub(crate) syntax: Syntax,
    pub(crate) value: Value,
    /// The place of each value, by its JSON pointer.
    pub(crate) places: BTreeMap<String, Place>,
}

/// The place of a value in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    /// The bytes of the value.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Line of the key, or of the value if it has none; counted from 1.
    pub(crate) line: usize,
    /// Column of the key, or of the value if it has none; counted from 0.
    pub(crate) column: usize,
    /// Whether the value came from an alias or is left out, so that no text belongs to it alone.
    pub(crate) is_elsewhere: bool,
}

/// A text that is not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxFault {
    pub(crate) line: usize,
    pub(crate) reason: String,
}

impl SyntaxFault {
    fn new(line: usize, reason: impl Into<String>) -> Self {
        Self { line, reason: reason.into() }
    }
}

impl Document {
    /// Reads a text.
    pub(crate) fn read(text: &str, syntax: Syntax) -> Result<Self, SyntaxFault> {
        let (value, places) = match syntax {
            Syntax::Json => json::read(text)?,
            Syntax::Yaml => yaml::read(text)?,
        };
        Ok(Self { text: text.to_owned(), syntax, value, places })
    }

    /// Returns the line of the value at a pointer, or of the nearest value that contains it.
    pub(crate) fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return place.line;
            }
            match pointer.rfind('/') {
                Some(at) => pointer = &pointer[..at],
                None => return 1,
            }
        }
    }
}

/// Returns the 1-based line and the 0-based column of a byte.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..at.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (line, before.len() - start)
}
