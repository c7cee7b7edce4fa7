//! Filters one string: repeats the scan until nothing is found, and filters JSON text within the string.

use super::look::{Absent, Look, Place, Step};
use super::patterns::PatternSet;
use super::report::Counts;
use super::secrets::Secrets;
use super::span::Source;
use super::view::MAX_TEXT;
use super::{PrivacyFilter, json, markers};

/// The maximum number of layers of JSON text within strings of JSON text that are parsed.
const MAX_DEPTH: usize = 8;
/// The maximum number of times that a string is scanned. Each repetition follows a replacement, so ordinary text does not
/// reach this number.
const MAX_ROUNDS: usize = 32;

/// Filters one string. Returns `None` if there is nothing to redact.
pub(super) fn filter(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    text: &str,
    place: Place<'_>,
    counts: &mut Counts,
) -> Option<String> {
    let mut look = Look { filter, secrets, place };
    let mut current: Option<String> = None;
    for _ in 0..MAX_ROUNDS {
        match step(&look, current.as_deref().unwrap_or(text), counts) {
            Step::Clean => return current,
            Step::Settled(last) => return Some(last),
            Step::Changed(next) => current = Some(next),
            Step::Unreadable => break,
        }
        look.place.absent = Absent::default();
    }
    counts.one(Source::Unreadable);
    let mut marker = String::new();
    markers::push(filter, secrets, Source::Unreadable, &mut marker);
    Some(marker)
}

/// Scans `text` once, in JSON text each of its values.
fn step(look: &Look<'_>, text: &str, counts: &mut Counts) -> Step {
    if text.len() >= MAX_TEXT {
        return Step::Unreadable;
    }
    let mut builtin = look.patterns();
    if is_json_like(text) {
        if look.place.depth >= MAX_DEPTH {
            return if text.contains('\\') { Step::Unreadable } else { look.replace(text, builtin, counts) };
        }
        match json::filter_nested(look.filter, look.secrets, text, look.place, counts, filter) {
            Some(Some(changed)) => return Step::Changed(changed),
            // The built-in patterns have examined each value. Custom patterns and secrets may still match the JSON text.
            Some(None) => builtin = PatternSet::NONE,
            None => {}
        }
    }
    look.replace(text, builtin, counts)
}

/// Returns whether a text may be a single JSON array, object or string.
fn is_json_like(text: &str) -> bool {
    let inner = text.trim_ascii();
    matches!(
        (inner.as_bytes().first(), inner.as_bytes().last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'"'), Some(b'"'))
    ) && inner.len() > 1
}
