//! A reader of JSON documents, for the compile-time checks of schema files.
//!
//! It is here because a JSON library would be compiled for every tool, only to check a file.

use std::iter::Peekable;
use std::str::CharIndices;

/// Maximum depth of nested lists and objects.
const DEPTH: usize = 100;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool,
    Number,
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Returns the value of a member; `None` if there is none, or if this is no object.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Returns the members of an object, and none of other values.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// Returns the texts in a list.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let items: &[Self] = if let Self::List(items) = self { items } else { &[] };
        items.iter().filter_map(|item| if let Self::Text(text) = item { Some(text.as_str()) } else { None }).collect()
    }
}

/// Parses a document.
///
/// # Errors
/// Returns what is wrong and where, for example `expected a value, at line 2, column 7`.
pub(crate) fn parse(text: &str) -> Result<Json, String> {
    let mut reader = Reader { text, chars: text.char_indices().peekable() };
    reader.document().map_err(|problem| {
        let before = &text[..reader.at()];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{problem}, at line {line}, column {column}")
    })
}

struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

type Read<T> = Result<T, String>;

impl Reader<'_> {
    fn at(&mut self) -> usize {
        self.chars.peek().map_or(self.text.len(), |(at, _)| *at)
    }

    fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, char)| *char)
    }

    fn space(&mut self) {
        while self.chars.next_if(|(_, char)| matches!(char, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn take(&mut self, expected: char) -> bool {
        self.chars.next_if(|(_, char)| *char == expected).is_some()
    }

    fn document(&mut self) -> Read<Json> {
        let value = self.value(0)?;
        match self.peek() {
            None => Ok(value),
            Some(_) => Err("expected the end of the file".to_owned()),
        }
    }

    /// Reads a value and the space around it.
    fn value(&mut self, depth: usize) -> Read<Json> {
        self.space();
        if depth > DEPTH {
            return Err(format!("values are nested more than {DEPTH} levels deep"));
        }
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Json::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some('t') => self.word("true", Json::Bool)?,
            Some('f') => self.word("false", Json::Bool)?,
            Some('n') => self.word("null", Json::Null)?,
            _ => return Err("expected a value".to_owned()),
        };
        self.space();
        Ok(value)
    }

    fn word(&mut self, word: &str, value: Json) -> Read<Json> {
        match word.chars().all(|char| self.take(char)) {
            true => Ok(value),
            false => Err(format!("expected `{word}`")),
        }
    }

    fn object(&mut self, depth: usize) -> Read<Json> {
        self.chars.next();
        self.space();
        let mut members: Vec<(String, Json)> = Vec::new();
        if self.take('}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some('"') {
                return Err("expected a key in double quotes".to_owned());
            }
            let key = self.string()?;
            if members.iter().any(|(other, _)| *other == key) {
                return Err(format!("the key `{key}` occurs twice"));
            }
            self.space();
            if !self.take(':') {
                return Err("expected `:`".to_owned());
            }
            let value = self.value(depth + 1)?;
            members.push((key, value));
            if self.take('}') {
                return Ok(Json::Object(members));
            }
            if !self.take(',') {
                return Err("expected `,` or `}`".to_owned());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Read<Json> {
        self.chars.next();
        self.space();
        let mut items = Vec::new();
        if self.take(']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(']') {
                return Ok(Json::List(items));
            }
            if !self.take(',') {
                return Err("expected `,` or `]`".to_owned());
            }
        }
    }

    fn number(&mut self) -> Read<Json> {
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        Ok(Json::Number)
    }

    fn digits(&mut self) -> Read<()> {
        let mut is_empty = true;
        while self.chars.next_if(|(_, char)| char.is_ascii_digit()).is_some() {
            is_empty = false;
        }
        if is_empty { Err("expected a digit".to_owned()) } else { Ok(()) }
    }

    fn string(&mut self) -> Read<String> {
        self.chars.next();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err("expected `\"`".to_owned()),
                Some(char) if char < ' ' => return Err("a control character must be written as an escape".to_owned()),
                Some('"') => {
                    self.chars.next();
                    return Ok(text);
                }
                Some('\\') => {
                    self.chars.next();
                    text.push(self.escape()?);
                }
                Some(char) => {
                    self.chars.next();
                    text.push(char);
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let unknown = || "expected an escape such as `\\n` or `\\u00e9`".to_owned();
        let char = self.peek().ok_or_else(unknown)?;
        let char = match char {
            '"' | '\\' | '/' => char,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(),
            _ => return Err(unknown()),
        };
        self.chars.next();
        Ok(char)
    }

    fn unicode(&mut self) -> Read<char> {
        let half = "half of a surrogate pair";
        let high = self.unit()?;
        if !(0xd800..0xe000).contains(&high) {
            return char::from_u32(high).ok_or_else(|| half.to_owned());
        }
        if high >= 0xdc00 || !self.take('\\') || self.peek() != Some('u') {
            return Err(half.to_owned());
        }
        let low = self.unit()?;
        let pair = low.checked_sub(0xdc00).filter(|low| *low < 0x400);
        pair.and_then(|low| char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low)).ok_or_else(|| half.to_owned())
    }

    /// Reads `u` and four hexadecimal digits.
    fn unit(&mut self) -> Read<u32> {
        self.chars.next();
        (0..4).try_fold(0, |unit, _| {
            let digit = self.peek().and_then(|char| char.to_digit(16)).ok_or("expected four hexadecimal digits")?;
            self.chars.next();
            Ok(unit * 16 + digit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Json, parse};

    #[test]
    fn reads_every_kind_of_value() {
        let json =
            parse(" {\"a\": [null, true, -1.5e+3], \"\\u00e9\\ud83d\\ude00\\n\": \"x\", \"o\": {}} ").expect("valid");
        assert_eq!(json.get("a"), Some(&Json::List(vec![Json::Null, Json::Bool, Json::Number])));
        assert_eq!(json.get("é😀\n"), Some(&Json::Text("x".to_owned())));
        assert_eq!(json.get("o"), Some(&Json::Object(Vec::new())));
        assert_eq!(json.get("b"), None);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, expected) in [
            ("", "expected a value, at line 1, column 1"),
            ("{\n  \"a\" 1}", "expected `:`, at line 2, column 7"),
            ("{\"a\":1,}", "expected a key in double quotes, at line 1, column 8"),
            ("{\"a\":1,\"a\":2}", "the key `a` occurs twice, at line 1, column 11"),
            ("[1,]", "expected a value, at line 1, column 4"),
            ("[1 2]", "expected `,` or `]`, at line 1, column 4"),
            ("[01]", "expected `,` or `]`, at line 1, column 3"),
            ("1.", "expected a digit, at line 1, column 3"),
            ("nul", "expected `null`, at line 1, column 4"),
            ("\"a", "expected `\"`, at line 1, column 3"),
            ("\"\\x\"", "expected an escape such as `\\n` or `\\u00e9`, at line 1, column 3"),
            ("\"\\ud800\"", "half of a surrogate pair, at line 1, column 8"),
            ("\"\n\"", "a control character must be written as an escape, at line 1, column 2"),
            ("{} x", "expected the end of the file, at line 1, column 4"),
        ] {
            assert_eq!(parse(text).expect_err(text), expected, "{text}");
        }
        let deep = "[".repeat(200);
        assert!(parse(&deep).expect_err("deep").starts_with("values are nested more than 100 levels deep"));
    }
}
