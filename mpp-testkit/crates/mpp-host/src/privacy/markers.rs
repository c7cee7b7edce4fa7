//! Writes `[REDACTED:id]` markers, and finds the markers that a text already contains.

use std::borrow::Cow;

use super::PrivacyFilter;
use super::patterns::Builtin;
use super::secrets::Secrets;
use super::span::Source;

const OPEN: &str = "[REDACTED:";

/// Returns the id of a match.
pub(super) fn id(filter: &PrivacyFilter, secrets: &Secrets, source: Source) -> Cow<'static, str> {
    match source {
        Source::Secret(index) => format!("env:{}", secrets.name(index)).into(),
        Source::Custom(index) => filter.custom.id(index).to_owned().into(),
        Source::Builtin(pattern) => pattern.id().into(),
        Source::Unreadable => super::UNREADABLE.into(),
    }
}

/// Appends the marker of a match.
pub(super) fn push(filter: &PrivacyFilter, secrets: &Secrets, source: Source, out: &mut String) {
    let id = match source {
        Source::Builtin(pattern) => return out.push_str(pattern.marker()),
        Source::Secret(index) => {
            out.push_str("[REDACTED:env:");
            secrets.name(index)
        }
        Source::Custom(index) => {
            out.push_str(OPEN);
            filter.custom.id(index)
        }
        Source::Unreadable => {
            out.push_str(OPEN);
            super::UNREADABLE
        }
    };
    out.push_str(id);
    out.push(']');
}

/// Returns whether a text contains the beginning of a marker.
pub(super) fn is_in(text: &str) -> bool {
    text.len() >= OPEN.len() && memchr::memchr_iter(b'[', text.as_bytes()).any(|start| text[start..].starts_with(OPEN))
}

/// Returns whether the text up to `end` ends with what looks like a marker.
pub(super) fn ends_at(text: &str, end: usize) -> bool {
    text.as_bytes()[end - 1] == b']' && text[..end].rfind('[').is_some_and(|open| text[open..].starts_with(OPEN))
}

/// Returns the positions of the markers that this filter could have written. Anything else that looks like a marker is
/// treated as text, so that a tool cannot hide a card number in `[REDACTED:…]`.
pub(super) fn find(filter: &PrivacyFilter, secrets: &Secrets, text: &str) -> Vec<(usize, usize)> {
    memchr::memchr_iter(b'[', text.as_bytes())
        .filter(|start| text[*start..].starts_with(OPEN))
        .filter_map(|start| {
            let inner = start + OPEN.len();
            let len = text[inner..].find(']')?;
            is_ours(filter, secrets, &text[inner..inner + len]).then_some((start, inner + len + 1))
        })
        .collect()
}

fn is_ours(filter: &PrivacyFilter, secrets: &Secrets, id: &str) -> bool {
    match id.strip_prefix("env:") {
        Some(name) => secrets.has_name(name),
        None => Builtin::from_id(id).is_some() || filter.custom.has_id(id) || id == super::UNREADABLE,
    }
}
