//! The folded view of a text: NFKC, without invisible characters, and with dashes and digits of all scripts as ASCII.
//!
//! Accented text in common scripts skips the Unicode tables, because folding would not change anything that a pattern
//! examines.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::view::View;

/// Returns the folded view of a text, or `None` if folding changes nothing.
pub(super) fn fold(text: &str) -> Option<View> {
    if text.is_ascii() {
        return None;
    }
    let first = first_foldable(text)?;
    let mut view = View::with_capacity(text.len());
    view.copy(text, 0, first);
    let mut at = first;
    while let Some(c) = text[at..].chars().next() {
        let mut end = at + c.len_utf8();
        if c.is_ascii() && text.as_bytes().get(end).is_none_or(u8::is_ascii) {
            view.push(c, at, end);
            at = end;
            continue;
        }
        // A character and its combining marks are composed together.
        let marks: usize = text[end..].chars().take_while(|&c| joins(c)).map(char::len_utf8).sum();
        end += marks;
        fold_cluster(&text[at..end], at, end, &mut view);
        at = end;
    }
    Some(view)
}

fn fold_cluster(cluster: &str, start: usize, end: usize, view: &mut View) {
    let visible = || cluster.chars().filter(|&c| !is_invisible(c));
    let base = visible().next().map(plain);
    match base {
        None => {}
        // A mark on a digit (a keycap, a ring) does not hide the digit.
        Some(c) if c.is_ascii_digit() => view.push(c, start, end),
        Some(_) => {
            for c in visible().map(plain).nfkc() {
                view.push(plain(c), start, end);
            }
        }
    }
}

/// Returns whether a character belongs to the cluster of the previous character.
fn joins(c: char) -> bool {
    !c.is_ascii() && (is_combining_mark(c) || matches!(c, '\u{1160}'..='\u{11FF}' | '\u{FE00}'..='\u{FE0F}'))
}

/// Returns the ASCII form of a variant of a dash, dot, space, slash or digit, and any other character unchanged.
fn plain(c: char) -> char {
    match c {
        '\0'..='\u{7F}' => c,
        // Dashes and minus signs.
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2043}'
        | '\u{02D7}'
        | '\u{058A}'
        | '\u{05BE}'
        | '\u{1400}'
        | '\u{1806}'
        | '\u{2796}'
        | '\u{2E17}'
        | '\u{2E1A}'
        | '\u{2E3A}'
        | '\u{2E3B}'
        | '\u{2E40}'
        | '\u{301C}'
        | '\u{3030}'
        | '\u{FE31}'
        | '\u{FE32}'
        | '\u{FE58}'
        | '\u{FE63}'
        | '\u{FF0D}'
        | '\u{10EAD}' => '-',
        // Dots between digits.
        '\u{00B7}' | '\u{2022}' | '\u{2024}' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' | '\u{3002}' | '\u{FF61}' => '.',
        // Spaces that NFKC keeps.
        '\u{1680}' | '\u{2028}' | '\u{2029}' | '\u{2800}' => ' ',
        // Slashes.
        '\u{2044}' | '\u{2215}' | '\u{29F8}' => '/',
        c => digit(c).unwrap_or(c),
    }
}

/// The code points of the digit zero in the Unicode decimal systems that NFKC keeps, and in some that it converts.
const ZEROS: [u32; 71] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0x104A0, 0x10D30, 0x10D40, 0x11066, 0x110F0, 0x11136,
    0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x116D0, 0x116DA, 0x11730, 0x118E0, 0x11950, 0x11BF0,
    0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E5F1, 0x1E950,
    0x16130, 0x16D70, 0x1CCF0, 0x1D7CE, 0x1D7D8, 0x1D7E2,
];

fn digit(c: char) -> Option<char> {
    let code = c as u32;
    let value = match code {
        // Dingbats (negative circled, circled sans-serif, negative circled sans-serif), which begin with one.
        0x2776..=0x277E => code - 0x2775,
        0x2780..=0x2788 => code - 0x277F,
        0x278A..=0x2792 => code - 0x2789,
        0x24F5..=0x24FD => code - 0x24F4,
        0x24FF | 0x1F10B | 0x1F10C => 0,
        0x1F100 => 0,
        0x1F101..=0x1F10A => code - 0x1F101,
        _ => ZEROS.iter().map(|zero| code.wrapping_sub(*zero)).find(|value| *value < 10)?,
    };
    char::from_digit(value, 10)
}

/// Returns whether a character is invisible: a format character (Cf) or another Default_Ignorable_Code_Point.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{0600}'..='\u{0605}' | '\u{061C}' | '\u{06DD}' | '\u{070F}' | '\u{0890}'..='\u{0891}'
        | '\u{08E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}'
        | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Returns the position from which folding may change the text, or `None` if it changes nothing.
fn first_foldable(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    loop {
        at += first_non_ascii(&bytes[at..])?;
        // U+00C0 … U+00FF, which are most of the letters in accented text.
        if bytes[at] == 0xC3 {
            at += 2;
            continue;
        }
        let c = text[at..].chars().next()?;
        if is_foldable(c) {
            // The character may combine with the previous one.
            let base = text[..at].char_indices().next_back().map_or(at, |(i, _)| i);
            return Some(base);
        }
        at += c.len_utf8();
    }
}

fn first_non_ascii(bytes: &[u8]) -> Option<usize> {
    const CHUNK: usize = 32;
    let mut at = 0;
    while let Some(chunk) = bytes.get(at..at + CHUNK) {
        if !chunk.is_ascii() {
            break;
        }
        at += CHUNK;
    }
    bytes[at..].iter().position(|b| !b.is_ascii()).map(|i| at + i)
}

fn is_foldable(c: char) -> bool {
    match c {
        // Ranges in which each character is its own NFKC form and neither a digit nor a mark.
        '\u{00C0}'..='\u{0131}'
        | '\u{0134}'..='\u{013E}'
        | '\u{0141}'..='\u{0148}'
        | '\u{014A}'..='\u{017E}'
        | '\u{0388}'..='\u{03CE}'
        | '\u{0400}'..='\u{0482}'
        | '\u{048A}'..='\u{052F}'
        | '\u{05D0}'..='\u{05EA}'
        | '\u{0620}'..='\u{064A}'
        | '\u{2018}'..='\u{2023}'
        | '\u{20AC}'
        | '\u{3001}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{1F300}'..='\u{1FAFF}' => matches!(c, '\u{2022}'),
        c => {
            joins(c) || is_invisible(c) || plain(c) != c || {
                let mut folded = std::iter::once(c).nfkc();
                folded.next() != Some(c) || folded.next().is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        fold(text).map_or_else(|| text.to_owned(), |view| view.text)
    }

    #[test]
    fn folds_characters_that_look_alike() {
        let cases = [
            ("４１１１", "4111"),
            ("٤١١١", "4111"),
            ("४१११", "4111"),
            ("4\u{200b}1\u{2060}1\u{00ad}1", "4111"),
            ("4111–1111−1111", "4111-1111-1111"),
            ("a\u{00a0}b\u{3000}c", "a b c"),
            ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
            ("①②③", "123"),
            ("❶➁➌", "123"),
            ("1\u{fe0f}\u{20e3}2\u{fe0f}\u{20e3}", "12"),
            ("𝟒𝟏𝟏𝟏", "4111"),
            ("e\u{301}", "é"),
            ("ﬁn", "fin"),
            ("한", "한"),
            ("4\u{301}1", "41"),
        ];
        for (text, expected) in cases {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn does_not_change_ordinary_text() {
        for text in
            ["", "plain", "crème brûlée", "Größe", "Привет, мир", "日本語とカタカナ", "한국어", "“quoted”", "5 €", "🎉"]
        {
            assert!(fold(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_fast_path_agrees_with_the_unicode_tables() {
        for c in ('\u{80}'..='\u{FFFF}').filter(|&c| !is_foldable(c)) {
            assert_eq!(std::iter::once(c).nfkc().collect::<String>(), c.to_string(), "U+{:04X}", c as u32);
            assert!(!is_invisible(c) && plain(c) == c && !is_combining_mark(c), "U+{:04X}", c as u32);
        }
    }

    #[test]
    fn spans_map_back_to_whole_characters() {
        let text = "x４\u{200b}1–é";
        let view = fold(text).expect("has something to fold");
        assert_eq!(view.text, "x41-é");
        let (start, end) = view.source(1, 3);
        assert_eq!(&text[start..end], "４\u{200b}1");
        let (start, end) = view.source(3, 4);
        assert_eq!(&text[start..end], "–");
    }

    #[test]
    fn recognizes_the_decimal_digits_of_every_script() {
        // The tables of the `regex` crate are independent of the table in this file.
        let nd = regex::Regex::new(r"^\p{Nd}$").expect("valid");
        let mut buffer = [0; 4];
        for c in '\u{80}'..=char::MAX {
            if nd.is_match(c.encode_utf8(&mut buffer)) {
                assert!(folded(&c.to_string()).bytes().all(|b| b.is_ascii_digit()), "U+{:04X}", c as u32);
            }
        }
    }
}
