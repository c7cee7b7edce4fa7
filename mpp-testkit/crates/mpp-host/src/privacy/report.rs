//! The report of redactions: counts and JSON pointers, without the matched text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

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
    #[serde(serialize_with = "as_text")]
    pub pointer: Arc<str>,
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
            if !at.is_empty() {
                place.pointer = format!("{at}{}", place.pointer).into();
            }
            place
        }));
    }

    /// Adds the places of the matches of one string, which share their pointer. [`count`](Self::count) adds the counts.
    pub(super) fn place(&mut self, pointer: &str, counts: &Counts, id: impl Fn(Source) -> Cow<'static, str>) {
        let pointer: Arc<str> = pointer.into();
        let places = counts.0.iter();
        self.places.extend(places.map(|(source, count)| Place {
            pointer: Arc::clone(&pointer),
            id: id(*source),
            count: *count,
        }));
    }

    /// Adds counts, which have been summed for all strings.
    pub(super) fn count(&mut self, counts: &Counts, id: impl Fn(Source) -> Cow<'static, str>) {
        for (source, count) in &counts.0 {
            *self.counts.entry(id(*source).into_owned()).or_default() += count;
        }
    }
}

fn as_text<S: Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(text)
}

/// The number of matches in one string, by source.
#[derive(Debug, Default)]
pub(super) struct Counts(Vec<(Source, u64)>);

impl Counts {
    pub(super) fn one(&mut self, source: Source) {
        self.several(source, 1);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (source, count) in &other.0 {
            self.several(*source, *count);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
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
