//! Texts of a server as string literals, docstrings and comments of Python.

use serde_json::Value;

use crate::visible::{is_hidden, visible};

/// Returns a string literal on one line.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::from("\"");
    text.chars().for_each(|char| push(&mut out, char));
    out.push('"');
    out
}

/// Returns a string literal, or several in parentheses if the text has several lines: each line is one. `indent` is the indentation of
/// the statement.
pub(super) fn long_literal(text: &str, indent: usize) -> String {
    if !text.trim_end_matches('\n').contains('\n') {
        return literal(text);
    }
    let lines: String =
        text.split_inclusive('\n').map(|line| format!("{:indent$}    {}\n", "", literal(line))).collect();
    format!("(\n{lines}{:indent$})", "")
}

fn push(out: &mut String, char: char) {
    match char {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        char if is_hidden(char) => match u32::from(char) {
            code @ 0..=0xff => out.push_str(&format!("\\x{code:02x}")),
            code @ 0x100..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        },
        char => out.push(char),
    }
}

/// Returns a JSON value as an expression, if it is text, a number or a boolean.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(literal(text)),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Returns whether a docstring carries the text unchanged to a tool's description: one line that no reader of docstrings takes for
/// something else.
pub(super) fn is_carried(text: &str) -> bool {
    !text.is_empty()
        && text.split_whitespace().collect::<Vec<_>>().join(" ") == text
        && !text.starts_with(':')
        && !text.ends_with(':')
        && text.contains(' ')
        && text.chars().all(|char| !matches!(char, '\n' | '\t') && !is_hidden(char))
}

/// Returns the docstring of a function or class, indented by four spaces: the summary, and then a section with an entry for each name.
/// `None` if there is nothing to say.
pub(super) fn docstring(summary: &str, section: &str, entries: &[(&str, &str)]) -> Option<String> {
    let summary = one_line(summary);
    let mut lines: String = entries
        .iter()
        .map(|(name, about)| (name, one_line(about)))
        .filter(|(_, about)| !about.is_empty())
        .map(|(name, about)| format!("        {name}: {about}\n"))
        .collect();
    if !lines.is_empty() {
        lines.insert_str(0, &format!("    {section}:\n"));
    }
    Some(match (summary.as_str(), lines.as_str()) {
        ("", "") => return None,
        (summary, "") => format!("    \"\"\"{}\"\"\"\n", closed(summary)),
        ("", lines) => format!("    \"\"\"\n{lines}    \"\"\"\n"),
        (summary, lines) => format!("    \"\"\"{summary}\n\n{lines}    \"\"\"\n"),
    })
}

/// Returns the lines of a comment, indented by `indent` spaces.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let text = visible(text.trim()).replace('\t', "    ");
    let line = |line: &str| format!("{:indent$}# {line}", "").trim_end().to_owned() + "\n";
    if text.is_empty() { String::new() } else { text.split('\n').map(line).collect() }
}

/// Returns the text of a docstring on one line: spaces for line breaks, and escapes for what would end it or cannot be seen.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&text).replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"")
}

/// Returns a text that quotation marks can follow.
fn closed(text: &str) -> String {
    match text.strip_suffix('"') {
        Some(rest) if !rest.ends_with('\\') => format!("{rest}\\\""),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{comment, docstring, is_carried, literal, long_literal};

    #[test]
    fn literals_escape_what_ends_them_and_what_is_not_seen() {
        assert_eq!(literal("a \"b\" \\ é 名\u{1b}\u{202e}\u{e0001}\r"), r#""a \"b\" \\ é 名\x1b\u202e\U000e0001\r""#);
        assert_eq!(long_literal("one\n", 4), r#""one\n""#);
        assert_eq!(long_literal("a\n\n  b", 4), "(\n        \"a\\n\"\n        \"\\n\"\n        \"  b\"\n    )");
    }

    #[test]
    fn a_docstring_ends_where_it_should() {
        let of = |summary| docstring(summary, "Args", &[]);
        assert_eq!(of("Say \"hi\"").as_deref(), Some("    \"\"\"Say \"hi\\\"\"\"\"\n"));
        assert_eq!(of("a \"\"\" b \\").as_deref(), Some("    \"\"\"a \\\"\\\"\\\" b \\\\\"\"\"\n"));
        assert_eq!(of(" "), None);
        assert_eq!(
            docstring("Find.", "Args", &[("a", "One\n  two."), ("b", " ")]).as_deref(),
            Some("    \"\"\"Find.\n\n    Args:\n        a: One two.\n    \"\"\"\n")
        );
        assert_eq!(
            docstring("", "Args", &[("a", "x")]).as_deref(),
            Some("    \"\"\"\n    Args:\n        a: x\n    \"\"\"\n")
        );
    }

    #[test]
    fn only_one_plain_line_is_left_to_a_docstring() {
        for text in ["Look up a customer.", "Say \"hi\" \\ é", "a */ b"] {
            assert!(is_carried(text), "{text}");
        }
        for text in
            ["", "Examples", "See also:", ":param x: y", " a b", "a  b", "a\u{a0}b c", "a\nb", "a\tb", "a \u{202e}b"]
        {
            assert!(!is_carried(text), "{text:?}");
        }
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment("a\n\n b\r\u{1b}", 4), "    # a\n    #\n    #  b\\u{d}\\u{1b}\n");
        assert_eq!(comment(" ", 4), "");
    }
}
