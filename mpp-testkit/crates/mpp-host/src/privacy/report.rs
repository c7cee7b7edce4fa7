//! The report of redactions: counts and JSON pointers, without the matched text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::patterns::Builtin;
use super::places::Places;
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RedactionReport {
    /// The number of redacted matches by pattern id.
    pub counts: BTreeMap<String, u64>,
    /// The places of the matches, in the order of the text. Pointers contain the object keys as filtered.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<super::places::Place<'static>>"))]
    pub places: Places,
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
        self.places.append(at, &other.places);
    }

    /// Adds the places of the matches of one string, and their number to `total`. [`count`](Self::count) adds the counts.
    pub(super) fn place(
        &mut self,
        pointer: &str,
        counts: &Counts,
        total: &mut Total,
        id: impl Fn(Source) -> Cow<'static, str>,
    ) {
        self.places.push_pointer(pointer);
        for (source, count) in &counts.0 {
            // The ids of the places have the order of the sources in the total.
            let (index, is_new) = total.add(*source, *count);
            if is_new {
                self.places.push_id(id(*source));
            }
            self.places.push(index, *count);
        }
    }

    /// Adds the counts of a total of all strings.
    pub(super) fn count(&mut self, total: &Total, id: impl Fn(Source) -> Cow<'static, str>) {
        for (source, count) in &total.counts.0 {
            *self.counts.entry(id(*source).into_owned()).or_default() += count;
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

    fn several(&mut self, source: Source, count: u64) -> usize {
        if let Some(index) = self.0.iter().position(|(known, _)| *known == source) {
            self.0[index].1 += count;
            return index;
        }
        self.0.push((source, count));
        self.0.len() - 1
    }
}

/// The number of matches in all strings, by source.
#[derive(Debug, Default)]
pub(super) struct Total {
    counts: Counts,
    /// The index of each built-in pattern that has matched, plus one.
    builtin: [usize; Builtin::ALL.len()],
}

impl Total {
    /// Adds matches. Returns the index of their source, and whether the source is new.
    fn add(&mut self, source: Source, count: u64) -> (usize, bool) {
        let known = self.counts.0.len();
        let Source::Builtin(pattern) = source else {
            let index = self.counts.several(source, count);
            return (index, index == known);
        };
        let index = &mut self.builtin[pattern as usize];
        if let Some(index) = index.checked_sub(1) {
            self.counts.0[index].1 += count;
            return (index, false);
        }
        self.counts.0.push((source, count));
        *index = known + 1;
        (known, true)
    }
}
