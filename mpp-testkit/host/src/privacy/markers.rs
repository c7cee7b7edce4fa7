//! `[REDACTED:id]`: writing the marker and finding those that are there already.

use memchr::memmem;

use super::PrivacyFilter;
use super::patterns::Builtin;
use super::secrets::Secrets;
use super::span::Source;

const OPEN: &str = "[REDACTED:";

/// The id of a match.
pub(super) fn id<'a>(filter: &'a PrivacyFilter, secrets: &'a Secrets, source: Source) -> std::borrow::Cow<'a, str> {
    match source {
        Source::Secret(index) => format!("env:{}", secrets.name(index)).into(),
        Source::Custom(index) => filter.custom.id(index).into(),
        Source::Builtin(pattern) => pattern.id().into(),
    }
}

/// Appends the marker for an id.
pub(super) fn push(out: &mut String, id: &str) {
    out.push_str(OPEN);
    out.push_str(id);
    out.push(']');
}

/// The markers in a text that this filter could have written. Anything else that looks like one is text like any
/// other: a tool must not be able to hide a card number in `[REDACTED:…]`.
pub(super) fn find(filter: &PrivacyFilter, secrets: &Secrets, text: &str) -> Vec<(usize, usize)> {
    memmem::find_iter(text.as_bytes(), OPEN)
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
