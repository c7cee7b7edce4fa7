//! The report of redactions: counts and JSON pointers, without the matched text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::span::Source;

/// A filtered value and the report of its redactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Filtered<T> {
    /// The filtered value, which may leave the host.
    pub value: T,
    /// The redactions.
    pub report: RedactionReport,
}

/// The number and the places of the matches of each pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RedactionReport {
    /// The number of redacted matches by pattern id.
    pub counts: BTreeMap<String, u64>,
    /// The places of the matches, in the order of the text. Pointers contain the object keys as filtered.
    pub places: Vec<Place>,
}

/// A place in which a pattern matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// JSON pointer to the string or number, or to the member whose key matched; empty for plain text.
    pub pointer: String,
    /// Id of the pattern, as in `[REDACTED:id]`.
    pub id: Cow<'static, str>,
    /// The number of matches.
    pub count: u64,
}

impl RedactionReport {
    /// Returns whether nothing was redacted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Returns the number of redacted matches of all patterns.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Adds another report, for example that of the next item of the same result. `at` is prefixed to its pointers.
    pub fn merge(&mut self, at: &str, other: Self) {
        for (id, count) in other.counts {
            *self.counts.entry(id).or_default() += count;
        }
        self.places.extend(other.places.into_iter().map(|mut place| {
            place.pointer.insert_str(0, at);
            place
        }));
    }

    /// Adds the matches of one place. `id` returns the pattern id of a match.
    pub(super) fn add(&mut self, pointer: String, counts: Counts, id: impl Fn(Source) -> Cow<'static, str>) {
        let mut pointer = Some(pointer);
        let last = counts.0.len().saturating_sub(1);
        for (i, (source, count)) in counts.0.into_iter().enumerate() {
            let id = id(source);
            match self.counts.get_mut(id.as_ref()) {
                Some(sum) => *sum += count,
                None => {
                    self.counts.insert(id.clone().into_owned(), count);
                }
            }
            let pointer = if i == last { pointer.take() } else { pointer.clone() };
            self.places.push(Place { pointer: pointer.unwrap_or_default(), id, count });
        }
    }
}

/// The number of matches in one string, by source.
#[derive(Debug, Default)]
pub(super) struct Counts(Vec<(Source, u64)>);

impl Counts {
    pub(super) fn one(&mut self, source: Source) {
        self.several(source, 1);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (source, count) in other.0 {
            self.several(source, count);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn several(&mut self, source: Source, count: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == source) {
            Some((_, sum)) => *sum += count,
            None => self.0.push((source, count)),
        }
    }
}
