//! Applies the built-in patterns to a text in one pass.
//!
//! Built-in patterns are found from anchors, that is, bytes that each match must contain: `@` for an address, a digit
//! for any kind of number, a known prefix for API keys. Clean text has few anchors and is scanned at the speed of a byte
//! search. At an anchor, each pattern examines the surroundings. All patterns try every anchor, so that a near miss does
//! not hide a match that overlaps it.

use std::cell::Cell;

use super::context::{Hint, Keys};
use super::patterns::ip_address::Quad;
use super::patterns::{
    Builtin, PatternSet, api_key, credit_card, date_of_birth, drivers_license, email, iban, ip_address, passport,
    phone, ssn,
};
use super::run::Run;
use super::span::Span;

/// Finds all matches of the patterns in `set`.
pub(super) fn scan(text: &str, keys: Keys<'_>, set: PatternSet, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut scan = Scan { text, keys, hint: Cell::new(None), set, found };
    let mut run = Run::new();
    let mut at = 0;
    let addresses = set.has(Builtin::IpAddress) && memchr::memchr(b':', bytes).is_some();
    let mut colons_until = 0;
    while let Some(step) = next_anchor(&bytes[at..]) {
        at += step;
        if bytes[at] == b'@' {
            if set.has(Builtin::Email) {
                scan.push(Builtin::Email, email::find(text, at));
            }
            at += 1;
            continue;
        }
        run.read(bytes, at);
        if addresses && run.start() >= colons_until {
            let (span, until) = ip_address::find_v6(text, run.start(), run.end());
            colons_until = until;
            scan.push(Builtin::IpAddress, span);
        }
        scan.run(&mut run);
        at = run.end();
    }
    if addresses {
        ip_address::find_v6_without_digits(text, scan.found);
    }
    if set.has(Builtin::ApiKey) {
        api_key::find(text, scan.hint(), scan.found);
    }
    if set.has(Builtin::Passport) {
        passport::find_machine_readable(text, scan.found);
    }
}

struct Scan<'t, 'f> {
    text: &'t str,
    keys: Keys<'t>,
    hint: Cell<Option<Hint>>,
    set: PatternSet,
    found: &'f mut Vec<Span>,
}

impl Scan<'_, '_> {
    fn push(&mut self, pattern: Builtin, span: Option<(usize, usize)>) {
        if let Some((start, end)) = span
            && self.set.has(pattern)
        {
            self.found.push(Span::builtin(start, end, pattern));
        }
    }

    /// Returns the hint of the object keys above, which is computed on first use.
    fn hint(&self) -> Hint {
        self.hint.get().unwrap_or_else(|| {
            let hint = self.keys.hint();
            self.hint.set(Some(hint));
            hint
        })
    }

    /// Examines one run of numbers. Numbers that are certainly of another kind are excluded from the search for telephone
    /// numbers.
    fn run(&mut self, run: &mut Run) {
        if self.set.has(Builtin::Iban) {
            for group in 0..run.len() {
                let span = iban::find(self.text, run.group(group).start);
                self.push(Builtin::Iban, span);
            }
        }
        for pattern in [Builtin::Passport, Builtin::DriversLicense] {
            if self.set.has(pattern) {
                self.documents(run, pattern);
            }
        }
        if self.set.has(Builtin::DateOfBirth) {
            let hint = self.hint();
            for group in 0..run.len() {
                let span = date_of_birth::find(self.text, run, group, hint);
                self.push(Builtin::DateOfBirth, span);
            }
        }
        if run.digits() < 4 {
            return;
        }
        if self.set.has(Builtin::IpAddress) || self.set.has(Builtin::Phone) {
            for group in 0..run.len().saturating_sub(3) {
                let quad = ip_address::find_v4(self.text, run, group, || self.hint());
                if quad.is_some() {
                    run.claim(group, 4);
                }
                if let Some(Quad::Address(span)) = quad {
                    self.push(Builtin::IpAddress, Some(span));
                }
            }
        }
        if run.digits() < 6 {
            return;
        }
        let mut left = run.digits();
        for group in 0..run.len() {
            if left < credit_card::MIN_DIGITS {
                break;
            }
            left -= run.group(group).len();
            if let Some(groups) = credit_card::find(self.text, run, group) {
                run.claim(group, groups);
                self.push(Builtin::CreditCard, Some(run.span(group, groups)));
            }
        }
        if self.set.has(Builtin::Ssn) || self.set.has(Builtin::Phone) {
            for group in 0..run.len() {
                // The lengths with which a social security number begins.
                if !matches!(run.group(group).len(), 3 | 9) {
                    continue;
                }
                if let Some(groups) = ssn::find(self.text, run, group, || self.hint()) {
                    run.claim(group, groups);
                    self.push(Builtin::Ssn, Some(run.span(group, groups)));
                }
            }
        }
        if self.set.has(Builtin::Phone) {
            let mut group = 0;
            while group < run.len() {
                match phone::find(self.text, run, group, || self.hint()) {
                    Some(phone::Match { span, groups }) => {
                        self.push(Builtin::Phone, Some(span));
                        group += groups;
                    }
                    None => group += 1,
                }
            }
        }
    }

    fn documents(&mut self, run: &Run, pattern: Builtin) {
        let hint = self.hint();
        let mut seen = 0;
        for group in 0..run.len() {
            let start = run.group(group).start;
            if start < seen {
                continue;
            }
            let span = match pattern {
                Builtin::Passport => passport::find(self.text, start, hint),
                _ => drivers_license::find(self.text, start, hint),
            };
            seen = span.map_or(seen, |(_, end)| end);
            self.push(pattern, span);
        }
    }
}

/// Returns the position of the next digit or `@`.
fn next_anchor(bytes: &[u8]) -> Option<usize> {
    const CHUNK: usize = 32;
    let is_anchor = |b: u8| (b.wrapping_sub(b'0') < 10) | (b == b'@');
    let mut at = 0;
    // After one anchor, another one is often near.
    while at < CHUNK
        && let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk)
    {
        if let Some(found) = anchor_in(*word) {
            return Some(at + found);
        }
        at += WORD;
    }
    // This form lets the compiler vectorise the loop.
    while let Some(chunk) = bytes.get(at..at + CHUNK) {
        if chunk.iter().fold(false, |any, &b| any | is_anchor(b)) {
            break;
        }
        at += CHUNK;
    }
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if let Some(found) = anchor_in(*word) {
            return Some(at + found);
        }
        at += WORD;
    }
    bytes[at..].iter().position(|&b| is_anchor(b)).map(|i| at + i)
}

/// The number of bytes that [`anchor_in`] examines at once.
const WORD: usize = 8;

/// Returns the position of the first digit or `@` in eight bytes.
fn anchor_in(word: [u8; WORD]) -> Option<usize> {
    const LOW: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = LOW << 7;
    let word = u64::from_le_bytes(word);
    // Each sum stays within its byte. It sets the highest bit of the byte unless the byte is below 10, or is 0.
    let digits = word ^ (LOW * b'0' as u64);
    let digits = ((digits & !HIGH) + LOW * (0x80 - 10)) | digits;
    let ats = word ^ (LOW * b'@' as u64);
    let ats = ((ats & !HIGH) + LOW * 0x7F) | ats;
    let found = !(digits & ats) & HIGH;
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::next_anchor;

    #[test]
    fn anchors_are_digits_and_at_signs_at_any_distance() {
        for b in 0..=u8::MAX {
            let is_anchor = b.is_ascii_digit() || b == b'@';
            for before in 0..=80 {
                for after in [0, 1, 7, 40] {
                    let mut bytes = vec![b'?'; before];
                    bytes.push(b);
                    bytes.resize(before + 1 + after, b'\xFF');
                    assert_eq!(next_anchor(&bytes), is_anchor.then_some(before), "{b} after {before}");
                }
            }
        }
        assert_eq!(next_anchor(b""), None);
    }
}
