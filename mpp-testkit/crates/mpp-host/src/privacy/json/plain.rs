//! Recognizes short strings and numbers that no pattern can match, without looking for each pattern.
//!
//! A large answer consists of many short strings, most of them keys and words. For these, the checks before and after a scan take
//! longer than the scan.

use crate::privacy::patterns::{Builtin, PatternSet};

/// The longest text that the built-in patterns which need no digits (credentials, account numbers and machine-readable lines) cannot
/// match, in bytes.
const SHORT: usize = 14;
/// The longest text that is recognized if the filter does not have these patterns.
const LONG: usize = 40;

/// The limits within which no pattern of a filter matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain {
    /// The longest text, in bytes.
    longest: usize,
    /// The most digits of a text.
    digits: usize,
    /// The most digits of a number.
    digits_of_number: usize,
}

impl Plain {
    /// Returns the limits for the built-in patterns in `set`.
    pub(super) fn of(set: PatternSet) -> Self {
        let any = |patterns: &[Builtin]| patterns.iter().any(|pattern| set.has(*pattern));
        let longest = if any(&[Builtin::ApiKey, Builtin::Iban, Builtin::Passport]) { SHORT } else { LONG };
        let digits = if set.has(Builtin::DateOfBirth) {
            // The shortest date has three: `1 May 85`.
            2
        } else if any(&[Builtin::IpAddress, Builtin::Passport, Builtin::DriversLicense]) {
            // `1.1.1.1`, or a number after the word `passport`.
            3
        } else {
            5
        };
        // A number is neither an address nor a date with separators. The licences with the fewest digits have five.
        let digits_of_number = if set.has(Builtin::DriversLicense) { 4 } else { 5 };
        Self { longest, digits, digits_of_number }
    }

    /// Returns the text of the string literal at the start of `json`, if it is written without escapes and contains nothing to redact.
    pub(super) fn literal(self, json: &str) -> Option<&str> {
        let inner = json.strip_prefix('"')?;
        let mut digits = 0;
        for (at, byte) in inner.bytes().enumerate().take(self.longest + 1) {
            match KINDS[usize::from(byte)] {
                Kind::Harmless => {}
                Kind::Digit => digits += 1,
                Kind::Quote if digits <= self.digits => return Some(&inner[..at]),
                Kind::Quote | Kind::Anchor => return None,
            }
        }
        None
    }

    /// Returns whether a JSON number contains nothing to redact.
    pub(super) fn has_number(self, token: &str) -> bool {
        let mut digits = 0;
        for byte in token.bytes() {
            match byte {
                b'-' | b'.' => {}
                b'0'..=b'9' => digits += 1,
                // An exponent can stand for many digits.
                _ => return false,
            }
        }
        digits <= self.digits_of_number
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Harmless,
    Digit,
    /// The end of the string.
    Quote,
    /// A byte of an address, an escape, JSON text, a marker, or text that has to be folded, or one that JSON does not allow.
    Anchor,
}

static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Anchor; 256];
    let mut byte = b' ';
    while byte < 0x7F {
        kinds[byte as usize] = match byte {
            b'0'..=b'9' => Kind::Digit,
            b'"' => Kind::Quote,
            b'@' | b':' | b'\\' | b'%' | b'&' | b'{' | b'[' | b'<' => Kind::Anchor,
            _ => Kind::Harmless,
        };
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Plain;
    use crate::package::manifest::PrivacyFilters;
    use crate::privacy::context::Keys;
    use crate::privacy::look::{Absent, Place};
    use crate::privacy::patterns::{Builtin, PatternSet};
    use crate::privacy::report::Counts;
    use crate::privacy::{PrivacyFilter, Secrets, look, text};

    /// Keys that announce each kind of data.
    const KEYS: [&str; 10] =
        ["x", "phone", "ssn", "dob", "passport", "driver_license", "api_key", "version", "mobile", "ip"];

    fn filter_of(bits: u16) -> std::sync::Arc<PrivacyFilter> {
        let chosen = Builtin::ALL.into_iter().filter(|pattern| bits & (1 << *pattern as u16) != 0);
        let patterns = chosen.map(|pattern| pattern.id().to_owned()).collect();
        PrivacyFilter::compile(&PrivacyFilters { patterns, ..PrivacyFilters::default() }, &[]).expect("known patterns")
    }

    fn place(key: &str) -> Place<'_> {
        Place { keys: Keys::default().under(key), exempt: false, depth: 0, absent: Absent::default() }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_recognized_has_nothing_to_redact(
            bits in 0_u16..1024,
            key in prop::sample::select(KEYS.to_vec()),
            value in prop_oneof![
                "[ -~]{0,16}",
                "[0-9a-zA-Z .,()+/#_-]{0,40}",
                "(dob|born|passport|tel|dl|ip|key) [0-9A-Z. -]{0,10}",
                "[0-9]{1,2}[ .-](May|jan|Dez)[ .-][0-9]{1,4}",
                "(xoxb-|xapp-|AKIA|sk-|LTAI|NO|GB)[0-9A-Za-z-]{0,12}",
                "[0-9]{1,3}([ ./-][0-9]{1,3}){0,5}",
            ],
        ) {
            let filter = filter_of(bits);
            let plain = Plain::of(filter.chosen);
            if let Some(literal) = plain.literal(&format!("\"{value}\" rest")) {
                // A value can contain a quote.
                prop_assert!(value.starts_with(literal));
                let found = text::filter(&filter, &Secrets::none(), literal, place(key), &mut Counts::default());
                prop_assert_eq!(found, None, "{:?} below {}", literal, key);
            }
        }

        #[test]
        fn recognized_numbers_have_nothing_to_redact(
            bits in 0_u16..1024,
            key in prop::sample::select(KEYS.to_vec()),
            number in "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?",
        ) {
            let filter = filter_of(bits);
            if Plain::of(filter.chosen).has_number(&number) {
                let (secrets, mut counts) = (Secrets::none(), Counts::default());
                let found = look::first_match(&filter, &secrets, &number, place(key), &mut counts);
                prop_assert!(found.is_none(), "{} below {}", number, key);
                prop_assert!(super::super::literals::integer(&number).is_none());
            }
        }
    }

    #[test]
    fn the_words_and_numbers_of_a_list_are_recognized() {
        let plain = Plain::of(PatternSet::ALL);
        for text in ["id", "name", "item 17", "new", "blue", "", "2 of 3"] {
            assert_eq!(plain.literal(&format!("\"{text}\":")), Some(text));
        }
        for text in
            ["a@b.example", "::1", "[1]", "é", "%40", "1 May 85", "a long sentence without digits", "\t", "x\\n"]
        {
            assert_eq!(plain.literal(&format!("\"{text}\":")), None, "{text}");
        }
        for number in ["17", "-1.5", "2249"] {
            assert!(plain.has_number(number), "{number}");
        }
        for number in ["123456", "1e10"] {
            assert!(!plain.has_number(number), "{number}");
        }
    }
}
