//! Wording: what serde says about a value, in the words of a caller who writes JSON and not Rust.

use serde_path_to_error::Segment;

use crate::{
    private::LengthKind,
    registry::Rule,
    wire::{Mistake, nearest},
};

/// The mistake that an error of deserialising is, below `pointer`.
pub(crate) fn mistake(pointer: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Mistake {
    let mut pointer = pointer.to_owned();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => push_key(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => push_key(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    let (message, nearest) = of(&error.inner().to_string());
    Mistake::new(pointer, message).with_nearest(nearest.as_deref())
}

/// Appends one reference token (RFC 6901).
pub(crate) fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The message for a caller, and what was probably meant.
pub(crate) fn of(message: &str) -> (String, Option<String>) {
    let message = before_last(message, b" at line ");
    for (start, noun) in [("unknown field `", "key"), ("unknown variant `", "choice")] {
        if let Some(rest) = message.strip_prefix(start) {
            let mut quoted = rest.split('`');
            let word = quoted.next().unwrap_or_default();
            let known: Vec<&str> = quoted.skip(1).step_by(2).collect();
            let nearest = nearest(word, known.iter().copied()).map(str::to_owned);
            let mut message = format!("there is no {noun} `{word}`");
            if !known.is_empty() {
                message.push_str(", expected ");
                message.push_str(&words(known.into_iter()));
            }
            return (message, nearest);
        }
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return (format!("the key {key} is missing"), None);
    }
    const EXPECTED: &[u8] = b", expected ";
    for start in ["invalid type: ", "invalid value: ", "invalid "] {
        if let Some(rest) = message.strip_prefix(start) {
            let found = before_last(rest, EXPECTED);
            let expected = rest.get(found.len() + EXPECTED.len()..).unwrap_or("something else");
            return (format!("expected {}, found {}", noun(expected), shortened(noun(found))), None);
        }
    }
    (shortened(message), None)
}

/// The message for a value that fits the type and not the rules.
pub(crate) fn misfit(rules: &[Rule], found: &str) -> String {
    let mut message = String::new();
    for rule in rules {
        let (words, bound) = match rule {
            Rule::Min(bound) => ("at least ", bound.to_text()),
            Rule::Max(bound) => ("at most ", bound.to_text()),
            Rule::Below(bound) => ("less than ", bound.to_text()),
            Rule::MinLen(length, kind) => ("at least ", counted(*length, *kind)),
            Rule::MaxLen(length, kind) => ("at most ", counted(*length, *kind)),
            Rule::Pattern(_) | Rule::Format(_) | Rule::Examples(_) => continue,
        };
        message.push_str(if message.is_empty() { "expected " } else { " and " });
        message.push_str(words);
        message.push_str(&bound);
    }
    message + ", found " + &shortened(found)
}

/// `` `a`, `b` or `c` ``.
pub(crate) fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if !list.is_empty() {
            list.push_str(if words.peek().is_some() { ", " } else { " or " });
        }
        list.push('`');
        list.push_str(word);
        list.push('`');
    }
    list
}

fn counted(length: usize, kind: LengthKind) -> String {
    let noun = match kind {
        LengthKind::Characters => "character",
        LengthKind::Items => "item",
        LengthKind::Members => "key",
    };
    format!("{length} {noun}{}", if length == 1 { "" } else { "s" })
}

/// What stands before the last `separator`, or the whole. (serde_json adds a position within the one value, ` at line …`,
/// which means nothing to the caller.) By bytes: the searcher of the standard library is a kilobyte of a module.
fn before_last<'a>(text: &'a str, separator: &[u8]) -> &'a str {
    let at = text.as_bytes().windows(separator.len()).rposition(|window| window == separator);
    at.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// JSON's noun for a Rust type.
fn noun(word: &str) -> &str {
    match word {
        "u8" => "an integer from 0 to 255",
        "u16" => "an integer from 0 to 65535",
        "u32" => "an integer from 0 to 4294967295",
        "u64" | "usize" => "a non-negative integer",
        "i8" => "an integer from -128 to 127",
        "i16" => "an integer from -32768 to 32767",
        "i32" => "an integer from -2147483648 to 2147483647",
        "i64" | "isize" => "an integer",
        "f32" | "f64" => "a number",
        "a sequence" | "sequence" => "an array",
        "a map" | "map" => "an object",
        _ if word.starts_with("struct ") => "an object",
        _ => word,
    }
}

/// Enough of a long text to recognise it.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
