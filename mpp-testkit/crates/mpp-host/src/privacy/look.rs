//! Scans one string in every view, merges the matches, and replaces them.

use std::cell::Cell;

use super::context::Keys;
use super::custom::CustomPatterns;
use super::patterns::{Builtin, PatternSet};
use super::report::Counts;
use super::secrets::Secrets;
use super::span::{self, Source, Span};
use super::unescape::{Unescaped, unescape};
use super::view::View;
use super::{PrivacyFilter, fold, markers, scan};

/// The place of a string in the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// The object keys above the string.
    pub(super) keys: Keys<'a>,
    /// Whether the author exempted the string.
    pub(super) exempt: bool,
    /// The number of strings of JSON text in which the string is nested.
    pub(super) depth: usize,
    /// The kinds of matches that the string is known not to contain.
    pub(super) absent: Absent,
}

impl Place<'_> {
    /// Returns the same place for a string that was written with or without escapes. The scan of the JSON text does not
    /// cover the decoded text of a string with escapes.
    pub(super) fn escaped(mut self, escaped: bool) -> Self {
        if escaped {
            self.absent = Absent::default();
        }
        self
    }
}

/// The kinds of matches that one scan of the whole JSON text excludes for each string that is written without escapes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Absent {
    secrets: bool,
    custom: bool,
}

impl Absent {
    pub(super) fn from(filter: &PrivacyFilter, secrets: &Secrets, json: &str) -> Self {
        Self { secrets: !secrets.is_in(json), custom: filter.custom.is_absent(json) }
    }

    /// Returns whether a string that is written without escapes can contain matches of built-in patterns only.
    pub(super) fn is_without(self, filter: &PrivacyFilter, secrets: &Secrets) -> bool {
        (self.secrets || secrets.is_empty()) && (self.custom || filter.custom.is_empty())
    }
}

/// Filters one string, and JSON text within it. Returns `None` if there is nothing to redact.
///
/// JSON text consists of strings, and a string may contain JSON text. `json` therefore receives this function from its caller.
pub(super) type FilterString = fn(&PrivacyFilter, &Secrets, &str, Place<'_>, &mut Counts) -> Option<String>;

/// Returns the source that names the redaction of a number, which is replaced as a whole, or `None` if nothing matches.
pub(super) fn first_match(
    filter: &PrivacyFilter,
    secrets: &Secrets,
    number: &str,
    place: Place<'_>,
    counts: &mut Counts,
) -> Option<Source> {
    let place = Place { keys: place.keys.of_number(), ..place };
    let look = Look { filter, secrets, place };
    let mut spans = Vec::new();
    look.scan(number, look.patterns().without(Builtin::ApiKey), place.absent, &mut spans);
    let source = spans.iter().map(|span| span.source).min()?;
    counts.one(source);
    Some(source)
}

/// The outcome of one scan.
pub(super) enum Step {
    /// Nothing was found.
    Clean,
    /// The text was changed, and another scan would find nothing.
    Settled(String),
    /// The text was changed, and has to be scanned again.
    Changed(String),
    /// The text cannot be scanned completely, so it is replaced as a whole.
    Unreadable,
}

/// A string's filter, secrets and place.
pub(super) struct Look<'a> {
    pub(super) filter: &'a PrivacyFilter,
    pub(super) secrets: &'a Secrets,
    pub(super) place: Place<'a>,
}

impl Look<'_> {
    /// Returns the built-in patterns that apply in this place.
    pub(super) fn patterns(&self) -> PatternSet {
        let Place { exempt, .. } = self.place;
        if exempt { self.filter.forced } else { self.filter.chosen.and(self.filter.forced) }
    }

    /// Replaces the matches of the patterns `builtin`, of the custom patterns and of the secrets.
    pub(super) fn replace(&self, text: &str, builtin: PatternSet, counts: &mut Counts) -> Step {
        let custom = !self.place.exempt && !self.filter.custom.is_empty();
        if builtin.is_empty() && !custom && self.secrets.is_empty() {
            return Step::Clean;
        }
        let mut spans = Spans::new();
        let spans = &mut spans.0;
        let Some(views) = self.views(text, builtin, self.place.absent, spans) else { return Step::Unreadable };
        if spans.is_empty() {
            return Step::Clean;
        }
        let ours = markers::find(self.filter, self.secrets, text);
        if ours.iter().any(|&(start, end)| spans.iter().any(|span| span.start < end && start < span.end)) {
            spans.clear();
            let mut from = 0;
            for &(start, end) in ours.iter().chain([&(text.len(), text.len())]) {
                let known = spans.len();
                if self.views(&text[from..start], builtin, Absent::default(), spans).is_none() {
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
        span::unite(spans);
        let mut out = SPARE_TEXT.take();
        out.reserve(text.len() + spans.len() * 20);
        let mut copied = 0;
        for found in spans.iter() {
            out.push_str(&text[copied..found.start]);
            markers::push(self.filter, self.secrets, found.source, &mut out);
            counts.one(found.source);
            copied = found.end;
        }
        out.push_str(&text[copied..]);
        let settled =
            views == 1 && ours.is_empty() && !self.filter.custom.has_look_around() && stand_alone(text, spans);
        if settled { Step::Settled(out) } else { Step::Changed(out) }
    }

    /// Scans a text in every view. Returns the number of views, or `None` if the text has more layers of escapes than are
    /// decoded.
    fn views(&self, text: &str, builtin: PatternSet, absent: Absent, found: &mut Vec<Span>) -> Option<usize> {
        self.scan(text, builtin, absent, found);
        let folded = fold::fold(text);
        let views = 1 + usize::from(folded.is_some());
        if let Some(view) = &folded {
            self.scan_view(view, builtin, found);
        }
        if memchr::memchr3(b'\\', b'%', b'&', text.as_bytes()).is_none() {
            // Folding may produce a `\`, `%` or `&`.
            let Some(view) = folded.filter(|view| view.text.contains(['\\', '%', '&'])) else {
                return Some(views);
            };
            return Some(views + self.scan_layers(&view.text, Some(&view), builtin, found)?);
        }
        Some(views + self.scan_layers(text, None, builtin, found)?)
    }

    fn scan_layers(&self, text: &str, of: Option<&View>, builtin: PatternSet, found: &mut Vec<Span>) -> Option<usize> {
        let layers = match unescape(text) {
            Unescaped::Same => return Some(0),
            Unescaped::TooDeep => return None,
            Unescaped::Layers(layers) => layers,
        };
        let count = layers.len();
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
        Some(count)
    }

    fn scan_view(&self, view: &View, builtin: PatternSet, found: &mut Vec<Span>) {
        let known = found.len();
        self.scan(&view.text, builtin, Absent::default(), found);
        for span in &mut found[known..] {
            (span.start, span.end) = view.source(span.start, span.end);
        }
    }

    fn scan(&self, text: &str, builtin: PatternSet, absent: Absent, found: &mut Vec<Span>) {
        if !absent.secrets {
            self.secrets.scan(text, found);
        }
        let custom: &CustomPatterns = &self.filter.custom;
        if !absent.custom && !custom.is_empty() && !self.place.exempt {
            custom.scan(text, found);
        }
        if !builtin.is_empty() {
            scan::scan(text, self.place.keys, builtin, found);
        }
    }
}

thread_local! {
    /// A spare buffer for spans, so that each thread allocates once and not for each string.
    static SPARE: Cell<Vec<Span>> = const { Cell::new(Vec::new()) };
    /// A spare buffer for the filtered text of a string.
    static SPARE_TEXT: Cell<String> = const { Cell::new(String::new()) };
}

/// Keeps the buffer of a filtered text for the next one. The buffer of a long text is freed.
pub(super) fn reuse(mut text: String) {
    if text.capacity() <= 4096 {
        text.clear();
        SPARE_TEXT.set(text);
    }
}

/// A buffer for spans.
struct Spans(Vec<Span>);

impl Spans {
    fn new() -> Self {
        Self(SPARE.take())
    }
}

impl Drop for Spans {
    fn drop(&mut self) {
        self.0.clear();
        if self.0.capacity() <= 1024 {
            SPARE.set(std::mem::take(&mut self.0));
        }
    }
}

/// Returns whether the replacement of all matches cannot produce a new match: no letter or sign of an address is next to
/// a match, and no digit that is not replaced is only a separator away.
fn stand_alone(text: &str, spans: &[Span]) -> bool {
    let bytes = text.as_bytes();
    let mut from = 0;
    spans.iter().enumerate().all(|(i, span)| {
        let before = &bytes[from..span.start];
        let after = &bytes[span.end..spans.get(i + 1).map_or(bytes.len(), |next| next.start)];
        from = span.end;
        is_free(before.iter().rev()) && is_free(after.iter())
    })
}

/// Returns whether the bytes next to a match, outwards, cannot become part of a match with its marker.
fn is_free<'a>(mut outwards: impl Iterator<Item = &'a u8>) -> bool {
    const FAR: usize = 8;
    let kind = |b: &u8| KINDS[usize::from(*b)];
    match outwards.next().map(kind) {
        None => true,
        Some(Kind::Edge) => {
            let first = outwards.take(FAR).map(kind).find(|kind| !matches!(kind, Kind::Edge | Kind::Sign));
            first != Some(Kind::Digit)
        }
        Some(_) => false,
    }
}

/// What a byte near a match means for the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A byte that cannot be part of a match.
    Edge,
    /// A byte that can be between the parts of a match.
    Sign,
    Digit,
    Other,
}

static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Other; 256];
    let mut b = 0;
    while b < 128 {
        kinds[b as usize] = match b {
            b'0'..=b'9' => Kind::Digit,
            b'-' | b'.' | b'/' | b'+' | b'#' => Kind::Sign,
            b',' | b';' | b':' | b'(' | b')' | b'<' | b'>' | b'|' => Kind::Edge,
            _ if b.is_ascii_whitespace() => Kind::Edge,
            _ => Kind::Other,
        };
        b += 1_u8;
    }
    kinds
};
