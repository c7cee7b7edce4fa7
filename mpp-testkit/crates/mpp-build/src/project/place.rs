//! Finds the place of a key in a TOML file.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step of a path through tables and lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    /// Returns the key; empty for an index.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Index(_) => "",
        }
    }

    /// Returns the path of a key in `[package.metadata.mpp]`.
    pub(crate) fn in_metadata<'k>(keys: impl IntoIterator<Item = &'k str>) -> Vec<Self> {
        ["package", "metadata", "mpp"].into_iter().chain(keys).map(|key| Self::Key(key.to_owned())).collect()
    }
}

/// A place in a text file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Place {
    /// Number of the line.
    pub line: usize,
    /// Number of the character in the line.
    pub column: usize,
}

impl Place {
    /// Returns the place of the value at `steps`, or of its key; or the place of the innermost table around it that the
    /// file has.
    pub(crate) fn find(text: &str, steps: &[Step], is_value: bool) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let (mut key, mut value) = (None, None);
        for (depth, step) in steps.iter().enumerate() {
            let Some((found_key, found_value)) = next(document.get_ref(), value, step, depth == 0) else { break };
            (key, value) = (found_key, Some(found_value));
            if depth + 1 == steps.len() && is_value {
                key = None;
            }
        }
        let value: &Spanned<DeValue<'_>> = value?;
        Some(Self::of(text, key.unwrap_or_else(|| value.span())))
    }

    /// Returns the place of the value at `steps`, if the file has it.
    pub(crate) fn find_exactly(text: &str, steps: &[Step]) -> Option<Self> {
        let document = DeTable::parse(text).ok()?;
        let mut value = None;
        for (depth, step) in steps.iter().enumerate() {
            value = Some(next(document.get_ref(), value, step, depth == 0)?.1);
        }
        value.map(|value| Self::of(text, value.span()))
    }

    fn of(text: &str, span: Range<usize>) -> Self {
        let before = text.get(..span.start).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

type Found<'t, 'i> = (Option<Range<usize>>, &'t Spanned<DeValue<'i>>);

/// Takes a step from `value`, or from the document itself, and returns the span of the key and the value.
fn next<'t, 'i>(
    document: &'t DeTable<'i>,
    value: Option<&'t Spanned<DeValue<'i>>>,
    step: &Step,
    is_first: bool,
) -> Option<Found<'t, 'i>> {
    match (step, value.map(Spanned::get_ref)) {
        (Step::Key(key), found) => {
            let table = match found {
                Some(DeValue::Table(table)) => table,
                None if is_first => document,
                _ => return None,
            };
            let (key, value) = table.iter().find(|(name, _)| name.get_ref() == key.as_str())?;
            Some((Some(key.span()), value))
        }
        (Step::Index(index), Some(DeValue::Array(items))) => items.get(*index).map(|value| (None, value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Step};

    #[test]
    fn finds_values_in_every_way_of_writing_tables() {
        let mut steps = Step::in_metadata(["capabilities", "network"]);
        for (text, line, column) in [
            ("[package.metadata.mpp]\ncapabilities = { network = 1 }", 2, 28),
            ("[package]\nname = \"é\" # ü\nmetadata.mpp.capabilities.network = 1", 3, 37),
            ("[package.metadata.mpp.capabilities]\n\n  network =   1", 3, 15),
            ("[package.metadata.mpp.capabilities.network]\nhost = \"x\"", 1, 1),
        ] {
            let place = Place::find(text, &steps, true).expect(text);
            assert_eq!((place.line, place.column), (line, column), "{text}");
        }
        steps.push(Step::Index(1));
        let text = "[package.metadata.mpp.capabilities]\nnetwork = [\n  \"a\",\n  1,\n]";
        assert_eq!(Place::find(text, &steps, true).expect("an item").to_string(), "4:3");
        steps.push(Step::Key("host".to_owned()));
        assert_eq!(Place::find(text, &steps, true).expect("the item around it").to_string(), "4:3");
        assert_eq!(Place::find_exactly(text, &steps), None);
        let key = Place::find(text, &Step::in_metadata(["capabilities"]), false).expect("a key");
        assert_eq!(key.to_string(), "1:23");
    }
}
