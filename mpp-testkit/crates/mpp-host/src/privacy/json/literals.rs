//! Strings and numbers of a JSON text, as RFC 8259 defines them.

/// Parses the string at the beginning of `json`. Returns the text between the quotes, and whether it has escapes.
pub(super) fn string(json: &str) -> Option<(&str, bool)> {
    let bytes = json.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    let mut escaped = false;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            break;
        }
        escaped = true;
        match bytes.get(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => at += 2,
            b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at += 6,
            _ => return None,
        }
    }
    let raw = &json[1..at];
    let has_control = raw.bytes().fold(false, |control, b| control | (b < 0x20));
    (!has_control).then_some((raw, escaped))
}

/// Returns whether the text of a string has an escape of a surrogate, which not each parser reads if it stands alone.
pub(super) fn has_surrogates(raw: &str) -> bool {
    let is_surrogate =
        |escape: &[u8]| matches!(escape, [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', ..]);
    memchr::memchr_iter(b'\\', raw.as_bytes()).any(|at| is_surrogate(&raw.as_bytes()[at + 1..]))
}

/// Returns the length of the number at the beginning of `bytes`.
pub(super) fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        if exponent == 0 {
            return None;
        }
        at += exponent;
    }
    Some(at)
}

/// Appends a JSON string literal.
pub(super) fn quote(text: &str, out: &mut String) {
    let plain = text.bytes().fold(true, |plain, b| plain & (b >= 0x20) & (b != b'"') & (b != b'\\'));
    if plain {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// Decodes the text of a JSON string without its quotes. A lone surrogate becomes U+FFFD.
pub(super) fn unquote(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (c, len) = escape(rest.as_bytes());
        out.push(c);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

/// Decodes an escape that [`string`] has accepted. Returns the character and the length of the escape in bytes.
fn escape(bytes: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 4)?;
        digits.iter().try_fold(0, |n: u32, b| Some((n << 4) | (*b as char).to_digit(16)?))
    };
    match bytes.get(1) {
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{C}', 2),
        Some(b'u') => {
            let high = unit(2).unwrap_or(0xFFFD);
            if (0xD800..0xDC00).contains(&high)
                && bytes.get(6..8) == Some(br"\u")
                && let Some(low @ 0xDC00..0xE000) = unit(8)
            {
                let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
            }
            (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
        }
        Some(other) => (*other as char, 2),
        None => ('\\', 1),
    }
}

/// Returns the plain digits of a number that is written with a sign, a fraction or an exponent, if it is a whole number of
/// 7 to 19 digits.
pub(super) fn integer(token: &str) -> Option<String> {
    let unsigned = token.strip_prefix('-').unwrap_or(token);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if unsigned.len() == whole.len() {
        return None;
    }
    let mut digits = format!("{whole}{fraction}");
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    if !(-64..=19).contains(&shift) {
        return None;
    }
    if shift < 0 {
        let cut = digits.len().checked_sub(shift.unsigned_abs() as usize)?;
        if digits[cut..].bytes().any(|b| b != b'0') {
            return None;
        }
        digits.truncate(cut);
    } else {
        digits.extend(std::iter::repeat_n('0', shift as usize));
    }
    let plain = digits.trim_start_matches('0');
    (7..=19).contains(&plain.len()).then(|| plain.to_owned())
}
