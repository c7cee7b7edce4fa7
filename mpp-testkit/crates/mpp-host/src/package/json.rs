//! A strict JSON parser, which accepts exactly one document without duplicate keys.

mod canonical;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

#[cfg(feature = "sandbox")]
pub(crate) use canonical::Members;
pub use canonical::canonical;

/// The error returned when bytes are not strict JSON.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JsonFault {
    /// The bytes are not JSON, or are more than one document.
    #[error("not JSON")]
    Syntax(#[source] serde_json::Error),
    /// An object has a duplicate key.
    #[error("the key at `{pointer}` occurs twice")]
    Duplicate {
        /// JSON pointer to the duplicate key.
        pointer: String,
    },
}

/// Parses one JSON document.
///
/// # Errors
/// Returns [`JsonFault`] if the bytes are not exactly one JSON document, or if an object has a duplicate key.
pub fn parse(bytes: &[u8]) -> Result<Value, JsonFault> {
    let mut duplicate = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let node = Node { duplicate: &mut duplicate };
    let result = node.deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    match (result, duplicate) {
        (Ok(value), None) => Ok(value),
        (_, Some(path)) => {
            Err(JsonFault::Duplicate { pointer: path.iter().rev().map(|part| pointer_part(part)).collect() })
        }
        (Err(error), None) => Err(JsonFault::Syntax(error)),
    }
}

/// Returns `/` and the key, escaped according to RFC 6901.
pub(crate) fn pointer_part(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Deserializes one value. On a duplicate key, `duplicate` collects the path from the innermost part outwards.
struct Node<'a> {
    duplicate: &'a mut Option<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            match items.next_element_seed(Node { duplicate: self.duplicate }) {
                Ok(Some(value)) => list.push(value),
                Ok(None) => return Ok(Value::Array(list)),
                Err(error) => return Err(inside(self.duplicate, list.len().to_string(), error)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if map.contains_key(&key) {
                *self.duplicate = Some(vec![key]);
                return Err(A::Error::custom("duplicate key"));
            }
            match members.next_value_seed(Node { duplicate: self.duplicate }) {
                Ok(value) => map.insert(key, value),
                Err(error) => return Err(inside(self.duplicate, key, error)),
            };
        }
        Ok(Value::Object(map))
    }
}

fn inside<E>(duplicate: &mut Option<Vec<String>>, part: String, error: E) -> E {
    if let Some(path) = duplicate {
        path.push(part);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::{JsonFault, parse};
    use serde_json::Value;

    #[test]
    fn refuses_duplicate_keys_at_every_level_with_their_pointer() {
        for (json, pointer) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"x":[0,{"a/b":1,"a\/b":2}]}"#, "/x/1/a~1b"),
            (r#"[[{"k":{},"k":{}}]]"#, "/0/0/k"),
        ] {
            let found = parse(json.as_bytes());
            assert!(matches!(&found, Err(JsonFault::Duplicate { pointer: at }) if at == pointer), "{json}: {found:?}");
        }
    }

    #[test]
    fn reads_exactly_one_document() {
        let json = r#"{"a":[null,true,-1,18446744073709551615,0.5,"é"]}"#;
        assert_eq!(parse(json.as_bytes()).expect("JSON"), serde_json::from_str::<Value>(json).expect("JSON"));
        let deep = "[".repeat(100_000);
        for bad in ["", "{} {}", "{}x", "\u{feff}{}", "{'a':1}", "{\"a\":1,}", "NaN", deep.as_str()] {
            assert!(matches!(parse(bad.as_bytes()), Err(JsonFault::Syntax(_))), "{bad:.20}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}
