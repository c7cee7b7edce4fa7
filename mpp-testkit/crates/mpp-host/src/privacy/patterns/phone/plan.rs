//! Country codes and the numbers that they allow (ITU-T E.164).
//!
//! The plan in `table` is made from the metadata of libphonenumber: for each country code and each length of a national
//! number, the first two digits with which valid numbers of that length begin. This is less strict than libphonenumber, which
//! knows the blocks that have been assigned, and therefore stays right when blocks are added.

use super::table::PLAN;
use super::{is_area, is_exchange};

/// A buffer for the digits of an international number.
#[derive(Default)]
pub(super) struct Digits {
    digits: [u8; Self::MAX],
    len: usize,
}

impl Digits {
    /// The maximum number of digits. E.164 allows fifteen; some German numbers have seventeen.
    pub(super) const MAX: usize = 17;

    /// The minimum number of digits: a short number in Austria, Germany or Iran.
    const MIN: usize = 6;

    /// Appends digits. Returns `false` if there are too many.
    pub(super) fn push(&mut self, piece: &str) -> bool {
        let Some(room) = self.digits.get_mut(self.len..self.len + piece.len()) else { return false };
        room.copy_from_slice(piece.as_bytes());
        self.len += piece.len();
        true
    }

    /// Returns whether the digits are a number that the plan of their country allows.
    pub(super) fn is_valid(&self) -> bool {
        let digits = &self.digits[..self.len];
        if digits.len() < Self::MIN {
            return false;
        }
        if let [b'1', national @ ..] = digits {
            return is_north_american(national) || is_planned(1, national);
        }
        let Some((code, national)) = split(digits) else { return false };
        is_planned(code, national)
            || match national {
                // The prefix for calls within the country is often written although it is not dialled.
                [b'0', national @ ..] => is_planned(code, national),
                // Until 2019, the numbers of Mexican mobile telephones began with a 1.
                [b'1', national @ ..] => code == 52 && is_planned(code, national),
                _ => false,
            }
    }

    /// Returns whether the digits have a country code and a length of numbers of the country.
    pub(super) fn is_possible(&self) -> bool {
        match split(&self.digits[..self.len]) {
            Some((code, national)) => {
                code != 1 && national.first() != Some(&b'0') && lengths(code).any(|(len, _)| len == national.len())
            }
            None => false,
        }
    }
}

fn is_north_american(national: &[u8]) -> bool {
    match national.len() {
        10 => is_area(&national[..3]) && is_exchange(&national[3..6]),
        // 555-01XX is reserved for fiction.
        7 => national.starts_with(b"55501"),
        _ => false,
    }
}

/// Splits an international number into its country code and the national number.
fn split(digits: &[u8]) -> Option<(u16, &[u8])> {
    let [a, b, ..] = digits else { return None };
    let len = CODE_LENGTHS[usize::from((a - b'0') * 10 + (b - b'0'))];
    let code = digits.get(..usize::from(len))?.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
    (code > 0).then(|| (code, &digits[usize::from(len)..]))
}

/// For the first two digits of an international number, the length of its country code. No country code is the beginning of
/// another one.
const CODE_LENGTHS: [u8; 100] = {
    let mut lengths = [3; 100];
    let mut i = 0;
    while i < PLAN.len() {
        let code = PLAN[i].0 as usize;
        if code < 10 {
            let mut second = 0;
            while second < 10 {
                lengths[code * 10 + second] = 1;
                second += 1;
            }
        } else if code < 100 {
            lengths[code] = 2;
        }
        i += 1;
    }
    lengths
};

/// For each country code, its index in the plan. Codes that the plan does not contain have one that is out of range.
static COUNTRIES: [u16; 1000] = {
    let mut countries = [u16::MAX; 1000];
    let mut i = 0;
    while i < PLAN.len() {
        countries[PLAN[i].0 as usize] = i as u16;
        i += 1;
    }
    countries
};

/// Returns the lengths of the national numbers of a country, each with the set of the first two digits.
fn lengths(code: u16) -> impl Iterator<Item = (usize, u128)> {
    let country = COUNTRIES.get(usize::from(code)).and_then(|index| PLAN.get(usize::from(*index)));
    country.map_or(&[][..], |(_, lengths)| lengths).iter().map(|(len, first)| (usize::from(*len), *first))
}

fn is_planned(code: u16, national: &[u8]) -> bool {
    let [a, b, ..] = national else { return false };
    let first = u32::from((a - b'0') * 10 + (b - b'0'));
    lengths(code).any(|(len, prefixes)| len == national.len() && prefixes & (1 << first) != 0)
}
