//! The position and the source of a match.

use super::patterns::Builtin;

/// The source of a match. The order is part of the contract: the smallest source names the union of overlapping matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// A secret, by its index in `Secrets`.
    Secret(u32),
    /// A custom pattern, by its index in the manifest.
    Custom(u32),
    /// A built-in pattern.
    Builtin(Builtin),
    /// No match, but text that could not be parsed.
    Unreadable,
}

/// A match, as byte positions in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) source: Source,
}

impl Span {
    pub(super) fn builtin(start: usize, end: usize, pattern: Builtin) -> Self {
        Self { start, end, source: Source::Builtin(pattern) }
    }
}

/// Sorts the spans and merges overlapping ones.
pub(super) fn unite(spans: &mut Vec<Span>) {
    spans.sort_unstable_by_key(|span| (span.start, span.end, span.source));
    let mut kept: usize = 0;
    for next in 1..spans.len() {
        let span = spans[next];
        let last = &mut spans[kept];
        if span.start < last.end {
            last.end = last.end.max(span.end);
            last.source = last.source.min(span.source);
        } else {
            kept += 1;
            spans[kept] = span;
        }
    }
    spans.truncate(kept + 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_overlapping_spans_under_the_first_id() {
        let phone = |start, end| Span::builtin(start, end, Builtin::Phone);
        let mut spans = vec![
            phone(5, 9),
            Span { start: 0, end: 6, source: Source::Custom(1) },
            phone(9, 12),
            Span { start: 20, end: 22, source: Source::Secret(0) },
            phone(19, 30),
        ];
        unite(&mut spans);
        assert_eq!(
            spans,
            [
                Span { start: 0, end: 9, source: Source::Custom(1) },
                phone(9, 12),
                Span { start: 19, end: 30, source: Source::Secret(0) },
            ]
        );
        unite(&mut Vec::new());
    }
}
