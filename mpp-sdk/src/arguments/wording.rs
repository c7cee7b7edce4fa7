//! Rewords serde's messages for callers, who write JSON and do not see Rust types.

use serde_path_to_error::Segment;

use crate::{
    parameter::Rule,
    pointer,
    private::constraint::LengthKind,
    wire::{Mistake, nearest},
};

/// Converts a deserialization error into a mistake at or below `pointer`.
pub(crate) fn mistake(pointer: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Mistake {
    let mut pointer = pointer.to_owned();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer::push(&mut pointer, &index.to_string()),
            Segment::Map { key } | Segment::Enum { variant: key } => pointer::push(&mut pointer, key),
            Segment::Unknown => {}
        }
    }
    let (message, nearest) = of(&error.inner().to_string());
    Mistake::new(pointer, message).with_nearest(nearest.as_deref())
}

/// Returns the message for the caller, and the nearest valid name if a name was wrong.
pub(crate) fn of(message: &str) -> (String, Option<String>) {
    let message = before_last(message, b" at line ");
    for (start, noun) in [("unknown field `", "key"), ("unknown variant `", "choice")] {
        if let Some(rest) = message.strip_prefix(start) {
            let (word, mut rest) = at_backtick(rest).unwrap_or((rest, ""));
            let mut known = Vec::new();
            while let Some((name, next)) = at_backtick(rest).and_then(|(_, rest)| at_backtick(rest)) {
                known.push(name);
                rest = next;
            }
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

/// Splits at the first backtick. (`str::split` would be larger.)
fn at_backtick(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == b'`')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Returns the message for a value that has the right type but violates a rule.
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

/// Lists words as `` `a`, `b` or `c` ``.
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

/// Returns the text before the last `separator`, or all of it. (serde_json appends ` at line …`, a position within the
/// one value, which is of no use to the caller.) Compares bytes, because `str::rsplit_once` adds a kilobyte to a module.
fn before_last<'a>(text: &'a str, separator: &[u8]) -> &'a str {
    let at = text.as_bytes().windows(separator.len()).rposition(|window| window == separator);
    at.and_then(|at| text.get(..at)).unwrap_or(text)
}

/// Returns JSON's name for a Rust type.
fn noun(word: &str) -> &str {
    // A list, which is half as large as a `match`.
    const NOUNS: [(&str, &str); 19] = [
        ("u8", "an integer from 0 to 255"),
        ("u16", "an integer from 0 to 65535"),
        ("u32", "an integer from 0 to 4294967295"),
        ("u64", "an integer from 0 to 18446744073709551615"),
        // In a module, `usize` and `isize` have 32 bits.
        ("usize", "an integer from 0 to 4294967295"),
        ("i8", "an integer from -128 to 127"),
        ("i16", "an integer from -32768 to 32767"),
        ("i32", "an integer from -2147483648 to 2147483647"),
        ("i64", "an integer from -9223372036854775808 to 9223372036854775807"),
        ("isize", "an integer from -2147483648 to 2147483647"),
        ("u128", "a non-negative integer"),
        ("i128", "an integer"),
        ("option", "a value or null"),
        ("f32", "a number"),
        ("f64", "a number"),
        ("a sequence", "an array"),
        ("sequence", "an array"),
        ("a map", "an object"),
        ("map", "an object"),
    ];
    match NOUNS.iter().find(|(name, _)| *name == word) {
        Some((_, noun)) => noun,
        None if word.starts_with("struct ") => "an object",
        None if word.starts_with("a nonzero ") => "an integer other than 0",
        None => word,
    }
}

/// Cuts a long text to its first 80 characters.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shortened = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shortened.push('…');
            break;
        }
        shortened.push(character);
    }
    shortened
}
