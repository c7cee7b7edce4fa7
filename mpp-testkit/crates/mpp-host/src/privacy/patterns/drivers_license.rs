//! `drivers_license`: a number that the words before it or the key above it identify as one, and the British form, which
//! needs no context.

use std::sync::LazyLock;

use crate::privacy::context::{Hint, Words, is_word};

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "driver's license",
        "driver’s license",
        "drivers license",
        "driver license",
        "driver's licence",
        "driver’s licence",
        "drivers licence",
        "driver licence",
        "driving licence",
        "driving license",
        "driver id",
        "license no",
        "licence no",
        "license number",
        "licence number",
        "dl",
        "dln",
        "dl#",
        "d.l.",
        "permis de conduire",
        "führerschein",
        "führerscheinnummer",
        "carnet de conducir",
        "permiso de conducir",
        "patente di guida",
        "rijbewijs",
        "права",
    ])
});

/// Returns the token around the digits at `at` if it is the number of a licence.
pub(in crate::privacy) fn find(text: &str, at: usize, hint: Hint) -> Option<(usize, usize)> {
    let (start, end) = token(text.as_bytes(), at);
    let number = &text[start..end];
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let letters = number.bytes().filter(u8::is_ascii_alphabetic).count();
    let plausible = (5..=20).contains(&(digits + letters)) && digits >= 4;
    let said = || hint.has(Hint::LICENSE) || WORDS.precede(text, start, 16);
    (is_british(number.as_bytes()) || plausible && said()).then_some((start, end))
}

/// Returns the letters and digits around `at`, with single dashes or spaces before further groups of digits:
/// `S123-4567-8901`.
fn token(bytes: &[u8], at: usize) -> (usize, usize) {
    let (start, mut end) = super::passport::token(bytes, at);
    while matches!(bytes.get(end), Some(b'-' | b' ')) {
        let next = bytes[end + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if next < 2 || is_word(bytes.get(end + 1 + next).copied()) {
            break;
        }
        end += 1 + next;
    }
    (start, end)
}

/// Returns whether `token` has the British form, such as `MORGA657054SM9IJ`: five characters of the surname, six digits of
/// the date of birth, two initials, a digit and two check letters.
fn is_british(token: &[u8]) -> bool {
    let part = |range: std::ops::Range<usize>, test: fn(&u8) -> bool| token[range].iter().all(test);
    if token.len() != 16 || !part(0..5, |b| b.is_ascii_uppercase() || *b == b'9') || !token[0].is_ascii_uppercase() {
        return false;
    }
    let number = |range: std::ops::Range<usize>| token[range].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    if !part(5..11, u8::is_ascii_digit) {
        return false;
    }
    let month = number(6..8) % 50;
    (1..=12).contains(&month)
        && (1..=31).contains(&number(8..10))
        && part(11..13, |b| b.is_ascii_uppercase() || *b == b'9')
        && part(13..14, u8::is_ascii_alphanumeric)
        && part(14..16, |b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::DriversLicense;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_labelled_numbers() {
        assert_finds(
            DriversLicense,
            &[
                ("driver's license D1234567", "D1234567"),
                ("Driver’s License: D1234567", "D1234567"),
                ("drivers license number 123456789", "123456789"),
                ("DL: S123-4567-8901", "S123-4567-8901"),
                ("DL# 12345678", "12345678"),
                ("driving licence MORGA657054SM9IJ", "MORGA657054SM9IJ"),
                ("MORGA657054SM9IJ", "MORGA657054SM9IJ"),
                ("DLN 1234567", "1234567"),
                ("Führerschein B072RRE2I55", "B072RRE2I55"),
                ("permis de conduire 123456789012", "123456789012"),
                ("licence no. AB123456", "AB123456"),
                ("driver license number is A1234567.", "A1234567"),
                ("drivers licence 99 999 999", "99 999 999"),
                ("rijbewijs 1234567890", "1234567890"),
                ("dl=F25592150094", "F25592150094"),
            ],
        );
    }

    #[test]
    fn ignores_other_tokens() {
        assert_leaves(
            DriversLicense,
            &[
                "D1234567",
                "123456789",
                "order D1234567",
                "driver's license",
                "MIT license 2024 edition",
                "driver 12",
                "the driver version 535.129",
                "license: Apache-2.0",
                "dl 12",
                "idl 1234567",
                "MORGA999954SM9IJ",
                "MORGA657054",
                "handle 1234567",
                "A1234567 driver license",
                "license plate",
            ],
        );
    }
}
