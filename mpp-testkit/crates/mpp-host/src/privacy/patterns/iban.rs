//! `iban`: an international bank account number with the length of its country and valid check digits (ISO 13616).

use crate::privacy::context::{before, is_word};

/// Finds the account number whose check digits begin at `digits`.
pub(in crate::privacy) fn find(text: &str, digits: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let start = digits.checked_sub(2)?;
    let country = [bytes[start].to_ascii_uppercase(), bytes[start + 1].to_ascii_uppercase()];
    let len = LENGTHS.binary_search_by_key(&&country, |(code, _)| code).ok().map(|i| LENGTHS[i].1)?;
    if is_word(before(bytes, start)) {
        return None;
    }
    let mut account = [0; 34];
    let mut taken = 0;
    let mut at = start;
    while taken < len {
        let b = *bytes.get(at)?;
        if b.is_ascii_alphanumeric() {
            account[taken] = b;
            taken += 1;
        } else if taken < 4 && taken != 2 || !matches!(b, b' ' | b'-' | b'.') || !is_part(bytes.get(at + 1)) {
            return None;
        }
        at += 1;
    }
    let digits = account[2].is_ascii_digit() && account[3].is_ascii_digit();
    (digits && !is_word(bytes.get(at).copied()) && is_valid(&account[..len])).then_some((start, at))
}

fn is_part(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_alphanumeric)
}

/// Returns whether the check digits are valid (ISO 7064, mod 97-10).
fn is_valid(account: &[u8]) -> bool {
    let rearranged = account[4..].iter().chain(&account[..4]);
    let remainder = rearranged.fold(0, |n: u32, b| match b {
        b'0'..=b'9' => (n * 10 + u32::from(b - b'0')) % 97,
        b => (n * 100 + u32::from(b.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    remainder == 1
}

/// The length for each country of the register, sorted by country.
const LENGTHS: [(&[u8; 2], usize); 89] = [
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

#[cfg(test)]
mod tests {
    use super::LENGTHS;
    use crate::privacy::patterns::Builtin::Iban;
    use crate::privacy::tests::{assert_finds, assert_leaves};

    #[test]
    fn the_register_is_sorted() {
        assert!(LENGTHS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn finds_accounts() {
        assert_finds(
            Iban,
            &[
                ("GB29NWBK60161331926819", "GB29NWBK60161331926819"),
                ("IBAN: GB29 NWBK 6016 1331 9268 19.", "GB29 NWBK 6016 1331 9268 19"),
                ("DE89370400440532013000", "DE89370400440532013000"),
                ("DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
                ("de89370400440532013000", "de89370400440532013000"),
                ("FR1420041010050500013M02606", "FR1420041010050500013M02606"),
                ("NL91ABNA0417164300", "NL91ABNA0417164300"),
                ("NO9386011117947", "NO9386011117947"),
                ("CH9300762011623852957", "CH9300762011623852957"),
                ("ES91-2100-0418-4502-0005-1332", "ES91-2100-0418-4502-0005-1332"),
                ("BE68539007547034", "BE68539007547034"),
                ("(MT84MALT011000012345MTLCAST001S)", "MT84MALT011000012345MTLCAST001S"),
                ("IT60X0542811101000000123456", "IT60X0542811101000000123456"),
                ("pay PL61109010140000071219812874 now", "PL61109010140000071219812874"),
                ("SE4550000000058398257466", "SE4550000000058398257466"),
            ],
        );
    }

    #[test]
    fn ignores_wrong_check_digits() {
        assert_leaves(
            Iban,
            &[
                "GB28NWBK60161331926819",
                "DE89370400440532013001",
                "XX89370400440532013000",
                "GB29NWBK6016133192681",
                "GB29NWBK601613319268190",
                "DE893704004405320130",
                "US12345678901234567890",
                "AGB29NWBK60161331926819",
                "GB29",
                "DE 89 is a number",
                "NO93",
                "GB29  NWBK 6016 1331 9268 19",
                "FR14",
                "commit de89370400440532013001",
                "ISBN 978-3-16-148410-0",
            ],
        );
    }
}
