//! Differences between two JSON values, each with its JSON pointer.

use mpp_host::wire::nearest;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::line_diff;

/// Number of differences that [`text`] lists.
const MOST: usize = 20;
/// Number of characters of a value that [`text`] shows.
const LONGEST: usize = 200;

/// One place at which two values differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Difference {
    /// JSON pointer to the place.
    pub pointer: String,
    /// The expected value; `None` where nothing was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Value>,
    /// The value that was found; `None` where nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Value>,
    /// A member that was found and not expected, with a name similar to the missing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similar: Option<String>,
}

/// Returns every place at which `found` differs from `expected`. `at` is the pointer to the two values.
///
/// `1` and `1.0` are the same number. Values of different types, and an empty list or object compared with one that is
/// not, are one difference.
///
/// ```
/// use mpp_recording::difference;
/// use serde_json::json;
///
/// let differences = difference::compare("", &json!({ "a": [1, 2] }), &json!({ "a": [1, 3] }));
/// assert_eq!(differences[0].pointer, "/a/1");
/// assert_eq!(difference::text(&differences), "  `/a/1`: expected 2, found 3");
/// ```
#[must_use]
pub fn compare(at: &str, expected: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    walk(at, expected, found, &mut differences);
    differences
}

/// Returns every place at which `found` lacks something of `part`. Objects may have further members, at any depth, and
/// lists further items; the items of `part` must occur in the same order.
#[must_use]
pub fn missing(at: &str, part: &Value, found: &Value) -> Vec<Difference> {
    let mut differences = Vec::new();
    walk_part(at, part, found, &mut differences);
    differences
}

/// Formats differences, one or more indented lines each; at most 20 of them.
#[must_use]
pub fn text(differences: &[Difference]) -> String {
    let mut parts: Vec<String> = differences.iter().take(MOST).map(Difference::text).collect();
    if differences.len() > MOST {
        parts.push(format!("  and {} more", differences.len() - MOST));
    }
    parts.join("\n")
}

impl Difference {
    pub(crate) fn new(at: &str, expected: Option<&Value>, found: Option<&Value>) -> Self {
        Self { pointer: at.to_owned(), expected: expected.cloned(), found: found.cloned(), similar: None }
    }

    /// A missing member of `expected`; `found` holds the members that are there.
    fn missing(at: &str, key: &str, expected: &Map<String, Value>, found: &Map<String, Value>) -> Self {
        let others = found.keys().map(String::as_str).filter(|other| !expected.contains_key(*other));
        let similar = nearest(key, others).map(str::to_owned);
        Self { similar, ..Self::new(&member(at, key), expected.get(key), None) }
    }

    fn text(&self) -> String {
        let at = if self.pointer.is_empty() { "the whole value".to_owned() } else { format!("`{}`", self.pointer) };
        match (&self.expected, &self.found) {
            (Some(Value::String(expected)), Some(Value::String(found)))
                if expected.contains('\n') || found.contains('\n') =>
            {
                let compared = line_diff::diff(expected, found).replace('\n', "\n    ");
                format!("  {at}:\n    {compared}")
            }
            (Some(expected), Some(found)) => format!("  {at}: expected {}, found {}", shown(expected), shown(found)),
            (Some(expected), None) => {
                let similar =
                    self.similar.as_ref().map(|key| format!("; there is `{key}` instead")).unwrap_or_default();
                format!("  {at}: expected {}, found nothing{similar}", shown(expected))
            }
            (None, Some(found)) => format!("  {at}: expected nothing, found {}", shown(found)),
            (None, None) => format!("  {at}"),
        }
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST { text } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

/// Returns the JSON pointer (RFC 6901) to a member of the object at `at`.
#[must_use]
pub fn member(at: &str, key: &str) -> String {
    format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Returns whether a pointer is what a pattern names, or below it. In the pattern, `*` stands for any member or index.
///
/// ```
/// use mpp_recording::difference::is_below;
///
/// assert!(is_below("/items/*/id", "/items/3/id"));
/// assert!(!is_below("/items/*/id", "/items/3"));
/// ```
#[must_use]
pub fn is_below(pattern: &str, pointer: &str) -> bool {
    let mut parts = pointer.split('/');
    pattern.split('/').all(|wanted| parts.next().is_some_and(|part| wanted == "*" || wanted == part))
}

fn walk(at: &str, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    match (expected, found) {
        (Value::Object(old), Value::Object(new)) if old.is_empty() == new.is_empty() => {
            for (key, expected) in old {
                match new.get(key) {
                    Some(found) => walk(&member(at, key), expected, found, differences),
                    None => differences.push(Difference::missing(at, key, old, new)),
                }
            }
            for (key, found) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                differences.push(Difference::new(&member(at, key), None, Some(found)));
            }
        }
        (Value::Array(old), Value::Array(new)) if old.is_empty() == new.is_empty() => {
            for index in 0..old.len().max(new.len()) {
                let at = format!("{at}/{index}");
                match (old.get(index), new.get(index)) {
                    (Some(expected), Some(found)) => walk(&at, expected, found, differences),
                    (expected, found) => differences.push(Difference::new(&at, expected, found)),
                }
            }
        }
        (expected, found) if same(expected, found) => {}
        _ => differences.push(Difference::new(at, Some(expected), Some(found))),
    }
}

fn walk_part(at: &str, part: &Value, found: &Value, differences: &mut Vec<Difference>) {
    match (part, found) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, expected) in old {
                match new.get(key) {
                    Some(found) => walk_part(&member(at, key), expected, found, differences),
                    None => differences.push(Difference::missing(at, key, old, new)),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            let mut rest = new.iter().enumerate();
            for (index, expected) in old.iter().enumerate() {
                let fits = |found: &Value| missing("", expected, found).is_empty();
                if rest.any(|(_, found)| fits(found)) {
                    continue;
                }
                // In lists of the same length the items correspond, so the difference inside an item says more.
                match new.get(index).filter(|_| old.len() == new.len()) {
                    Some(found) => walk_part(&format!("{at}/{index}"), expected, found, differences),
                    None => differences.push(Difference::new(&format!("{at}/{index}"), Some(expected), None)),
                }
                return;
            }
        }
        (expected, found) if same(expected, found) => {}
        _ => differences.push(Difference::new(at, Some(part), Some(found))),
    }
}

/// Compares two leaves; `1` and `1.0` are the same number in JSON.
fn same(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Number(a), Value::Number(b)) => a == b || (a.is_f64() != b.is_f64() && a.as_f64() == b.as_f64()),
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, missing, text};
    use serde_json::json;

    #[test]
    fn names_every_place_that_differs() {
        let expected = json!({ "people": [{ "name": "Ada" }, { "name": "Bob" }], "total": 2, "note": "a\nb" });
        let found = json!({ "people": [{ "name": "Eve", "age": 3 }], "total": "2", "note": "a\nc" });
        assert_eq!(
            text(&compare("", &expected, &found)),
            "  `/people/0/name`: expected \"Ada\", found \"Eve\"\n  \
               `/people/0/age`: expected nothing, found 3\n  \
               `/people/1`: expected {\"name\":\"Bob\"}, found nothing\n  \
               `/total`: expected 2, found \"2\"\n  \
               `/note`:\n    (- expected, + found)\n      a\n    - b\n    + c"
        );
        assert_eq!(
            text(&compare("", &json!({ "text": 1, "times": 2 }), &json!({ "txet": 1, "times": 2 }))),
            "  `/text`: expected 1, found nothing; there is `txet` instead\n  `/txet`: expected nothing, found 1"
        );
        assert_eq!(compare("", &json!([1]), &json!([])).len(), 1);
    }

    #[test]
    fn compares_numbers_by_value() {
        assert!(compare("", &json!([1, 2.0]), &json!([1.0, 2])).is_empty());
        assert_eq!(compare("", &json!(u64::MAX), &json!(u64::MAX - 1)).len(), 1);
    }

    #[test]
    fn a_part_can_omit_members_and_items() {
        let found = json!({ "a": [{ "x": 1, "y": 2 }, { "x": 3 }], "b": null });
        assert!(missing("", &json!({ "a": [{ "x": 3 }] }), &found).is_empty());
        assert!(missing("", &json!({ "a": [{ "x": 1 }, {}], "b": null }), &found).is_empty());
        assert_eq!(
            text(&missing("", &json!({ "a": [{ "x": 3 }, { "x": 1 }] }), &found)),
            "  `/a/1/x`: expected 1, found 3",
        );
        assert_eq!(text(&missing("", &json!({ "c": 1 }), &found)), "  `/c`: expected 1, found nothing");
    }
}
