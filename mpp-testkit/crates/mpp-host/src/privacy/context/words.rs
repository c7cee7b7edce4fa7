//! Words before a value that announce its kind.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;

use crate::privacy::markers;

/// Words that announce the kind of the value that follows them.
pub(in crate::privacy) struct Words {
    words: &'static [&'static str],
    longest: usize,
    automaton: Option<AhoCorasick>,
}

/// A word that was found before a value.
#[derive(Debug, Clone, Copy)]
pub(in crate::privacy) struct Announcement<'t> {
    /// The index of the word in the list.
    pub(in crate::privacy) word: usize,
    /// The text before the word, as far as it was examined.
    pub(in crate::privacy) before: &'t str,
    /// The text between the word and the value.
    pub(in crate::privacy) between: &'t str,
}

impl Words {
    /// Compiles a list of lower-case words.
    pub(in crate::privacy) fn new(words: &'static [&'static str]) -> Self {
        // The additional byte shows whether a word begins there.
        let longest = 1 + words.iter().map(|word| word.len()).max().unwrap_or_default();
        Self { words, longest, automaton: AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok() }
    }

    /// Returns whether one of the words precedes `at` as a separate word, with no digit and at most `gap` bytes in
    /// between.
    pub(in crate::privacy) fn precede(&self, text: &str, at: usize, gap: usize) -> bool {
        self.precede_if(text, at, gap, |_| true)
    }

    /// Like [`precede`](Self::precede), for words for which `accept` returns `true`.
    pub(in crate::privacy) fn precede_if(
        &self,
        text: &str,
        at: usize,
        gap: usize,
        accept: impl Fn(Announcement<'_>) -> bool,
    ) -> bool {
        let mut from = at.saturating_sub(self.longest + gap);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let bytes = &text.as_bytes()[from..at];
        // Only text after the last digit or marker counts: words before another number belong to that number.
        let is_end = |(at, b): (usize, &u8)| b.is_ascii_digit() || *b == b']' && markers::ends_at(text, from + at + 1);
        let skip = bytes.iter().enumerate().rposition(is_end).map_or(0, |at| at + 1);
        let before = &text[from + skip..at];
        if !before.bytes().any(|b| b.is_ascii_alphabetic() || !b.is_ascii()) {
            return false;
        }
        let lower: Cow<'_, str> = if before.is_ascii() { before.into() } else { before.to_lowercase().into() };
        let Some(automaton) = &self.automaton else { return true };
        automaton.find_overlapping_iter(lower.as_ref()).any(|hit| {
            let index = hit.pattern().as_usize();
            let (before, between) = (&lower[..hit.start()], &lower[hit.end()..]);
            between.len() <= gap
                && before.chars().next_back().is_none_or(|c| !c.is_alphanumeric())
                && ends_alone(self.words[index], between)
                && !between.contains(['\n', ';', '|'])
                && accept(Announcement { word: index, before, between })
        })
    }
}

/// Returns whether `word` or its plural ends where `rest` begins. In scripts without spaces, it always does.
fn ends_alone(word: &str, rest: &str) -> bool {
    let spaced = word.chars().next_back().is_some_and(|c| (c as u32) < 0x2E80);
    let letter = |text: &str| text.starts_with(char::is_alphabetic);
    !spaced || !letter(rest) || rest.strip_prefix('s').is_some_and(|rest| !letter(rest))
}

/// Returns whether `rest`, the text after a number, begins with a unit or with what is counted: `1048576 bytes`.
pub(in crate::privacy) fn is_unit(rest: &str) -> bool {
    let trimmed = rest.trim_start_matches([' ', '-', '\u{a0}']);
    if trimmed.starts_with('%') {
        return true;
    }
    let len = trimmed.bytes().take_while(u8::is_ascii_alphabetic).count();
    let word = &trimmed[..len];
    (rest.len() - trimmed.len()) <= 1
        && (1..=12).contains(&len)
        && UNITS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()
}

/// Units, and what is counted, sorted.
const UNITS: &[&str] = &[
    "b",
    "bit",
    "bits",
    "bytes",
    "calls",
    "chars",
    "connections",
    "cycles",
    "days",
    "devices",
    "dollars",
    "downloads",
    "entries",
    "errors",
    "euros",
    "events",
    "files",
    "frames",
    "gb",
    "ghz",
    "gib",
    "hits",
    "hours",
    "hz",
    "installs",
    "items",
    "iterations",
    "kb",
    "khz",
    "kib",
    "lines",
    "mb",
    "messages",
    "mhz",
    "mib",
    "minutes",
    "ms",
    "nanoseconds",
    "ns",
    "objects",
    "ops",
    "packets",
    "pages",
    "people",
    "pixels",
    "points",
    "records",
    "requests",
    "rows",
    "rpm",
    "samples",
    "seconds",
    "sessions",
    "subscribers",
    "tb",
    "ticks",
    "times",
    "tokens",
    "units",
    "us",
    "users",
    "views",
    "visits",
    "words",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_only_close_by_and_without_a_number_between() {
        let words = Words::new(&["phone", "tel"]);
        assert!(words.precede("phone: 5", 7, 20));
        assert!(words.precede("my Phone number is 5", 19, 20));
        assert!(!words.precede("hotel 5", 6, 20));
        assert!(!words.precede("phone 1 2", 8, 20));
        assert!(!words.precede("phone                              5", 35, 20));
    }

    #[test]
    fn units_follow_numbers() {
        for rest in [" bytes", "ms", " Times.", "%", " MiB of memory"] {
            assert!(is_unit(rest), "{rest}");
        }
        for rest in ["", " for us", ", ms", " byteswap", "  ms"] {
            assert!(!is_unit(rest), "{rest}");
        }
        assert!(UNITS.is_sorted());
    }
}
