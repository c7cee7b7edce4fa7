//! Text of a server, made safe to show: control characters, bidirectional marks and invisible characters as escapes.

use std::fmt::Write as _;

/// Returns whether a character changes how the text around it is shown, or is not shown itself.
pub(super) fn is_hidden(char: char) -> bool {
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

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn hidden_characters_become_escapes() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c\u{200b}\r\n\té"), "a\\u{1b}[31mb\\u{202e}c\\u{200b}\\u{d}\n\té");
    }
}
