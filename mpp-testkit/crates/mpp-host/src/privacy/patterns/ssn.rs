//! `ssn`: a United States social security number: 3-2-4 digits in the ranges that have been issued.

use std::sync::LazyLock;

use crate::privacy::context::{Hint, Words, before, is_word, label_before};
use crate::privacy::run::{Run, Sep};

static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(&["ssn", "social security", "social", "soc sec", "ss#", "ssn#", "tax id", "itin"]));

/// Returns the number of groups, starting with group `first`, that form a social security number.
pub(in crate::privacy) fn find(text: &str, run: &Run, first: usize, hint: impl Fn() -> Hint) -> Option<usize> {
    let bytes = text.as_bytes();
    let [area, rest @ ..] = run.from(first) else { return None };
    let digits = |start: usize, end: usize| bytes[start..end].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    if area.len() == 9 {
        let at = area.start;
        let valid = is_given(digits(at, at + 3), digits(at + 3, at + 5), digits(at + 5, at + 9));
        let alone = !is_word(before(bytes, at)) || label_before(bytes, at);
        let said = || hint().has(Hint::SSN) || WORDS.precede(text, at, 20);
        return (valid && alone && !is_word(bytes.get(area.end).copied()) && said()).then_some(1);
    }
    let [group, serial, after @ ..] = rest else { return None };
    if (area.len(), group.len(), serial.len()) != (3, 2, 4) || group.sep != serial.sep {
        return None;
    }
    let sep = group.sep;
    if !matches!(sep, Sep::Dash | Sep::Space | Sep::Dot | Sep::Slash | Sep::Other) {
        return None;
    }
    let valid =
        is_given(digits(area.start, area.end), digits(group.start, group.end), digits(serial.start, serial.end));
    let alone = match before(bytes, area.start) {
        Some(b'-') => first == 0 && area.start < 2 || first > 0 && area.sep != sep,
        previous => !is_word(previous) || label_before(bytes, area.start),
    };
    // The number is part of a longer row of numbers with the same separator.
    let continues = after.first().is_some_and(|next| next.sep == sep && sep != Sep::Space)
        || (sep == Sep::Space && (after.first().is_some_and(|next| next.sep == sep) || area.sep == sep));
    let ends = !is_word(bytes.get(serial.end).copied());
    let between = &text[area.end..group.start];
    let loose = matches!(between, "-" | " " | " - ") || hint().has(Hint::SSN) || WORDS.precede(text, area.start, 20);
    (valid && alone && ends && !continues && loose).then_some(3)
}

fn is_given(area: u32, group: u32, serial: u32) -> bool {
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::Ssn;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_numbers() {
        assert_finds(
            Ssn,
            &[
                ("123-45-6789", "123-45-6789"),
                ("SSN: 123-45-6789.", "123-45-6789"),
                ("ssn 123456789", "123456789"),
                ("Social Security number is 123456789", "123456789"),
                ("SSN123456789", "123456789"),
                ("123 45 6789", "123 45 6789"),
                ("id 001-01-0001", "001-01-0001"),
                ("899-99-9999", "899-99-9999"),
                ("ssn 123.45.6789", "123.45.6789"),
                ("(123-45-6789)", "123-45-6789"),
                ("a 123-45-6789 b", "123-45-6789"),
                ("2024-11-05 123-45-6789", "123-45-6789"),
                ("123-45-6789,234-56-7890", "123-45-6789"),
                ("my social is 123456789", "123456789"),
                ("123 - 45 - 6789", "123 - 45 - 6789"),
            ],
        );
    }

    #[test]
    fn ignores_other_numbers() {
        assert_leaves(
            Ssn,
            &[
                "000-12-3456",
                "666-12-3456",
                "900-12-3456",
                "123-00-4567",
                "123-45-0000",
                "123456789",
                "order 123456789",
                "123-45-67890",
                "1123-45-6789",
                "123-45-6789-01",
                "SKU-123-45-6789",
                "x123-45-6789y",
                "123-456-789",
                "10 123 45 6789 20",
                "123.45.6789",
                "123-45 6789",
                "987-65-4321",
            ],
        );
    }
}
