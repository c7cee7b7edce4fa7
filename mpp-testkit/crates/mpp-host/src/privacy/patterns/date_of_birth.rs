//! `date_of_birth`: a date that the words before it or the key above it identify as one. Other dates are not redacted.

use std::sync::LazyLock;

use crate::privacy::context::{Hint, Words, before, is_word};
use crate::privacy::run::{Run, Sep};

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    Words::new(&[
        "born",
        "birth",
        "birthday",
        "birthdate",
        "birth date",
        "date of birth",
        "d.o.b",
        "dob",
        "geboren",
        "geb.",
        "geburtsdatum",
        "geburtstag",
        "né le",
        "née le",
        "date de naissance",
        "naissance",
        "nacido",
        "nacida",
        "nacimiento",
        "nato il",
        "nata il",
        "data di nascita",
        "nascimento",
        "geboortedatum",
        "född",
        "født",
        "дата рождения",
        "生年月日",
        "出生日期",
        "出生",
    ])
});

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär", "mai", "okt", "dez",
    "janv", "févr", "avr", "juin", "juil", "août", "déc", "ene", "abr", "ago", "dic",
];

/// Finds the date of birth that begins with group `first` or with the name of the month before it.
pub(in crate::privacy) fn find(text: &str, run: &Run, first: usize, hint: Hint) -> Option<(usize, usize)> {
    let (start, end) = numeric(text, run, first).or_else(|| named(text, run, first))?;
    (hint.has(Hint::BIRTH) || WORDS.precede(text, start, 24)).then_some((start, end))
}

/// Returns whether the groups from `first` on form a numeric date and not the start of a longer row.
pub(in crate::privacy) fn is_date(text: &str, run: &Run, first: usize) -> bool {
    numeric(text, run, first).is_some_and(|(_, end)| {
        let taken = run.from(first).iter().take_while(|group| group.end <= end).count();
        taken == 1 || run.sep_after(first + taken - 1) != run.sep_after(first)
    })
}

fn numeric(text: &str, run: &Run, first: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let number = |start: usize, end: usize| bytes[start..end].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let group = run.group(first);
    if is_word(before(bytes, group.start)) {
        return None;
    }
    if group.len() == 8 {
        let at = group.start;
        let year = number(at, at + 4);
        let valid = is_year(year) && is_day(number(at + 6, at + 8), number(at + 4, at + 6));
        return valid.then_some((group.start, group.end));
    }
    let [a, b, c] = run.from(first).get(..3)? else { return None };
    if b.sep != c.sep || !matches!(b.sep, Sep::Dash | Sep::Dot | Sep::Slash | Sep::Space | Sep::Other) {
        return None;
    }
    let [x, y, z] = [a, b, c].map(|group| if group.len() <= 4 { number(group.start, group.end) } else { 0 });
    let short = |len: usize| len == 1 || len == 2;
    let valid = match (a.len(), b.len(), c.len()) {
        (4, m, d) if short(m) && short(d) => is_year(x) && is_day(z, y),
        (d, m, 4) if short(d) && short(m) => is_year(z) && (is_day(x, y) || is_day(y, x)),
        (d, m, 2) if short(d) && short(m) && b.sep != Sep::Space => is_day(x, y) || is_day(y, x),
        _ => false,
    };
    valid.then_some((a.start, c.end))
}

/// Finds a date with the name of the month: `12 March 1985`, `March 12, 1985`, `12-Mar-85`, `1985年3月12日`.
fn named(text: &str, run: &Run, first: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let group = run.group(first);
    if is_word(before(bytes, group.start)) {
        return None;
    }
    let digits = |at: usize| bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    if group.len() == 4 {
        return east_asian(text, group.start, group.end);
    }
    if group.len() > 2 {
        return None;
    }
    // The day comes first, followed by the month and the year.
    let after = skip(text, group.end, &["st", "nd", "rd", "th", ".", " ", "-", "of", "de"]);
    if let Some(month) = month(&text[after..]) {
        let year = skip(text, after + month, &[",", ".", " ", "-", "de", "of", "'", "’"]);
        let len = digits(year);
        return matches!(len, 2 | 4).then_some((group.start, year + len));
    }
    // The month comes first.
    let head = text[..group.start].trim_end_matches([' ', '.', '-']);
    let letters: usize = head.chars().rev().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    let word = head.len() - letters;
    month(&text[word..]).filter(|len| *len == letters)?;
    let year = skip(text, group.end, &["st", "nd", "rd", "th", ",", " ", "-", "'"]);
    let len = digits(year);
    (year > group.end && matches!(len, 2 | 4)).then_some((word, year + len))
}

fn east_asian(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let digits = |at: usize| text.as_bytes()[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = end;
    for (i, mark) in ["年", "月", "日"].into_iter().enumerate() {
        if i > 0 {
            let len = digits(at);
            if len == 0 || len > 2 {
                return None;
            }
            at += len;
        }
        at += text[at..].starts_with(mark).then_some(mark.len())?;
    }
    Some((start, at))
}

/// Returns the length of the name of a month at the start of `text`.
fn month(text: &str) -> Option<usize> {
    let len: usize = text.chars().take_while(|c| c.is_alphabetic()).take(12).map(char::len_utf8).sum();
    let word = text[..len].to_lowercase();
    (word.chars().count() >= 3 && MONTHS.iter().any(|month| word.starts_with(month))).then_some(len)
}

/// Skips up to four of `pieces`, in any order.
fn skip(text: &str, mut at: usize, pieces: &[&str]) -> usize {
    for _ in 0..4 {
        match pieces.iter().find(|piece| text[at..].starts_with(**piece)) {
            Some(piece) => at += piece.len(),
            None => break,
        }
    }
    at
}

fn is_year(year: u32) -> bool {
    (1880..=2100).contains(&year)
}

fn is_day(day: u32, month: u32) -> bool {
    (1..=31).contains(&day) && (1..=12).contains(&month)
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::DateOfBirth;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_dates_of_birth() {
        assert_finds(
            DateOfBirth,
            &[
                ("born 1815-12-10? no: born 1985-12-10", "1985-12-10"),
                ("DOB: 12/10/1985", "12/10/1985"),
                ("d.o.b. 10.12.1985", "10.12.1985"),
                ("date of birth is 1985-12-10", "1985-12-10"),
                ("Birthday: 3/4/85", "3/4/85"),
                ("born on 12 March 1985 in", "12 March 1985"),
                ("born March 12, 1985", "March 12, 1985"),
                ("born on the 3rd of May 1985", "3rd of May 1985"),
                ("DOB 12-Mar-85", "12-Mar-85"),
                ("dob 19851210", "19851210"),
                ("geboren am 10.12.1985", "10.12.1985"),
                ("née le 10/12/1985", "10/12/1985"),
                ("生年月日 1985年3月12日", "1985年3月12日"),
                ("fecha de nacimiento: 10/12/1985", "10/12/1985"),
                ("birth date 1985/12/10", "1985/12/10"),
            ],
        );
    }

    #[test]
    fn ignores_other_dates() {
        assert_leaves(
            DateOfBirth,
            &[
                "1985-12-10",
                "created 1985-12-10",
                "due 12/10/2024",
                "born 1985-13-40",
                "airborne 1985-12-10",
                "born in 1985",
                "born 3 times",
                "2024-11-05T10:30:00Z",
                "born 1985-12-10000",
                "stillborn idea 12 of 34",
                "release 10.12.1985",
                "March 12, 1985",
                "born to run 1975",
                "dobbs 1985-12-10",
                "inverts birth 1.2.3",
            ],
        );
    }
}
