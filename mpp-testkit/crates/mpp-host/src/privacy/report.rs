//! What was redacted, and where: counts and pointers, never the matched text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::span::Source;

/// A filtered value and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filtered<T> {
    /// The value, safe to hand on.
    pub value: T,
    /// What was redacted.
    pub report: RedactionReport,
}

/// How often each pattern matched, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RedactionReport {
    /// Pattern id → how many matches were redacted.
    pub counts: BTreeMap<String, u64>,
    /// Where, in the order of the text. Keys in a pointer are as they left the filter.
    pub places: Vec<Place>,
}

/// One place in which one pattern matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// JSON pointer to the string, number or member (where its key matched); empty for plain text.
    pub pointer: String,
    /// The pattern's id, as in `[REDACTED:id]`.
    pub id: Cow<'static, str>,
    /// How many matches.
    pub count: u64,
}

impl RedactionReport {
    /// Whether nothing was redacted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// How many matches of all patterns were redacted.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Adds another report, for example of the next item of the same answer, whose places lie under `at`.
    pub fn merge(&mut self, at: &str, other: Self) {
        for (id, count) in other.counts {
            *self.counts.entry(id).or_default() += count;
        }
        self.places.extend(other.places.into_iter().map(|mut place| {
            place.pointer.insert_str(0, at);
            place
        }));
    }

    /// Adds what was found in one place; `id` gives the name of a match.
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

/// What was found in one string.
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
