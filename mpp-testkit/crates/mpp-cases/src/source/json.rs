//! Reads JSON, with the place of every value.

use std::collections::BTreeMap;

use mpp_recording::difference::member;
use serde_json::{Map, Value};

use super::{DEEPEST, Place, SyntaxFault, position};

/// A value and the places of its parts.
type Read = (Value, BTreeMap<String, Place>);

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Read, SyntaxFault> {
    // serde_json says what is wrong with a text; the scanner below relies on its approval.
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        return Err(SyntaxFault::new(error.line().max(1), reason(&error)));
    }
    let mut scanner = Scanner { text, at: 0, places: BTreeMap::new() };
    scanner.space();
    let value = scanner.value("", None, 0)?;
    Ok((value, scanner.places))
}

/// Returns serde_json's message without the place.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.clone(), |(reason, _)| reason.to_owned())
}

/// Walks over a text that is valid JSON.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    places: BTreeMap<String, Place>,
}

impl Scanner<'_> {
    /// Reads the value at `pointer`, whose key begins at `key`.
    fn value(&mut self, pointer: &str, key: Option<usize>, depth: usize) -> Result<Value, SyntaxFault> {
        let start = self.at;
        let (line, column) = position(self.text, key.unwrap_or(start));
        if depth > DEEPEST {
            return Err(SyntaxFault::new(line, format!("values are nested more than {DEEPEST} levels deep")));
        }
        let value = match self.byte() {
            b'{' => self.object(pointer, depth)?,
            b'[' => self.array(pointer, depth)?,
            b'"' => {
                let text = self.string();
                serde_json::from_str(text).map_err(|error| SyntaxFault::new(line, reason(&error)))?
            }
            _ => {
                let rest = &self.text[start..];
                let length = rest.find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                self.at += length;
                serde_json::from_str(&rest[..length]).map_err(|error| SyntaxFault::new(line, reason(&error)))?
            }
        };
        let place = Place { start, end: self.at, line, column, is_elsewhere: false };
        self.places.insert(pointer.to_owned(), place);
        Ok(value)
    }

    fn object(&mut self, pointer: &str, depth: usize) -> Result<Value, SyntaxFault> {
        let mut members = Map::new();
        self.skip();
        while self.byte() != b'}' {
            let key_at = self.at;
            let line = position(self.text, key_at).0;
            let text = self.string();
            let key: String = serde_json::from_str(text).map_err(|error| SyntaxFault::new(line, reason(&error)))?;
            if members.contains_key(&key) {
                return Err(SyntaxFault::new(line, format!("the key `{key}` occurs twice")));
            }
            self.space();
            self.skip();
            let value = self.value(&member(pointer, &key), Some(key_at), depth + 1)?;
            members.insert(key, value);
            self.separator();
        }
        self.at += 1;
        Ok(Value::Object(members))
    }

    fn array(&mut self, pointer: &str, depth: usize) -> Result<Value, SyntaxFault> {
        let mut items = Vec::new();
        self.skip();
        while self.byte() != b']' {
            items.push(self.value(&format!("{pointer}/{}", items.len()), None, depth + 1)?);
            self.separator();
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    /// Passes over a string, and returns it with its quotes.
    fn string(&mut self) -> &str {
        let start = self.at;
        self.at += 1;
        while self.byte() != b'"' {
            self.at += if self.byte() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        &self.text[start..self.at]
    }

    fn separator(&mut self) {
        self.space();
        if self.byte() == b',' {
            self.skip();
        }
    }

    /// Passes over one byte and the space after it.
    fn skip(&mut self) {
        self.at += 1;
        self.space();
    }

    fn space(&mut self) {
        while self.byte().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// The byte at this place; a quote at the end, which ends every loop.
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(b'"')
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::json;

    #[test]
    fn knows_the_place_of_every_value() {
        let text = "{\n  \"a\": [1, {\"b\\\"/\": null}],\n  \"\\u00e9\": \"x\\\\\"\n}\n";
        let (value, places) = read(text).expect("valid");
        assert_eq!(value, json!({"a": [1, {"b\"/": null}], "é": "x\\"}));
        let of = |pointer: &str| {
            let place = places[pointer];
            (&text[place.start..place.end], place.line, place.column)
        };
        assert_eq!(of("/a/0"), ("1", 2, 8));
        assert_eq!(of("/a/1/b\"~1"), ("null", 2, 12));
        assert_eq!(of("/é"), ("\"x\\\\\"", 3, 2));
        assert_eq!(of("").1, 1);
    }

    #[test]
    fn refuses_what_is_not_json_with_its_line() {
        for (text, line, said) in [
            ("{\n \"a\": trux\n}", 2, "expected ident"),
            ("{\"a\": 1,\n \"a\": 2}", 2, "the key `a` occurs twice"),
            ("", 1, "EOF while parsing a value"),
            ("{} {}", 1, "trailing characters"),
            ("{\"a\": \"\\ud800\"}", 1, "hex escape"),
        ] {
            let fault = read(text).expect_err(text);
            assert_eq!(fault.line, line, "{fault:?}");
            assert!(fault.reason.contains(said), "{fault:?}");
        }
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(read(&deep).expect_err("deep").reason.contains("64 levels"));
    }
}
