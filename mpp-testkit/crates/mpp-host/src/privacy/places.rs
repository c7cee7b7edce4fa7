//! The places of the redactions in an answer, in a compact form: an answer can have as many places as a list has entries.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::{Serialize, Serializer};

/// A place in which a pattern matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Place<'a> {
    /// JSON pointer to the string or number, or to the member whose key matched; empty for plain text.
    pub pointer: &'a str,
    /// Id of the pattern, as in `[REDACTED:id]`.
    pub id: &'a str,
    /// The number of matches.
    pub count: u64,
}

/// A list of places, in the order of the text. It is serialized as an array of [`Place`].
///
/// ```
/// # use mpp_host::package::manifest::PrivacyFilters;
/// # use mpp_host::privacy::{PrivacyFilter, Secrets};
/// # let filter = PrivacyFilter::compile(&PrivacyFilters::default(), &[])?;
/// let answer = filter.filter_json(r#"["ada@post.example"]"#, &Secrets::none(), "");
/// for place in &answer.report.places {
///     assert_eq!((place.pointer, place.id, place.count), ("/0", "email", 1));
/// }
/// # Ok::<(), mpp_host::privacy::PatternError>(())
/// ```
#[derive(Clone, Default)]
pub struct Places {
    /// The pointers, one after the other.
    pointers: String,
    /// The end of each pointer.
    ends: Vec<usize>,
    /// The ids of the patterns, each once.
    ids: Vec<Cow<'static, str>>,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Index of the pointer.
    pointer: usize,
    /// Index of the id.
    id: usize,
    count: u64,
}

impl Places {
    /// Returns the number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns whether there are no places.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns an iterator over the places.
    #[must_use]
    pub fn iter(&self) -> PlacesIter<'_> {
        PlacesIter { places: self, rest: 0..self.entries.len() }
    }

    /// Adds a place with the pointer that was added last, and the id of this index.
    pub(super) fn push(&mut self, id: usize, count: u64) {
        self.entries.push(Entry { pointer: self.ends.len().saturating_sub(1), id, count });
    }

    pub(super) fn push_pointer(&mut self, pointer: &str) {
        self.pointers.push_str(pointer);
        self.ends.push(self.pointers.len());
    }

    /// Adds the id with the next index.
    pub(super) fn push_id(&mut self, id: Cow<'static, str>) {
        self.ids.push(id);
    }

    /// Adds the places of another list, with `at` before their pointers.
    pub(super) fn append(&mut self, at: &str, other: &Self) {
        let offset = self.ends.len();
        for index in 0..other.ends.len() {
            self.pointers.push_str(at);
            self.push_pointer(other.pointer(index));
        }
        let ids: Vec<usize> = other.ids.iter().map(|id| self.index_of(id.clone())).collect();
        let moved = |entry: &Entry| Entry { pointer: entry.pointer + offset, id: ids[entry.id], count: entry.count };
        self.entries.extend(other.entries.iter().map(moved));
    }

    fn index_of(&mut self, id: Cow<'static, str>) -> usize {
        self.ids.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }

    fn pointer(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.pointers[start..self.ends[index]]
    }

    fn get(&self, index: usize) -> Place<'_> {
        let Entry { pointer, id, count } = self.entries[index];
        Place { pointer: self.pointer(pointer), id: &self.ids[id], count }
    }
}

/// An iterator over [`Places`].
#[derive(Debug, Clone)]
pub struct PlacesIter<'a> {
    places: &'a Places,
    rest: Range<usize>,
}

impl<'a> Iterator for PlacesIter<'a> {
    type Item = Place<'a>;

    fn next(&mut self) -> Option<Place<'a>> {
        self.rest.next().map(|index| self.places.get(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.rest.size_hint()
    }
}

impl ExactSizeIterator for PlacesIter<'_> {}

impl<'a> IntoIterator for &'a Places {
    type Item = Place<'a>;
    type IntoIter = PlacesIter<'a>;

    fn into_iter(self) -> PlacesIter<'a> {
        self.iter()
    }
}

impl PartialEq for Places {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl Eq for Places {}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl Serialize for Places {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn appended_places_keep_their_pointers_and_ids() {
        let mut first = Places::default();
        first.push_id("email".into());
        first.push_pointer("/a");
        first.push(0, 2);
        let mut second = Places::default();
        second.push_id("phone".into());
        second.push_id("email".into());
        second.push_pointer("/b");
        second.push(0, 1);
        second.push(1, 3);
        second.push_pointer("/c");
        second.push(1, 1);
        first.append("/x", &second);
        let found: Vec<_> = first.iter().map(|place| (place.pointer, place.id, place.count)).collect();
        assert_eq!(found, [("/a", "email", 2), ("/x/b", "phone", 1), ("/x/b", "email", 3), ("/x/c", "email", 1)]);
        assert_eq!((first.len(), first.is_empty(), first.iter().len()), (4, false, 4));
        assert_ne!(first, second);
        let mut same = Places::default();
        same.append("", &first);
        assert_eq!(same, first);
    }
}
