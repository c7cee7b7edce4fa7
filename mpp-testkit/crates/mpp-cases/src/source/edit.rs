//! Changes of values in a document, which leave the rest of its text as it is.

use serde_json::Value;

use super::{Document, Syntax};

/// Longest line of a value that is written on one line.
const WIDEST: usize = 100;

/// Changes of one document, which are applied together.
#[derive(Debug, Default)]
pub(crate) struct Edits(Vec<(usize, usize, String)>);

impl Edits {
    /// Replaces the value at a pointer. Returns whether that is possible: a value that an alias stands for has no text of its own.
    pub(crate) fn replace(&mut self, document: &Document, pointer: &str, value: &Value) -> bool {
        let Some(place) = document.places.get(pointer).filter(|place| !place.is_elsewhere) else { return false };
        let old = &document.text[place.start..place.end];
        let text = match document.syntax {
            Syntax::Json => json(value, indent_of(&document.text, place.start)),
            Syntax::Yaml => {
                let flow = flow(value);
                let is_block = matches!(value, Value::Object(_) | Value::Array(_)) && !is_empty(value);
                let was_block = old.contains('\n') && !old.starts_with(['{', '[', '"', '\'', '|', '>']);
                let is_after_key =
                    place.start > document.text[..place.start].rfind('\n').map_or(0, |at| at + 1) + place.column;
                if !is_block || flow.len() <= WIDEST && !was_block {
                    flow
                } else if was_block || !is_after_key {
                    block(value, column_of(&document.text, place.start))
                } else {
                    format!("\n{}{}", " ".repeat(place.column + 2), block(value, place.column + 2))
                }
            }
        };
        self.0.push((place.start, place.end, text));
        true
    }

    /// Adds a member to the object at a pointer, which is not empty.
    pub(crate) fn insert(&mut self, document: &Document, pointer: &str, key: &str, value: &Value) -> bool {
        let Some(place) = document.places.get(pointer).filter(|place| !place.is_elsewhere) else { return false };
        let inside = format!("{pointer}/");
        let last =
            document.places.iter().filter(|(at, _)| at.strip_prefix(&inside).is_some_and(|rest| !rest.contains('/')));
        let Some((_, last)) = last.max_by_key(|(_, place)| place.start).filter(|(_, last)| !last.is_elsewhere) else {
            return false;
        };
        let is_flow = document.text.as_bytes().get(place.start) == Some(&b'{');
        let quoted = Value::from(key).to_string();
        let text = match document.syntax {
            Syntax::Json if document.text[place.start..place.end].contains('\n') => {
                let indent = indent_of(&document.text, last.start);
                format!(",\n{}{quoted}: {}", " ".repeat(indent), json(value, indent))
            }
            Syntax::Json => format!(", {quoted}: {}", flow(value)),
            Syntax::Yaml if is_flow => format!(", {}: {}", scalar(key), flow(value)),
            Syntax::Yaml => {
                let column = last.column;
                let text = member_text(key, value, column);
                format!("\n{}{text}", " ".repeat(column))
            }
        };
        self.0.push((last.end, last.end, text));
        true
    }

    /// Returns whether there are no changes.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the changed text.
    pub(crate) fn apply(mut self, document: &Document) -> String {
        self.0.sort_by_key(|(start, ..)| std::cmp::Reverse(*start));
        let mut text = document.text.clone();
        for (start, end, new) in self.0 {
            text.replace_range(start..end, &new);
        }
        text
    }
}

/// Number of spaces at the start of the line of a byte.
fn indent_of(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].bytes().take_while(|byte| *byte == b' ').count()
}

fn column_of(text: &str, at: usize) -> usize {
    at - text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

/// JSON whose further lines are indented.
fn json(value: &Value, indent: usize) -> String {
    let short = flow(value);
    if short.len() + indent <= WIDEST {
        return short;
    }
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    pretty.replace('\n', &format!("\n{}", " ".repeat(indent)))
}

/// JSON on one line, which is also YAML.
fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) if !items.is_empty() => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) if !members.is_empty() => {
            let members = members.iter().map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), flow(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// A collection in YAML's block style. Lines after the first are indented by `column`.
fn block(value: &Value, column: usize) -> String {
    let indent = " ".repeat(column);
    match value {
        Value::Object(members) if !members.is_empty() => {
            let lines: Vec<String> = members.iter().map(|(key, value)| member_text(key, value, column)).collect();
            lines.join(&format!("\n{indent}"))
        }
        Value::Array(items) if !items.is_empty() => {
            let lines: Vec<String> = items.iter().map(|item| format!("- {}", block(item, column + 2))).collect();
            lines.join(&format!("\n{indent}"))
        }
        Value::String(text) => scalar(text),
        other => other.to_string(),
    }
}

fn member_text(key: &str, value: &Value, column: usize) -> String {
    let key = scalar(key);
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => {
            format!("{key}:\n{}{}", " ".repeat(column + 2), block(value, column + 2))
        }
        value => format!("{key}: {}", block(value, column)),
    }
}

/// A text in YAML: without quotes if it cannot be taken for something else.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '/' | '.'))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::Edits;
    use crate::source::{Document, Syntax};
    use serde_json::{Value, json};

    /// Changes a document, and checks that it has the new value and still is one.
    fn changed(
        text: &str,
        syntax: Syntax,
        change: impl FnOnce(&mut Edits, &Document) -> bool,
        expected: &Value,
    ) -> String {
        let document = Document::read(text, syntax).expect("a document");
        let mut edits = Edits::default();
        assert!(change(&mut edits, &document));
        let text = edits.apply(&document);
        let read = Document::read(&text, syntax).map(|document| document.value);
        assert_eq!(read.as_ref(), Ok(expected), "{text}");
        text
    }

    #[test]
    fn replaces_a_value_and_leaves_the_rest() {
        let yaml = "# first\n- name: a # why\n  result: {n: 1} # the result\n- name: b\n";
        let text = changed(
            yaml,
            Syntax::Yaml,
            |edits, document| edits.replace(document, "/0/result", &json!({"n": 2})),
            &json!([{"name": "a", "result": {"n": 2}}, {"name": "b"}]),
        );
        assert_eq!(text, "# first\n- name: a # why\n  result: { \"n\": 2 } # the result\n- name: b\n");
        let json_text = "{\n  \"a\": 1,\n  \"b\": [1, 2]\n}\n";
        let text = changed(
            json_text,
            Syntax::Json,
            |edits, document| edits.replace(document, "/b", &json!({"x": "y"})),
            &json!({"a": 1, "b": {"x": "y"}}),
        );
        assert_eq!(text, "{\n  \"a\": 1,\n  \"b\": { \"x\": \"y\" }\n}\n");
    }

    #[test]
    fn a_long_value_is_written_in_lines() {
        let long = json!({"items": [{"name": "x".repeat(60), "tags": ["yes", "a: b", ""]}, {}], "n": null, "t": "x".repeat(50)});
        for (yaml, expected) in [
            ("a:\n  result: 1\n  b: 2\n", json!({"a": {"result": long, "b": 2}})),
            ("a:\n  result:\n    x: 1\n    y: 2\n  # comment\n  b: 2\n", json!({"a": {"result": long, "b": 2}})),
        ] {
            changed(yaml, Syntax::Yaml, |edits, document| edits.replace(document, "/a/result", &long), &expected);
        }
        changed(
            "{\"a\": {\"result\": 1}}",
            Syntax::Json,
            |edits, document| edits.replace(document, "/a/result", &long),
            &json!({"a": {"result": long}}),
        );
    }

    #[test]
    fn a_block_becomes_a_scalar_and_back() {
        changed(
            "a:\n  result:\n    x: 1\n    y: 2\n  b: 2\n",
            Syntax::Yaml,
            |edits, document| edits.replace(document, "/a/result", &json!("yes: no")),
            &json!({"a": {"result": "yes: no", "b": 2}}),
        );
        changed(
            "a:\n  text: |\n    two\n    lines\n  b: 2\n",
            Syntax::Yaml,
            |edits, document| edits.replace(document, "/a/text", &json!("one\ntwo")),
            &json!({"a": {"text": "one\ntwo", "b": 2}}),
        );
    }

    #[test]
    fn adds_a_member_at_the_end_of_an_object() {
        let expect = json!({"result": {"count": 1}});
        let text = changed(
            "cases:\n  - name: a\n    tool: t\n\n  - name: b\n",
            Syntax::Yaml,
            |edits, document| edits.insert(document, "/cases/0", "expect", &expect),
            &json!({"cases": [{"name": "a", "tool": "t", "expect": expect}, {"name": "b"}]}),
        );
        assert_eq!(
            text,
            "cases:\n  - name: a\n    tool: t\n    expect:\n      result:\n        count: 1\n\n  - name: b\n"
        );
        changed(
            "{\"cases\": [\n  {\n    \"name\": \"a\"\n  }\n]}",
            Syntax::Json,
            |edits, document| edits.insert(document, "/cases/0", "expect", &expect),
            &json!({"cases": [{"name": "a", "expect": expect}]}),
        );
        changed(
            "cases: [{name: a}]\n",
            Syntax::Yaml,
            |edits, document| edits.insert(document, "/cases/0", "expect", &expect),
            &json!({"cases": [{"name": "a", "expect": expect}]}),
        );
    }

    #[test]
    fn a_value_that_an_alias_stands_for_is_not_changed() {
        let document = Document::read("a: &x 1\nb: *x\n", Syntax::Yaml).expect("a document");
        let mut edits = Edits::default();
        assert!(!edits.replace(&document, "/b", &json!(2)));
        assert!(edits.is_empty());
    }
}
