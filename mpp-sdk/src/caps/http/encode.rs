//! Percent-encoding, and JSON strings of a request's head.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Appends `text` with all but the unreserved characters percent-encoded (RFC 3986, section 2.3).
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

/// Appends `name=value`, after a `&` unless it is the first pair.
pub(super) fn pair(out: &mut String, is_first: bool, name: &str, value: &str) {
    if !is_first {
        out.push('&');
    }
    percent(out, name);
    out.push('=');
    percent(out, value);
}

/// Appends a JSON string.
pub(super) fn json_string(out: &mut Vec<u8>, text: &str) {
    // Writing a string to memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn percent_encodes_all_but_unreserved_characters() {
        let mut out = String::new();
        percent(&mut out, "a-Z_0.~ &=+/?#%é");
        assert_eq!(out, "a-Z_0.~%20%26%3D%2B%2F%3F%23%25%C3%A9");
    }
}
