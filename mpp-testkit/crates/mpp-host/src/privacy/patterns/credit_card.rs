//! `credit_card`: 13 to 19 digits with an issuer's prefix and length and a valid check digit (ISO/IEC 7812).

use crate::privacy::context::{before, is_word, label_before};
use crate::privacy::run::{Run, Sep};

/// The minimum number of digits of a card number.
pub(in crate::privacy) const MIN_DIGITS: usize = 13;

/// Returns the number of groups, starting with group `first`, that form a card number.
pub(in crate::privacy) fn find(text: &str, run: &Run, first: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let group = run.group(first);
    if !starts_alone(bytes, run, first) {
        return None;
    }
    let mut digits = Digits::default();
    let mut found = None;
    let sep = run.sep_after(first);
    for (taken, next) in run.from(first).iter().enumerate() {
        if taken > 0 && (next.sep != sep || !matches!(sep, Sep::Space | Sep::Dash | Sep::Dot | Sep::Other)) {
            break;
        }
        if !digits.extend(&bytes[next.start..next.end]) {
            break;
        }
        let groups = taken + 1;
        let last = first + taken;
        if digits.len >= MIN_DIGITS
            && is_shape(run, first, groups)
            && digits.is_card()
            && !is_word_after(bytes, next.end)
            && !(groups == 1 && group.len() != digits.len)
        {
            let single_digits = group.len() == 1;
            // Separated single digits are a list of numbers unless the list ends with the card number.
            if !single_digits || run.sep_after(last) != sep {
                found = Some(groups);
            }
        }
    }
    found
}

fn starts_alone(bytes: &[u8], run: &Run, first: usize) -> bool {
    let start = run.group(first).start;
    match before(bytes, start) {
        // A dot before the number may make it the fraction of a decimal number.
        Some(b'.') => first == 0 || run.group(first).sep != Sep::Dot || run.group(first - 1).len() > 3,
        previous => !is_word(previous) || label_before(bytes, start),
    }
}

/// Returns whether the characters after the number make it part of a hash or an id. A word (`4111…USD`) does not.
fn is_word_after(bytes: &[u8], end: usize) -> bool {
    let word: &[u8] = &bytes[end..end + bytes[end..].iter().take_while(|b| b.is_ascii_alphanumeric()).count()];
    match word {
        [] => bytes.get(end) == Some(&b'_'),
        word => word.len() < 2 || !word.iter().all(u8::is_ascii_alphabetic) || word.iter().all(u8::is_ascii_hexdigit),
    }
}

/// Returns whether the groups have a usual shape: one group, groups of equal size (the last may be shorter), 4-6-5 or 4-6-4,
/// or three groups of four and a last one of up to seven.
fn is_shape(run: &Run, first: usize, groups: usize) -> bool {
    let sizes = &run.from(first)[..groups];
    let size = sizes[0].len();
    let (last, others) = match sizes {
        [others @ .., last] => (last.len(), others),
        [] => return false,
    };
    let even = others.iter().all(|group| group.len() == size) && last <= size;
    let amex = groups == 3 && size == 4 && sizes[1].len() == 6 && (last == 5 || last == 4);
    let long_tail = groups == 4 && others.iter().all(|group| group.len() == 4) && last <= 7;
    groups == 1 || even || amex || long_tail
}

/// A buffer for up to 19 digits.
#[derive(Default)]
struct Digits {
    digits: [u8; 19],
    len: usize,
}

impl Digits {
    fn extend(&mut self, ascii: &[u8]) -> bool {
        if self.len + ascii.len() > self.digits.len() {
            return false;
        }
        for b in ascii {
            self.digits[self.len] = b - b'0';
            self.len += 1;
        }
        true
    }

    fn is_card(&self) -> bool {
        let digits = &self.digits[..self.len];
        let prefix = digits[..6].iter().fold(0, |n, d| n * 10 + u32::from(*d));
        is_issued(prefix, self.len) && luhn(digits) && digits[1..].iter().any(|d| *d != digits[0])
    }
}

/// Returns whether an issuer has numbers with these first six digits and this length.
fn is_issued(prefix: u32, len: usize) -> bool {
    let first = |digits: u32| prefix / 10_u32.pow(6 - digits);
    match first(1) {
        // Visa
        4 => matches!(len, 13 | 16 | 19),
        // Mastercard; Maestro and others in 50 and 56 to 58
        5 => match first(2) {
            51..=55 => len == 16,
            50 | 56..=58 => true,
            _ => false,
        },
        // Mastercard's second range, Mir
        2 => (222_100..=272_099).contains(&prefix) && len == 16 || (2200..=2204).contains(&first(4)) && len >= 16,
        3 => match first(2) {
            // American Express
            34 | 37 => len == 15,
            // Diners Club
            36 | 38 | 39 => len >= 14,
            30 => len >= 14 && ((300..=305).contains(&first(3)) || first(4) == 3095),
            // JCB
            35 => (3528..=3589).contains(&first(4)) && len >= 16,
            _ => false,
        },
        6 => match first(2) {
            // Discover, UnionPay, RuPay
            60 | 62 | 64 | 65 => len >= 16,
            // Maestro, InterPayment
            63 | 67 | 69 => true,
            _ => false,
        },
        // RuPay
        8 => matches!(first(2), 81 | 82) && len == 16,
        // Troy
        9 => first(4) == 9792 && len == 16,
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| match (i % 2, u32::from(*d)) {
            (0, d) => d,
            (_, d) if d > 4 => d * 2 - 9,
            (_, d) => d * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use crate::privacy::patterns::Builtin::CreditCard;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn finds_cards() {
        assert_finds(
            CreditCard,
            &[
                ("4111111111111111", "4111111111111111"),
                ("card 4111 1111 1111 1111 ok", "4111 1111 1111 1111"),
                ("4111-1111-1111-1111", "4111-1111-1111-1111"),
                ("4111.1111.1111.1111", "4111.1111.1111.1111"),
                ("378282246310005", "378282246310005"),
                ("3782 822463 10005", "3782 822463 10005"),
                ("30569309025904", "30569309025904"),
                ("3056-930902-5904", "3056-930902-5904"),
                ("5555555555554444", "5555555555554444"),
                ("2223003122003222", "2223003122003222"),
                ("6011111111111117", "6011111111111117"),
                ("3530111333300000", "3530111333300000"),
                ("4222222222222", "4222222222222"),
                ("6759649826438453", "6759649826438453"),
                ("6200000000000005", "6200000000000005"),
                ("PAN:4111111111111111,", "4111111111111111"),
                ("PAN4111111111111111", "4111111111111111"),
                ("1234 4111 1111 1111 1111", "4111 1111 1111 1111"),
                ("4111 1111 1111 1111 123", "4111 1111 1111 1111"),
                ("4111 1111 1111 1111 12/29", "4111 1111 1111 1111"),
                ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
                ("41 11 11 11 11 11 11 11", "41 11 11 11 11 11 11 11"),
                ("41111 11111 11111 1", "41111 11111 11111 1"),
                ("4111111111111111USD", "4111111111111111"),
            ],
        );
    }

    #[test]
    fn ignores_other_numbers() {
        assert_leaves(
            CreditCard,
            &[
                "4111111111111112",
                "4111 1111 1111 1112",
                "1234567890123456",
                "0000000000000000",
                "1700000000000",
                "1700000000000000000",
                "20241105103000123",
                "0.4111111111111111",
                "a4111111111111111b",
                "deadbeef4111111111111111",
                "41111111111111111",
                "411111111111111",
                "4111,1111,1111,1111",
                "978-3-16-148410-0",
                "550e8400-e29b-41d4-a716-446655440000",
                "4444444444444448444444",
                "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                "9780306406157",
                "4111 1111 1111",
                "6666666666666666666",
            ],
        );
    }
}
