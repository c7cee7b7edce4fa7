//! Reads YAML 1.2 with the types of JSON, with the place of every value.

use std::collections::{BTreeMap, HashMap};

use mpp_recording::difference::member;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Map, Number, Value};

use super::{DEEPEST, MOST, Place, SyntaxFault, position};

/// A value and the places of its parts.
type Read = (Value, BTreeMap<String, Place>);

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Read, SyntaxFault> {
    let mut builder = Builder::new(text);
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| SyntaxFault::new(error.marker().line().max(1), error.info()))?;
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(SyntaxFault::new(span.start.line(), "a second document begins; write one document a file"));
            }
        }
        builder.event(event, span)?;
    }
    let (value, _) = builder.done.take().unwrap_or_default();
    Ok((value, builder.places))
}

/// A collection that is being read.
enum Open {
    Array { items: Vec<Value> },
    Object { members: Map<String, Value>, key: Option<(String, Span)> },
}

/// An open collection and where it began.
struct Level {
    open: Open,
    pointer: String,
    /// The key that it belongs to.
    key: Option<Span>,
    start: Span,
    anchor: usize,
    /// The end of the last value in it.
    end: usize,
}

struct Builder<'a> {
    text: &'a str,
    /// The byte of each character, which is what the parser counts.
    bytes: Vec<usize>,
    levels: Vec<Level>,
    anchors: HashMap<usize, Value>,
    places: BTreeMap<String, Place>,
    values: usize,
    done: Option<(Value, usize)>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let (levels, anchors, places) = (Vec::new(), HashMap::new(), BTreeMap::new());
        Self { text, bytes, levels, anchors, places, values: 0, done: None }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxFault> {
        let line = span.start.line();
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                no_tag(tag.is_some(), line)?;
                if let Some(Level { open: Open::Object { key: key @ None, members }, .. }) = self.levels.last_mut() {
                    if members.contains_key(&*text) {
                        return Err(SyntaxFault::new(line, format!("the key `{text}` occurs twice")));
                    }
                    *key = Some((text.into_owned(), span));
                    return Ok(());
                }
                let value = if style == ScalarStyle::Plain { plain(&text, line)? } else { Value::from(&*text) };
                let start = self.start(style, span);
                self.value(value, anchor, (start, self.byte(span.end.index())), span, false)
            }
            Event::SequenceStart(anchor, tag) => {
                no_tag(tag.is_some(), line)?;
                self.open(Open::Array { items: Vec::new() }, anchor, span)
            }
            Event::MappingStart(anchor, tag) => {
                no_tag(tag.is_some(), line)?;
                self.open(Open::Object { members: Map::new(), key: None }, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                let Some(value) = self.anchors.get(&anchor).cloned() else {
                    return Err(SyntaxFault::new(line, "the alias is used inside of its own value"));
                };
                self.values += count(&value);
                let place = (self.byte(span.start.index()), self.byte(span.end.index()));
                self.value(value, 0, place, span, true)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, open: Open, anchor: usize, start: Span) -> Result<(), SyntaxFault> {
        let line = start.start.line();
        if self.levels.len() >= DEEPEST {
            return Err(SyntaxFault::new(line, format!("values are nested more than {DEEPEST} levels deep")));
        }
        let (pointer, key) = self.next(line)?;
        let end = self.byte(start.start.index());
        self.levels.push(Level { open, pointer, key, start, anchor, end });
        Ok(())
    }

    fn close(&mut self, span: Span) -> Result<(), SyntaxFault> {
        let Some(level) = self.levels.pop() else { return Ok(()) };
        let start = self.byte(level.start.start.index());
        // The end of a block is where the next token begins; what is between belongs to nobody.
        let end = match self.text.as_bytes().get(start) {
            Some(b'[') => self.closing(level.end.max(start + 1), ']'),
            Some(b'{') => self.closing(level.end.max(start + 1), '}'),
            _ => level.end,
        };
        let value = match level.open {
            Open::Array { items } => Value::Array(items),
            Open::Object { members, .. } => Value::Object(members),
        };
        self.place(&level.pointer, level.key, start, end, false);
        self.add(value, level.anchor, end, span.start.line())
    }

    /// Returns the first byte of a scalar. That of a block is its indicator, which the parser leaves out.
    fn start(&self, style: ScalarStyle, span: Span) -> usize {
        let start = self.byte(span.start.index());
        let indicator = match style {
            ScalarStyle::Literal => '|',
            ScalarStyle::Folded => '>',
            _ => return start,
        };
        self.text[..start].rfind(indicator).unwrap_or(start)
    }

    /// Adds a value that is not a collection, and stands at these bytes.
    fn value(
        &mut self,
        value: Value,
        anchor: usize,
        (start, end): (usize, usize),
        span: Span,
        is_elsewhere: bool,
    ) -> Result<(), SyntaxFault> {
        let (pointer, key) = self.next(span.start.line())?;
        let is_left_out = start == end;
        let end = self.text[start..end].trim_end().len() + start;
        self.place(&pointer, key, start, end, is_elsewhere || is_left_out);
        self.add(value, anchor, end, span.start.line())
    }

    /// Returns the pointer and the key of the next value.
    fn next(&self, line: usize) -> Result<(String, Option<Span>), SyntaxFault> {
        match self.levels.last() {
            None => Ok((String::new(), None)),
            Some(Level { open: Open::Array { items }, pointer, .. }) => {
                Ok((format!("{pointer}/{}", items.len()), None))
            }
            Some(Level { open: Open::Object { key: Some((key, span)), .. }, pointer, .. }) => {
                Ok((member(pointer, key), Some(*span)))
            }
            Some(_) => Err(SyntaxFault::new(line, "a key is not text")),
        }
    }

    fn place(&mut self, pointer: &str, key: Option<Span>, start: usize, end: usize, is_elsewhere: bool) {
        let from = key.map_or(start, |key| self.byte(key.start.index()));
        let (line, column) = position(self.text, from);
        self.places.insert(pointer.to_owned(), Place { start, end, line, column, is_elsewhere });
    }

    fn add(&mut self, value: Value, anchor: usize, end: usize, line: usize) -> Result<(), SyntaxFault> {
        self.values += 1;
        if self.values > MOST {
            return Err(SyntaxFault::new(line, format!("the file has more than {MOST} values")));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.levels.last_mut() {
            None => self.done = Some((value, end)),
            Some(level) => {
                level.end = end.max(level.end);
                match &mut level.open {
                    Open::Array { items } => items.push(value),
                    Open::Object { members, key } => {
                        if let Some((key, _)) = key.take() {
                            members.insert(key, value);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the end of a collection in flow style whose last value ends at `from`: after it, there are spaces and comments only.
    fn closing(&self, from: usize, close: char) -> usize {
        let mut is_comment = false;
        for (at, c) in self.text[from..].char_indices() {
            match c {
                '\n' => is_comment = false,
                '#' => is_comment = true,
                c if c == close && !is_comment => return from + at + 1,
                _ => {}
            }
        }
        self.text.len()
    }

    fn byte(&self, character: usize) -> usize {
        self.bytes.get(character).copied().unwrap_or(self.text.len())
    }
}

fn no_tag(has_tag: bool, line: usize) -> Result<(), SyntaxFault> {
    if has_tag {
        Err(SyntaxFault::new(line, "tags such as `!!str` are not supported; quote a text instead"))
    } else {
        Ok(())
    }
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).sum::<usize>() + 1,
        Value::Object(members) => members.values().map(count).sum::<usize>() + 1,
        _ => 1,
    }
}

/// Returns the value of a text without quotes, by the core schema of YAML 1.2: `no` and `12:30` are texts.
fn plain(text: &str, line: usize) -> Result<Value, SyntaxFault> {
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match number(text) {
            Some(number) => Value::Number(number),
            None if is_not_finite(text) => {
                return Err(SyntaxFault::new(line, format!("JSON has no number `{text}`; quote it if it is a text")));
            }
            None => Value::from(text),
        },
    };
    Ok(value)
}

fn is_not_finite(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(text, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

fn number(text: &str) -> Option<Number> {
    if let Some(digits) = text.strip_prefix("0x") {
        return u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+')).map(Number::from);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return u64::from_str_radix(digits, 8).ok().filter(|_| !digits.starts_with('+')).map(Number::from);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && unsigned.contains(|c: char| c.is_ascii_digit())
        && unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if !is_number {
        return None;
    }
    let unplussed = text.strip_prefix('+').unwrap_or(text);
    if let Ok(whole) = unplussed.parse::<u64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = unplussed.parse::<i64>() {
        return Some(whole.into());
    }
    Number::from_f64(unplussed.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::json;

    #[test]
    fn reads_the_types_of_json_and_no_others() {
        let text = "a: no\nb: 012\nc: 0x1F\nd: 1.5e3\ne: ~\nf: 12:30\ng: \"7\"\nh: true\ni: -9\nj: |\n  two\n  lines\nk: [1, {l: x}]\n";
        let (value, _) = read(text).expect("valid");
        assert_eq!(
            value,
            json!({"a": "no", "b": 12, "c": 31, "d": 1500.0, "e": null, "f": "12:30", "g": "7", "h": true, "i": -9,
                "j": "two\nlines\n", "k": [1, {"l": "x"}]})
        );
    }

    #[test]
    fn knows_the_place_of_every_value() {
        let text = "# é\ncases:\n  - name: é\n    expect:\n      result:\n        a: 1\n        b: [1, 2]\n      # a comment\n  - name: x\n";
        let (_, places) = read(text).expect("valid");
        let of = |pointer: &str| {
            let place = places[pointer];
            (&text[place.start..place.end], place.line, place.column)
        };
        assert_eq!(of("/cases/0/name"), ("é", 3, 4));
        assert_eq!(of("/cases/0/expect/result"), ("a: 1\n        b: [1, 2]", 5, 6));
        assert_eq!(of("/cases/0/expect/result/b"), ("[1, 2]", 7, 8));
        assert_eq!(of("/cases/1/name"), ("x", 9, 4));
    }

    #[test]
    fn an_alias_repeats_a_value_and_cannot_explode() {
        let (value, places) = read("a: &x {n: 1}\nb: *x\n").expect("valid");
        assert_eq!(value, json!({"a": {"n": 1}, "b": {"n": 1}}));
        assert!(places["/b"].is_elsewhere && !places["/a"].is_elsewhere);
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let aliases = vec![format!("*a{}", n - 1); 10].join(", ");
            bomb.push_str(&format!("a{n}: &a{n} [{aliases}]\n"));
        }
        assert!(read(&bomb).expect_err("too many").reason.contains("more than 100000 values"));
    }

    #[test]
    fn refuses_what_has_no_meaning_in_json_with_its_line() {
        for (text, line, said) in [
            ("a: 1\na: 2\n", 2, "the key `a` occurs twice"),
            ("a: !!str 5\n", 1, "tags"),
            ("a: .nan\n", 1, "JSON has no number `.nan`"),
            ("a: 1\n---\nb: 2\n", 2, "a second document"),
            ("a: [1, 2\nb: 3\n", 2, ""),
            ("? [1]\n: 2\n", 1, "a key is not text"),
            ("a: &x [*x]\n", 1, "alias"),
        ] {
            let fault = read(text).expect_err(text);
            assert_eq!(fault.line, line, "{text}: {fault:?}");
            assert!(fault.reason.contains(said), "{fault:?}");
        }
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert!(read(&deep).is_err());
    }
}
