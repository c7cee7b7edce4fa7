//! Text from files that people write with any editor, and text that is shown to people.

/// Returns the contents of a text file without the byte order mark that some editors put in front.
///
/// ```
/// use mpp_host::text::without_byte_order_mark;
///
/// assert_eq!(without_byte_order_mark("\u{feff}{}".as_bytes()), b"{}");
/// assert_eq!(without_byte_order_mark(b"{}"), b"{}");
/// ```
#[must_use]
pub fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Returns whether `c` is a control character, a mark that reorders, joins or hides text, a line separator, or a tag character.
///
/// Who shows text of a package or a tool escapes these characters.
///
/// ```
/// use mpp_host::text::is_dangerous;
///
/// assert!(['\u{1b}', '\u{202e}', '\u{200b}', '\n'].into_iter().all(is_dangerous));
/// assert!(!"Zoë 東京 🦀".contains(is_dangerous));
/// ```
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
