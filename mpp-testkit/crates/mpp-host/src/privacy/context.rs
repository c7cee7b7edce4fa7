//! The context of a value, which hints at its kind: the words before it and the object keys above it.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;

use super::markers;

/// The two nearest object keys above a value, as they are written in the JSON text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys<'a> {
    key: Option<&'a str>,
    above: Option<&'a str>,
}

impl<'a> Keys<'a> {
    /// Returns the keys above the member `key` of this value.
    pub(super) fn under(self, key: &'a str) -> Self {
        Self { key: Some(key), above: self.key }
    }

    /// Returns the hint that the keys give. The nearer key takes precedence.
    pub(super) fn hint(self) -> Hint {
        let of = |key: Option<&str>| key.map_or(Hint::NONE, Hint::from_key);
        match of(self.key) {
            Hint::NONE => of(self.above),
            hint => hint,
        }
    }
}

/// The kinds of personal data that an object key announces for the values below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hint(u8);

impl Hint {
    pub(super) const NONE: Self = Self(0);
    pub(super) const PHONE: Self = Self(1);
    pub(super) const SSN: Self = Self(2);
    pub(super) const BIRTH: Self = Self(4);
    pub(super) const PASSPORT: Self = Self(8);
    pub(super) const LICENSE: Self = Self(16);
    pub(super) const KEY: Self = Self(32);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the hint that a key gives, for example `homePhone`, `mobile_no` or `date-of-birth`.
    pub(super) fn from_key(key: &str) -> Self {
        if key.len() < 2 || key.len() > 64 {
            return Self::NONE;
        }
        let mut words = String::with_capacity(key.len() + 8);
        words.push('_');
        let mut lower = false;
        for c in key.chars() {
            if c.is_uppercase() && lower {
                words.push('_');
            }
            lower = c.is_lowercase();
            if c.is_alphanumeric() {
                words.extend(c.to_lowercase());
            } else if !words.ends_with('_') {
                words.push('_');
            }
        }
        words.push('_');
        let mut hint = 0;
        for (word, says) in KEY_WORDS {
            if words.contains(word) {
                hint |= says.0;
            }
        }
        Self(hint)
    }
}

const KEY_WORDS: &[(&str, Hint)] = &[
    ("phone", Hint::PHONE),
    ("_mobile_", Hint::PHONE),
    ("_cell_", Hint::PHONE),
    ("_tel_", Hint::PHONE),
    ("_fax_", Hint::PHONE),
    ("_msisdn_", Hint::PHONE),
    ("whatsapp", Hint::PHONE),
    ("telefon", Hint::PHONE),
    ("_ssn_", Hint::SSN),
    ("social_security", Hint::SSN),
    ("socialsecurity", Hint::SSN),
    ("_dob_", Hint::BIRTH),
    ("birth", Hint::BIRTH),
    ("_born_", Hint::BIRTH),
    ("geburt", Hint::BIRTH),
    ("passport", Hint::PASSPORT),
    ("driver", Hint::LICENSE),
    ("driving", Hint::LICENSE),
    ("_dl_", Hint::LICENSE),
    ("_dln_", Hint::LICENSE),
    ("api_key", Hint::KEY),
    ("apikey", Hint::KEY),
    ("secret", Hint::KEY),
    ("access_token", Hint::KEY),
    ("auth_token", Hint::KEY),
    ("password", Hint::KEY),
];

/// Lower-case words that announce the kind of the value that follows them.
pub(super) struct Words {
    words: &'static [&'static str],
    longest: usize,
    automaton: Option<AhoCorasick>,
}

impl Words {
    pub(super) fn new(words: &'static [&'static str]) -> Self {
        // The additional byte shows whether a word begins there.
        let longest = 1 + words.iter().map(|word| word.len()).max().unwrap_or_default();
        Self { words, longest, automaton: AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok() }
    }

    /// Returns whether one of the words precedes `at` as a separate word, with no digit and at most `gap` bytes in
    /// between.
    pub(super) fn precede(&self, text: &str, at: usize, gap: usize) -> bool {
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
            let word = self.words[hit.pattern().as_usize()];
            let starts_alone = lower[..hit.start()].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let rest = &lower[hit.end()..];
            starts_alone && ends_alone(word, rest) && rest.len() <= gap && !rest.contains(['\n', ';', '|'])
        })
    }
}

/// Returns whether `word` or its plural ends where `rest` begins. In scripts without spaces, it always does.
fn ends_alone(word: &str, rest: &str) -> bool {
    let spaced = word.chars().next_back().is_some_and(|c| (c as u32) < 0x2E80);
    let letter = |text: &str| text.starts_with(char::is_alphabetic);
    !spaced || !letter(rest) || rest.strip_prefix('s').is_some_and(|rest| !letter(rest))
}

/// Returns whether the letters directly before `at` are a label such as `card` or `tel` and not part of a hash or an id.
pub(super) fn label_before(bytes: &[u8], at: usize) -> bool {
    let letters = bytes[..at].iter().rev().take_while(|b| b.is_ascii_alphabetic()).count();
    let label = &bytes[at - letters..at];
    let bounded =
        at == letters || !(bytes[at - letters - 1].is_ascii_alphanumeric() || bytes[at - letters - 1] == b'_');
    letters >= 2 && bounded && !label.iter().all(u8::is_ascii_hexdigit)
}

/// Returns the byte before `at`.
pub(super) fn before(bytes: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).map(|i| bytes[i])
}

/// Returns whether an adjacent byte makes a number part of a longer word.
pub(super) fn is_word(byte: Option<u8>) -> bool {
    byte.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_of_a_key_count_as_hints() {
        for key in ["phone", "homePhone", "mobile_no", "tel", "Fax-Number", "work.phone"] {
            assert!(Hint::from_key(key).has(Hint::PHONE), "{key}");
        }
        for key in ["hotel", "automobiles", "cellar", "id", "order", "telemetry"] {
            assert!(!Hint::from_key(key).has(Hint::PHONE), "{key}");
        }
        assert!(Hint::from_key("dateOfBirth").has(Hint::BIRTH));
        assert!(Hint::from_key("DOB").has(Hint::BIRTH));
    }

    #[test]
    fn words_count_only_close_by_and_without_a_number_between() {
        let words = Words::new(&["phone", "tel"]);
        assert!(words.precede("phone: 5", 7, 20));
        assert!(words.precede("my Phone number is 5", 19, 20));
        assert!(!words.precede("hotel 5", 6, 20));
        assert!(!words.precede("phone 1 2", 8, 20));
        assert!(!words.precede("phone                              5", 35, 20));
    }
}
