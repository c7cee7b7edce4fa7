//! Text of a server, made safe to show: control characters, bidirectional marks and invisible characters as escapes.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character changes how the text around it is shown, or is not shown itself.
pub(crate) fn is_hidden(char: char) -> bool {
    let is_invisible = matches!(char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    );
    (char.is_control() && !matches!(char, '\n' | '\t')) || is_invisible
}

/// Returns the text with escapes such as `\u{202e}` in place of hidden characters. Line breaks and tabs stay.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if is_hidden(char) {
            write!(out, "\\u{{{:x}}}", u32::from(char)).unwrap_or_default();
        } else {
            out.push(char);
        }
    }
    out
}

/// Returns a JSON text with escapes in place of the hidden characters in descriptions and titles, at every level: what a model reads, and
/// a person would not see. Everything else stays as it is, and so do the joiners and selectors of scripts and emoji.
pub(crate) fn with_visible_descriptions(json: &str) -> Cow<'_, str> {
    // Hidden characters are not ASCII, or written as an escape.
    if json.is_ascii() && !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let mut out = String::new();
    // How much of the text is in `out`, and whether the next string is the value of such a member.
    let (mut done, mut is_described) = (0, false);
    let mut at = 0;
    while let Some(start) = json[at..].find('"').map(|found| at + found) {
        let end = end_of_string(json, start);
        let Ok(text) = serde_json::from_str::<String>(&json[start..end]) else { return Cow::Borrowed(json) };
        let after = json[end..].trim_start();
        // Between a key and its value are a colon and white space.
        let is_value = json[..start].trim_end().ends_with(':');
        if is_value && is_described && text.chars().any(is_hidden) {
            out.push_str(&json[done..start]);
            out.push_str(&serde_json::Value::from(visible_in_prose(&text)).to_string());
            done = end;
        }
        is_described = after.starts_with(':') && matches!(text.as_str(), "description" | "title");
        at = end;
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[done..]);
    Cow::Owned(out)
}

/// Returns the end of the string that begins at `start`.
fn end_of_string(json: &str, start: usize) -> usize {
    let mut is_escaped = false;
    let rest = json.as_bytes().iter().enumerate().skip(start + 1);
    for (at, byte) in rest {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

/// Does what [`visible`] does, but leaves one joiner or variation selector after a character of another script or an emoji, where they
/// belong.
pub(crate) fn visible_in_prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for char in text.chars() {
        let joins = matches!(char, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}');
        if joins && !before.is_ascii() && !is_hidden(before) {
            out.push(char);
        } else {
            out.push_str(&visible(char.encode_utf8(&mut [0; 4])));
        }
        before = char;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{visible, with_visible_descriptions};

    #[test]
    fn descriptions_and_titles_are_made_visible_and_nothing_else() {
        for (json, expected) in [
            (r#"{"description":"a\u202eb","n":1.50}"#, r#"{"description":"a\\u{202e}b","n":1.50}"#),
            ("{\"title\" : \"x\u{e0041}\"}", r#"{"title" : "x\\u{e0041}"}"#),
            ("[\"title\",\"x\u{200b}\"]", "[\"title\",\"x\u{200b}\"]"),
            (
                r#"{"enum":["\u200b"],"title":{"title":"\u200b"}}"#,
                r#"{"enum":["\u200b"],"title":{"title":"\\u{200b}"}}"#,
            ),
            (r#"{"a\\":"\"title\":","title":"\u001b"}"#, r#"{"a\\":"\"title\":","title":"\\u{1b}"}"#),
            ("{\"title\":\"⚠\u{fe0f} 👩\u{200d}🔬 x\u{fe0f}\"}", "{\"title\":\"⚠\u{fe0f} 👩\u{200d}🔬 x\\\\u{fe0f}\"}"),
            ("{\"title\":\"é", "{\"title\":\"é"),
        ] {
            assert_eq!(with_visible_descriptions(json), expected, "{json}");
        }
    }

    #[test]
    fn hidden_characters_become_escapes() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\u{200b}\r\n\té"), "a\\u{1b}[31mb\\u{202e}c\\u{200b}\\u{d}\n\té");
    }
}
