//! Percent-encoding, base64, and the head of a request.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text` with all but the unreserved characters percent-encoded (RFC 3986, 2.3).
pub(super) fn percent(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// Appends `name=value`, after `&` where pairs are there already.
pub(super) fn pair(out: &mut String, is_first: bool, name: &str, value: &str) {
    if !is_first {
        out.push('&');
    }
    percent(out, name);
    out.push('=');
    percent(out, value);
}

/// Base64 with padding (RFC 4648, 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let is_padding = digit > chunk.len();
            let index = (bits >> (18 - 6 * digit)) & 63;
            out.push(if is_padding { '=' } else { char::from(DIGITS[index as usize]) });
        }
    }
    out
}

/// Appends a JSON string.
pub(super) fn json_string(out: &mut Vec<u8>, text: &str) {
    // Writing text to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::{base64, percent};

    #[test]
    fn percent_encodes_all_but_the_unreserved() {
        let mut out = String::new();
        percent(&mut out, "a-Z_0.~ &=+/?#%é");
        assert_eq!(out, "a-Z_0.~%20%26%3D%2B%2F%3F%23%25%C3%A9");
    }

    #[test]
    fn base64_as_in_the_rfc() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[0xff, 0xfe]), "//4=");
    }
}
