//! The context of a value, which hints at its kind: the words before it and the object keys above it.

mod hint;
mod words;

pub(super) use hint::Hint;
pub(super) use words::{Announcement, Words, is_unit};

/// The two nearest object keys above a value, as they are written in the JSON text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys<'a> {
    key: Option<&'a str>,
    above: Option<&'a str>,
    /// Whether the value is a JSON number.
    number: bool,
}

impl<'a> Keys<'a> {
    /// Returns the keys above the member `key` of this value.
    pub(super) fn under(self, key: &'a str) -> Self {
        Self { key: Some(key), above: self.key, number: false }
    }

    /// Returns the same keys for a value that is a JSON number.
    pub(super) fn of_number(self) -> Self {
        Self { number: true, ..self }
    }

    /// Returns the hint that the keys give. The nearer key takes precedence.
    pub(super) fn hint(self) -> Hint {
        let of = |key: Option<&str>| key.map_or(Hint::NONE, Hint::from_key);
        let own = of(self.key);
        let hint = if own.says_kind() { own } else { own.below(of(self.above)) };
        if self.number { hint.of_number() } else { hint }
    }
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
