//! One string: look at it in every view, unite what was found, replace it, and look again until nothing is left.

use super::context::Keys;
use super::custom::CustomPatterns;
use super::patterns::PatternSet;
use super::report::Counts;
use super::secrets::Secrets;
use super::span::{self, Span};
use super::unescape::{Unescaped, unescape};
use super::view::{MAX_TEXT, View};
use super::{PrivacyFilter, UNREADABLE, fold, json, markers, scan};

/// Where a string stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The object keys above it.
    pub(super) keys: Keys<'a>,
    /// Whether the author exempted it.
    pub(super) exempt: bool,
    /// How many layers of JSON text are around it.
    pub(super) depth: usize,
}

/// How many layers of JSON text within strings of JSON text are looked through.
const MAX_DEPTH: usize = 8;
/// How often a string is looked at; each time something was replaced, so this many are never needed by honest text.
const MAX_ROUNDS: usize = 32;

/// Filters one string; `None` where nothing is to be redacted.
pub(super) fn filter(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    text: &str,
    place: Place<'_>,
    counts: &mut Counts,
) -> Option<String> {
    let look = Look { filter, secrets, place };
    let mut current: Option<String> = None;
    for _ in 0..MAX_ROUNDS {
        match look.step(current.as_deref().unwrap_or(text), counts) {
            Step::Clean => return current,
            Step::Changed(next) => current = Some(next),
            Step::Unreadable => break,
        }
    }
    counts.one(UNREADABLE);
    let mut marker = String::new();
    markers::push(&mut marker, UNREADABLE);
    Some(marker)
}

/// The id of the first thing found in a number, which is replaced whole.
pub(super) fn first_id(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    number: &str,
    place: Place<'_>,
    counts: &mut Counts,
) -> Option<String> {
    let look = Look { filter, secrets, place };
    let mut spans = Vec::new();
    look.scan(number, look.patterns(), &mut spans);
    let source = spans.iter().map(|span| span.source).min()?;
    let id = markers::id(filter, secrets, source).into_owned();
    counts.one(&id);
    Some(id)
}

enum Step {
    Clean,
    Changed(String),
    Unreadable,
}

struct Look<'a> {
    filter: &'a PrivacyFilter,
    secrets: &'a Secrets,
    place: Place<'a>,
}

impl Look<'_> {
    fn step(&self, text: &str, counts: &mut Counts) -> Step {
        if text.len() >= MAX_TEXT {
            return Step::Unreadable;
        }
        let mut builtin = self.patterns();
        if is_json_like(text) {
            if self.place.depth >= MAX_DEPTH {
                return if text.contains('\\') { Step::Unreadable } else { self.replace(text, builtin, counts) };
            }
            match json::filter_nested(self.filter, self.secrets, text, self.place, counts) {
                Some(Some(changed)) => return Step::Changed(changed),
                // it was read value by value; what is left to find is what the author or a secret spells out
                Some(None) => builtin = PatternSet::NONE,
                None => {}
            }
        }
        self.replace(text, builtin, counts)
    }

    fn patterns(&self) -> PatternSet {
        let Place { exempt, .. } = self.place;
        if exempt { self.filter.forced } else { self.filter.chosen.and(self.filter.forced) }
    }

    fn replace(&self, text: &str, builtin: PatternSet, counts: &mut Counts) -> Step {
        let custom = !self.place.exempt && !self.filter.custom.is_empty();
        if builtin.is_empty() && !custom && self.secrets.is_empty() {
            return Step::Clean;
        }
        let mut spans = Vec::new();
        if !self.views(text, builtin, &mut spans) {
            return Step::Unreadable;
        }
        if spans.is_empty() {
            return Step::Clean;
        }
        let ours = markers::find(self.filter, self.secrets, text);
        if ours.iter().any(|&(start, end)| spans.iter().any(|span| span.start < end && start < span.end)) {
            spans.clear();
            let mut from = 0;
            for &(start, end) in ours.iter().chain([&(text.len(), text.len())]) {
                let known = spans.len();
                if !self.views(&text[from..start], builtin, &mut spans) {
                    return Step::Unreadable;
                }
                for span in &mut spans[known..] {
                    span.start += from;
                    span.end += from;
                }
                from = end;
            }
            if spans.is_empty() {
                return Step::Clean;
            }
        }
        span::unite(&mut spans);
        let mut out = String::with_capacity(text.len() + spans.len() * 8);
        let mut copied = 0;
        for found in spans {
            let id = markers::id(self.filter, self.secrets, found.source);
            out.push_str(&text[copied..found.start]);
            markers::push(&mut out, &id);
            counts.one(&id);
            copied = found.end;
        }
        out.push_str(&text[copied..]);
        Step::Changed(out)
    }

    /// Looks at a text in every view; `false` where there are more layers of escapes than are looked through.
    fn views(&self, text: &str, builtin: PatternSet, found: &mut Vec<Span>) -> bool {
        self.scan(text, builtin, found);
        let folded = fold::fold(text);
        if let Some(view) = &folded {
            self.scan_view(view, builtin, found);
        }
        if memchr::memchr3(b'\\', b'%', b'&', text.as_bytes()).is_none() {
            // a folded % or \ is one too
            let Some(view) = folded.filter(|view| view.text.contains(['\\', '%', '&'])) else { return true };
            return self.scan_layers(&view.text, Some(&view), builtin, found);
        }
        self.scan_layers(text, None, builtin, found)
    }

    fn scan_layers(&self, text: &str, of: Option<&View>, builtin: PatternSet, found: &mut Vec<Span>) -> bool {
        let layers = match unescape(text) {
            Unescaped::Same => return true,
            Unescaped::TooDeep => return false,
            Unescaped::Layers(layers) => layers,
        };
        for layer in layers {
            let layer = match of {
                Some(outer) => layer.through(outer),
                None => layer,
            };
            self.scan_view(&layer, builtin, found);
            if let Some(view) = fold::fold(&layer.text) {
                self.scan_view(&view.through(&layer), builtin, found);
            }
        }
        true
    }

    fn scan_view(&self, view: &View, builtin: PatternSet, found: &mut Vec<Span>) {
        let known = found.len();
        self.scan(&view.text, builtin, found);
        for span in &mut found[known..] {
            (span.start, span.end) = view.source(span.start, span.end);
        }
    }

    fn scan(&self, text: &str, builtin: PatternSet, found: &mut Vec<Span>) {
        self.secrets.scan(text, found);
        let custom: &CustomPatterns = &self.filter.custom;
        if !custom.is_empty() && !self.place.exempt {
            custom.scan(text, found);
        }
        if !builtin.is_empty() {
            scan::scan(text, self.place.keys, builtin, found);
        }
    }
}

/// Whether a text may be one JSON array, object or string.
fn is_json_like(text: &str) -> bool {
    let inner = text.trim_ascii();
    matches!(
        (inner.as_bytes().first(), inner.as_bytes().last()),
        (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')) | (Some(b'"'), Some(b'"'))
    ) && inner.len() > 1
}
