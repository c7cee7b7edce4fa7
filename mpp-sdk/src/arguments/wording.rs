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
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// The message for a caller, and what was probably meant.
pub(crate) fn of(message: &str) -> (String, Option<String>) {
    let message = without_position(message);
    for (start, noun) in [("unknown field `", "key"), ("unknown variant `", "choice")] {
        if let Some((word, expected)) = message.strip_prefix(start).and_then(|rest| rest.split_once('`')) {
            let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
            let nearest = nearest(word, known.iter().copied()).map(str::to_owned);
            let expected =
                if known.is_empty() { String::new() } else { format!(", expected {}", words(known.into_iter())) };
            return (format!("there is no {noun} `{word}`{expected}"), nearest);
        }
    }
    if let Some(key) = message.strip_prefix("missing field ") {
        return (format!("the key {key} is missing"), None);
    }
    for start in ["invalid type: ", "invalid value: ", "invalid "] {
        if let Some((found, expected)) = message.strip_prefix(start).and_then(|rest| rest.split_once(", expected ")) {
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
            Rule::Min(bound) => ("at least ", bound.to_json().to_string()),
            Rule::Max(bound) => ("at most ", bound.to_json().to_string()),
            Rule::Below(bound) => ("less than ", bound.to_json().to_string()),
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

/// serde_json adds a position within the one value, which means nothing to the caller.
fn without_position(message: &str) -> &str {
    match message.rsplit_once(" at line ") {
        Some((before, after)) if after.contains(" column ") => before,
        _ => message,
    }
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
