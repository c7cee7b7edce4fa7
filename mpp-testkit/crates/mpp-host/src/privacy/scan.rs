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
        let cards = if run.digits() < 13 { 0 } else { run.len() };
        for group in 0..cards {
            if let Some(groups) = credit_card::find(self.text, run, group) {
                run.claim(group, groups);
                self.push(Builtin::CreditCard, Some(run.span(group, groups)));
            }
        }
        if self.set.has(Builtin::Ssn) || self.set.has(Builtin::Phone) {
            for group in 0..run.len() {
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
    // After one anchor, another one is often near.
    const NEAR: usize = 8;
    let near = &bytes[..bytes.len().min(NEAR)];
    if let Some(at) = near.iter().position(|&b| is_anchor(b)) {
        return Some(at);
    }
    let mut at = near.len();
    // This form lets the compiler vectorise the loop.
    while let Some(chunk) = bytes.get(at..at + CHUNK) {
        if chunk.iter().fold(false, |any, &b| any | is_anchor(b)) {
            break;
        }
        at += CHUNK;
    }
    bytes[at..].iter().position(|&b| is_anchor(b)).map(|i| at + i)
}
