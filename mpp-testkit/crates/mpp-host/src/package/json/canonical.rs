//! A canonical form of JSON text, for hashes and comparisons that must not depend on how a caller writes the same value.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Maximum depth of a text that is rewritten; the strict parser refuses deeper ones.
const DEEPEST: usize = 128;

/// Returns the JSON text with the keys of every object sorted and without spaces between tokens.
///
/// Numbers keep the digits with which they are written. A text that is not JSON, or that is nested too deeply, is returned as it is.
///
/// ```
/// use mpp_host::package::json::canonical;
///
/// assert_eq!(canonical(r#"{ "b": 1.50, "a": [{"y": "\u0065", "x": null}] }"#), r#"{"a":[{"x":null,"y":"e"}],"b":1.50}"#);
/// assert_eq!(canonical("{ not JSON"), "{ not JSON");
/// ```
#[must_use]
pub fn canonical(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let written = serde_json::from_str(text).ok().and_then(|raw| write(raw, 0, &mut out));
    written.map_or(Cow::Borrowed(text), |()| Cow::Owned(out))
}

fn write(raw: &RawValue, depth: usize, out: &mut String) -> Option<()> {
    if depth > DEEPEST {
        return None;
    }
    let text = raw.get();
    match text.as_bytes().first()? {
        b'{' => {
            let Members(mut members) = serde_json::from_str(text).ok()?;
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            out.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                separate(index, out);
                out.push_str(&Value::from(key).to_string());
                out.push(':');
                write(value, depth + 1, out)?;
            }
            out.push('}');
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                separate(index, out);
                write(item, depth + 1, out)?;
            }
            out.push(']');
        }
        // The same character can be written with and without an escape.
        b'"' if text.contains('\\') => out.push_str(&serde_json::from_str::<Value>(text).ok()?.to_string()),
        _ => out.push_str(text),
    }
    Some(())
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// The members of an object in their order.
pub(crate) struct Members<'a>(pub(crate) Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(InOrder).map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn two_orders_of_the_same_members_are_one_text() {
        let texts = [
            r#"{"b":{"d":1,"c":[{"f":0.10,"e":"é"}]},"a":12345678901234567890123}"#,
            "{ \"a\" : 12345678901234567890123,\n \"b\": {\"c\": [ {\"e\":\"\\u00e9\", \"f\":0.10} ], \"d\": 1} }",
        ];
        let expected = r#"{"a":12345678901234567890123,"b":{"c":[{"e":"é","f":0.10}],"d":1}}"#;
        assert_eq!(texts.map(canonical), [expected; 2]);
    }

    #[test]
    fn different_values_stay_different() {
        let texts = [
            r#"{"a":[1,2]}"#,
            r#"{"a":[2,1]}"#,
            r#"{"a":"[1,2]"}"#,
            r#"{"a":[1.0,2]}"#,
            r#"{"b":[1,2]}"#,
            "[]",
            "null",
        ];
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(canonical(text), *text);
            assert!(texts[..index].iter().all(|other| canonical(other) != canonical(text)), "{text}");
        }
    }

    #[test]
    fn what_the_strict_parser_refuses_stays_as_it_is() {
        let deep = format!("{}{}", "[ ".repeat(100_000), "]".repeat(100_000));
        for text in ["", "{", r#"{"b":1,"a":}"#, "{} {}", deep.as_str()] {
            assert_eq!(canonical(text), text);
        }
    }
}
