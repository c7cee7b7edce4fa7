//! Text files that people write with any editor.

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
