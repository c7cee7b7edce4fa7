//! `passport`: a number that the words before it or the key above it identify as one, and machine-readable lines.

use std::sync::LazyLock;

use crate::privacy::context::{Hint, Words, before};
use crate::privacy::patterns::Builtin;
use crate::privacy::span::Span;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "passport",
        "passport no",
        "passport number",
        "passeport",
        "pasaporte",
        "reisepass",
        "reisepassnummer",
        "passaporto",
        "passaporte",
        "paspoort",
        "pass-nr",
        "pass no",
        "паспорт",
        "パスポート",
        "护照",
        "護照",
        "여권",
    ])
});

/// Returns the token around the digits at `at` if it is the number of a passport.
pub(in crate::privacy) fn find(text: &str, at: usize, hint: Hint) -> Option<(usize, usize)> {
    let (start, end) = token(text.as_bytes(), at);
    let number = &text[start..end];
    let letters = number.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = number.len() - letters;
    let plausible = (6..=10).contains(&number.len()) && digits >= 4;
    (plausible && (hint.has(Hint::PASSPORT) || WORDS.precede(text, start, 24))).then_some((start, end))
}

/// Returns the letters and digits around `at`.
pub(super) fn token(bytes: &[u8], at: usize) -> (usize, usize) {
    let start = at - bytes[..at].iter().rev().take_while(|b| b.is_ascii_alphanumeric()).count();
    let end = at + bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    (start, end)
}

/// Finds the machine-readable lines of 44 characters (ICAO 9303), one or both: `P<UTOERIKSSON<<ANNA<MARIA<<…`.
pub(in crate::privacy) fn find_machine_readable(text: &str, found: &mut Vec<Span>) {
    const LINE: usize = 44;
    let bytes = text.as_bytes();
    for start in memchr::memmem::find_iter(bytes, b"P<") {
        let is_line = |at: usize| {
            let line = bytes.get(at..at + LINE)?;
            line.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'<').then_some(at + LINE)
        };
        if before(bytes, start).is_some_and(|b| b.is_ascii_alphanumeric()) {
            continue;
        }
        let Some(end) = is_line(start) else { continue };
        let gap = bytes[end..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let end = is_line(end + gap).filter(|_| gap <= 2).unwrap_or(end);
        found.push(Span::builtin(start, end, Builtin::Passport));
    }
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::Passport;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_labelled_numbers() {
        let lines = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
        assert_finds(
            Passport,
            &[
                ("passport 123456789", "123456789"),
                ("Passport No. X1234567", "X1234567"),
                ("passport number: C01X00T47", "C01X00T47"),
                ("Passport #: 987654321.", "987654321"),
                ("passeport 12AB34567", "12AB34567"),
                ("Reisepass: C4VPXC0Z39", "C4VPXC0Z39"),
                ("pasaporte AAA123456", "AAA123456"),
                ("her passport is GB1234567", "GB1234567"),
                ("PASSPORT A12345678", "A12345678"),
                ("паспорт 123456789", "123456789"),
                ("护照 E12345678", "E12345678"),
                ("passport_no=K1234567", "K1234567"),
                ("passport (UK) 123456789", "123456789"),
                ("passport\t123456789", "123456789"),
                (lines, lines),
            ],
        );
    }

    #[test]
    fn ignores_other_tokens() {
        assert_leaves(
            Passport,
            &[
                "123456789",
                "order X1234567",
                "passport",
                "passport 12",
                "passport renewed in 2024",
                "passport.js 4.1.2",
                "passport photo 35x45",
                "the passport office opened; ticket 123456789",
                "X1234567",
                "passports 5",
                "passport fee 130",
                "passport to 3 worlds",
                "compass 123456789",
                "P<UTO",
                "A12345678 passport",
            ],
        );
    }
}
