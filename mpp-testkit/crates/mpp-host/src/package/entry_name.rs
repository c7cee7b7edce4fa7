//! Validation, folding and display of the names of archive entries.

use unicode_normalization::UnicodeNormalization;

use super::fault::Fault;
use crate::codes;

/// Names that Windows reserves for devices, with any extension.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Checks that `name` consists of parts `[A-Za-z0-9_][A-Za-z0-9._+-]*` joined by `/`, none of them a device name.
pub(crate) fn check(name: &[u8]) -> Result<&str, Fault> {
    let fault =
        |code, what: &str| Fault::new(code, format!("the entry name `{}` {what}", show(name))).in_entry(show(name));
    if name.iter().any(|b| *b < 0x20 || *b == 0x7f) {
        return Err(fault(&codes::G307, "contains a control character"));
    }
    if name.contains(&b'\\') {
        return Err(fault(&codes::G305, "contains a backslash"));
    }
    if name.first() == Some(&b'/') {
        return Err(fault(&codes::G301, "is absolute"));
    }
    if name.len() >= 2 && name[0].is_ascii_alphabetic() && name[1] == b':' {
        return Err(fault(&codes::G306, "starts with a drive letter"));
    }
    for part in name.split(|b| *b == b'/') {
        match part {
            b"" => return Err(fault(&codes::G304, "contains an empty part")),
            b"." => return Err(fault(&codes::G303, "contains a part `.`")),
            b".." => return Err(fault(&codes::G302, "contains a part `..`")),
            _ if is_device(part) => {
                return Err(fault(&codes::G308, "contains a part that Windows reserves for a device"));
            }
            _ => {}
        }
    }
    let valid = name.split(|b| *b == b'/').all(is_part);
    match std::str::from_utf8(name) {
        Ok(text) if valid => Ok(text),
        _ => Err(fault(
            &codes::G309,
            "contains a character other than `A-Z a-z 0-9 . _ + -`, or a part that starts with `.`, `+` or `-`",
        )),
    }
}

fn is_part(part: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'+' | b'-');
    part.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') && part.iter().all(inner)
}

fn is_device(part: &[u8]) -> bool {
    let stem = part.split(|b| *b == b'.').next().unwrap_or_default();
    let numbered =
        |prefix: &[u8]| stem.len() == 4 && stem[..3].eq_ignore_ascii_case(prefix) && stem[3].is_ascii_digit();
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device.as_bytes())) || numbered(b"com") || numbered(b"lpt")
}

/// Returns the name in NFC and lower case. Names with the same folded form are the same file on some file systems.
pub(crate) fn folded(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// Returns the name in a form that is safe to print: control and non-ASCII bytes are escaped, long names truncated.
pub(crate) fn show(name: &[u8]) -> String {
    let mut text = name.iter().take(255).flat_map(|b| b.escape_ascii()).map(char::from).collect::<String>();
    if name.len() > 255 {
        text.push_str("...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{check, folded};

    #[test]
    fn accepts_names_of_ordinary_files() {
        for name in ["manifest.json", "bin/main.wasm", "assets/a-b_c+d.tar.gz", "_x/0", "README", "console", "com10"] {
            assert_eq!(check(name.as_bytes()).as_deref(), Ok(name));
        }
    }

    #[test]
    fn explains_why_a_name_is_refused() {
        let cases: &[(&[u8], &str)] = &[
            (b"/etc/passwd", "MPP-G301"),
            (b"a/../b", "MPP-G302"),
            (b"./a", "MPP-G303"),
            (b"a//b", "MPP-G304"),
            (b"", "MPP-G304"),
            (b"a\\b", "MPP-G305"),
            (b"c:a", "MPP-G306"),
            (b"a\0b", "MPP-G307"),
            (b"a\x7f", "MPP-G307"),
            (b"aux.txt", "MPP-G308"),
            (b"x/COM1", "MPP-G308"),
            (b".hidden", "MPP-G309"),
            (b"-rf", "MPP-G309"),
            (b"a b", "MPP-G309"),
            ("é".as_bytes(), "MPP-G309"),
            (b"\xff", "MPP-G309"),
        ];
        for (name, code) in cases {
            assert_eq!(check(name).expect_err("refused").code, *code, "{}", super::show(name));
        }
    }

    #[test]
    fn folds_case_and_composition() {
        assert_eq!(folded(b"ReadMe"), folded(b"README"));
        assert_eq!(folded("É".as_bytes()), folded("e\u{301}".as_bytes()));
    }
}
