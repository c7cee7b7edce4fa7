//! Integers that are written as floats: JSON Schema makes no difference between `30` and `30.0`, serde does.

/// The digits of the largest integer type, `u128`, and a sign.
const MOST_DIGITS: usize = 40;

/// Returns the JSON text with all integral numbers written as integers; `None` if it does not change.
#[inline(never)]
pub(crate) fn rewritten(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or_default();
    let mut out: Vec<u8> = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        let start = at;
        at += 1;
        match byte(start) {
            b'"' => {
                while at < bytes.len() && byte(at) != b'"' {
                    at += if byte(at) == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                while matches!(byte(at), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
                    at += 1;
                }
                if let Some(integer) = bytes.get(start..at).and_then(integer) {
                    out.extend_from_slice(bytes.get(copied..start)?);
                    out.extend_from_slice(&integer);
                    copied = at;
                }
            }
            _ => {}
        }
    }
    (copied > 0).then_some(())?;
    out.extend_from_slice(bytes.get(copied..)?);
    String::from_utf8(out).ok()
}

/// Returns the digits of a number that is integral but not written as an integer. The result is exact.
fn integer(number: &[u8]) -> Option<Vec<u8>> {
    let mut digits: Vec<u8> = Vec::new();
    let is_negative = number.first() == Some(&b'-');
    if is_negative {
        digits.push(b'-');
    }
    let sign = digits.len();
    let (mut exponent, mut written, mut direction) = (0_i32, 0_i32, 1);
    // 0 before the point, 1 after it, 2 in the exponent.
    let mut part = 0;
    for byte in number.get(sign..)? {
        match byte {
            b'.' => part = 1,
            b'-' => direction = -1,
            b'+' => {}
            b'0'..=b'9' if part == 2 => written = written.saturating_mul(10).saturating_add(i32::from(byte - b'0')),
            b'0'..=b'9' => {
                exponent -= part;
                // Without leading zeros.
                if *byte != b'0' || digits.len() > sign {
                    digits.push(*byte);
                }
            }
            _ => {
                part = 2;
            }
        }
    }
    exponent = exponent.saturating_add(written.saturating_mul(direction));
    while exponent < 0 && digits.len() > sign && digits.last() == Some(&b'0') {
        digits.pop();
        exponent += 1;
    }
    if digits.len() == sign {
        // serde_json reads `-0` as a float, too.
        return (part > 0 || is_negative).then(|| vec![b'0']);
    }
    let length = digits.len().saturating_add(usize::try_from(exponent).ok()?);
    if part == 0 || length > MOST_DIGITS {
        return None;
    }
    digits.resize(length, b'0');
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn integral_numbers_become_integers() {
        for (float, integer) in [
            ("30.0", "30"),
            ("3e1", "30"),
            ("3.0E+1", "30"),
            ("300e-1", "30"),
            ("-1.50e1", "-15"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0.00e-7", "0"),
            ("0e99", "0"),
            ("9007199254740993.0", "9007199254740993"),
            ("1.8446744073709551615e19", "18446744073709551615"),
            (r#"{"a": [1.0, 2], "b": 3.5}"#, r#"{"a": [1, 2], "b": 3.5}"#),
            (r#"["\"1.0", 1.0]"#, r#"["\"1.0", 1]"#),
        ] {
            assert_eq!(rewritten(float).as_deref(), Some(integer), "{float}");
        }
    }

    #[test]
    fn other_numbers_and_text_stay() {
        for text in ["0", "30", "-7", "30.5", "1e-1", "1e99", "0.1e0", r#""30.0""#, r#"{"1.0": true}"#, "null", ""] {
            assert_eq!(rewritten(text), None, "{text}");
        }
    }
}
