//! `phone`: a plausible telephone number: international, North American, national with a trunk 0, or any number that is
//! labelled as one. Dates, coordinates, order numbers, versions, hashes and identifiers are not redacted.

mod plan;
mod table;
mod words;

use super::date_of_birth;
use crate::privacy::context::{Hint, before, is_unit, is_word, label_before};
use crate::privacy::run::{Group, Run, Sep};
use plan::Digits;

/// A telephone number that was found: its byte range and the number of its groups.
#[derive(Debug)]
pub(in crate::privacy) struct Match {
    pub(in crate::privacy) span: (usize, usize),
    pub(in crate::privacy) groups: usize,
}

/// Finds the telephone number that begins with group `first`.
pub(in crate::privacy) fn find(text: &str, run: &Run, first: usize, hint: impl Fn() -> Hint) -> Option<Match> {
    let phone = Phone { text, bytes: text.as_bytes(), run, first };
    let found = phone.international().or_else(|| {
        if run.group(first).claimed {
            return None;
        }
        if !phone.starts_alone() {
            return None;
        }
        let shaped = phone
            .north_american()
            .or_else(|| phone.trunk())
            .or_else(|| phone.mobile_block())
            .or_else(|| phone.parenthesised())
            .or_else(|| phone.fictitious());
        let found = shaped.or_else(|| phone.called(hint))?;
        (!date_of_birth::is_date(text, run, first)).then_some(found)
    })?;
    phone.finish(found)
}

/// The position at which a number begins, and the number of its groups.
type Found = (usize, usize);

struct Phone<'t> {
    text: &'t str,
    bytes: &'t [u8],
    run: &'t Run,
    first: usize,
}

impl Phone<'_> {
    /// Adds an extension to the number, if there is one. Returns `None` if a letter, `_` or `@` follows the number directly.
    fn finish(&self, (start, groups): Found) -> Option<Match> {
        let end = self.run.span(self.first, groups).1;
        let rest = &self.text[end..];
        if let Some(len) = extension(rest) {
            return Some(Match { span: (start, end + len), groups });
        }
        let runs_on = is_word(rest.bytes().next()) || rest.starts_with('@');
        let hardware = is_hardware_address(self.bytes, self.run.group(self.first).start);
        (!runs_on && !hardware).then_some(Match { span: (start, end), groups })
    }

    fn starts_alone(&self) -> bool {
        let group = self.run.group(self.first);
        match before(self.bytes, group.start) {
            Some(b'-' | b'.' | b'/' | b'_') => {
                self.first > 0 || {
                    // `tel/…` and `fax-…` are labels, `SKU-…` is an identifier.
                    let at = group.start - 1;
                    !is_word(before(self.bytes, at)) || words::end_at(self.text, at)
                }
            }
            Some(b'#' | b'$') => false,
            previous => !is_word(previous) || label_before(self.bytes, group.start) && self.is_label(group.start),
        }
    }

    fn is_label(&self, at: usize) -> bool {
        words::end_at(self.text, at)
    }

    /// Returns the groups from `first` on that together have at most `max` digits and whose separators occur in telephone
    /// numbers. Stops at the first claimed group unless `claimed` is set.
    fn take(&self, max: usize, claimed: bool) -> &[Group] {
        let groups = self.run.from(self.first);
        let mut digits = 0;
        let mut taken = 0;
        for (i, group) in groups.iter().enumerate() {
            digits += group.len();
            if digits > max
                || (group.claimed && !claimed)
                || (i > 0 && group.sep == Sep::Other && !self.is_spaced_dash(i))
            {
                break;
            }
            taken = i + 1;
        }
        &groups[..taken]
    }

    fn is_spaced_dash(&self, index: usize) -> bool {
        let groups = self.run.from(self.first);
        let between = &self.text[groups[index - 1].end..groups[index].start];
        matches!(between, " - " | ") (" | ")-(" | ") - " | " / ")
    }

    /// Returns whether the number ends after `groups` groups, that is, the next group does not belong to it.
    fn ends(&self, groups: usize, sep: Sep) -> bool {
        let next = self.run.sep_after(self.first + groups - 1);
        next == Sep::None || next == Sep::Other || (next != sep && !matches!(next, Sep::Dash | Sep::Dot))
    }

    /// Returns whether the number begins with the first group, that is, the previous group does not belong to the same row.
    fn begins(&self, sep: Sep) -> bool {
        let own = self.run.group(self.first).sep;
        own == Sep::None || own == Sep::Other || own == Sep::Open || own != sep && !matches!(own, Sep::Dash | Sep::Dot)
    }

    /// Finds an international number: `+CC …` or `+(CC) …` (ITU-T E.164).
    fn international(&self) -> Option<Found> {
        let group = self.run.group(self.first);
        let previous = before(self.bytes, group.start)?;
        let start = match previous {
            b'+' => group.start - 1,
            b'(' if group.start > 1 && self.bytes[group.start - 2] == b'+' => group.start - 2,
            _ => return None,
        };
        let start = if before(self.bytes, start) == Some(b'(') { start - 1 } else { start };
        if before(self.bytes, start).is_some_and(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut digits = Digits::default();
        let mut best = None;
        let groups = self.take(Digits::MAX + 1, true);
        for (i, group) in groups.iter().enumerate() {
            let piece = &self.text[group.start..group.end];
            // The trunk 0 of `+44 (0)20 …` is not dialled.
            let trunk = i > 0 && piece == "0" && group.sep == Sep::Open;
            if !trunk && !digits.push(piece) {
                break;
            }
            if digits.is_valid() || digits.is_possible() && is_grouped(&groups[..=i]) {
                best = Some((start, i + 1));
            }
        }
        best
    }

    /// Finds a North American number that can be assigned: `(NPA) NXX-XXXX`, `NPA-NXX-XXXX`, `1-NPA-NXX-XXXX` and similar.
    fn north_american(&self) -> Option<Found> {
        let groups = self.run.from(self.first);
        let len = |index: usize| groups.get(index).map_or(0, Group::len);
        let country = match [len(0), len(1), len(2), len(3)] {
            [3, 3, 4, _] => 0,
            [1, 3, 3, 4] if self.bytes[groups[0].start] == b'1' => 1,
            _ => return None,
        };
        let [area, exchange, line] = groups[country..].get(..3)? else { return None };
        let sep = line.sep;
        let digits = |group: &Group| &self.bytes[group.start..group.end];
        let mixed = matches!(exchange.sep, Sep::Close | Sep::Slash | Sep::Space | Sep::Dash);
        let seps = matches!(sep, Sep::Dash | Sep::Dot | Sep::Space | Sep::Other)
            && (exchange.sep == sep || mixed)
            && (exchange.sep != Sep::Other || self.is_spaced_dash(country + 1))
            && (sep != Sep::Other || self.is_spaced_dash(country + 2));
        let taken = 3 + country;
        // A row of numbers separated by spaces is a table unless it is labelled as a telephone number.
        let in_row = exchange.sep == Sep::Space && sep == Sep::Space && !(self.begins(sep) && self.ends(taken, sep));
        let bounded = self.begins(sep) && self.ends(taken, sep) && !in_row;
        let valid = is_area(digits(area)) && is_exchange(digits(exchange));
        (valid && seps && bounded).then(|| (self.open(groups[0].start), taken))
    }

    /// Finds a national number with a trunk 0, such as `020 7946 0958`, `01 23 45 67 89`, `030/1234567` or `(0221) 123456`, and
    /// an international number with the prefix 00.
    fn trunk(&self) -> Option<Found> {
        let groups = self.take(17, false);
        let group = groups.first()?;
        let digits: usize = groups.iter().map(Group::len).sum();
        let head = &self.bytes[group.start..group.end];
        if groups.len() < 2 || head.len() < 2 || head[0] != b'0' {
            return None;
        }
        let (begin, second) = (groups[0], groups[1]);
        if head[1] == b'0' {
            // An international number: 00 and a country code.
            let mut plain = Digits::default();
            plain.push(&self.text[group.start + 2..group.end]);
            let whole = groups[1..].iter().all(|group| plain.push(&self.text[group.start..group.end]));
            return (whole && (plain.is_valid() || plain.is_possible()) && self.ends(groups.len(), second.sep))
                .then_some((begin.start, groups.len()));
        }
        if !(9..=12).contains(&digits) {
            return None;
        }
        let pairs = groups.iter().all(|group| group.len() == 2);
        let shape = if pairs { groups.len() == 5 } else { groups.len() <= 5 && head.len() <= 6 };
        let rest_even = groups[2..].iter().all(|group| group.sep == groups[groups.len() - 1].sep);
        let seps = matches!(second.sep, Sep::Space | Sep::Dash | Sep::Slash | Sep::Close | Sep::Other)
            || second.sep == Sep::Dot && groups.len() > 2;
        let decimal = groups.len() == 2 && second.sep == Sep::Dot;
        let bounded = self.ends(groups.len(), second.sep) && self.begins(second.sep);
        (shape && rest_even && seps && !decimal && bounded).then(|| (self.open(begin.start), groups.len()))
    }

    /// Finds a mobile number in groups of 3-4-4 digits with a leading 1, as used in China.
    fn mobile_block(&self) -> Option<Found> {
        let [a, b, c] = self.run.from(self.first).get(..3)? else { return None };
        let head = &self.bytes[a.start..a.end];
        let shape = (a.len(), b.len(), c.len()) == (3, 4, 4) && head[0] == b'1' && matches!(head[1], b'3'..=b'9');
        let seps = b.sep == c.sep && matches!(b.sep, Sep::Dash | Sep::Space);
        (shape && seps && self.begins(b.sep) && self.ends(3, b.sep)).then_some((a.start, 3))
    }

    /// Finds a number with an area code in parentheses: `(11) 91234-5678`.
    fn parenthesised(&self) -> Option<Found> {
        let groups = self.take(12, false);
        let [area, second, ..] = groups else { return None };
        let digits: usize = groups.iter().map(Group::len).sum();
        let open = before(self.bytes, area.start) == Some(b'(');
        let shape = (2..=5).contains(&area.len())
            && second.sep == Sep::Close
            && (9..=12).contains(&digits)
            && groups.len() <= 4
            && groups[1..].iter().all(|group| (2..=8).contains(&group.len()));
        // `(2015) 436-444` is a year and its pages.
        let year = area.len() == 4 && matches!(&self.bytes[area.start..area.start + 2], b"18" | b"19" | b"20");
        (open && shape && !year && self.ends(groups.len(), Sep::Close)).then(|| (area.start - 1, groups.len()))
    }

    /// Finds a number such as `555-0123`, which is reserved for fiction and frequent in sample data.
    fn fictitious(&self) -> Option<Found> {
        let [exchange, line] = self.run.from(self.first).get(..2)? else { return None };
        let digits = |group: &Group| &self.bytes[group.start..group.end];
        let valid = digits(exchange) == b"555" && line.len() == 4 && digits(line).starts_with(b"01");
        (valid && line.sep == Sep::Dash && self.begins(line.sep) && self.ends(2, line.sep))
            .then_some((exchange.start, 2))
    }

    /// Finds seven to fifteen digits that the words before them or the key above them identify as a telephone number.
    fn called(&self, hint: impl Fn() -> Hint) -> Option<Found> {
        let groups = self.take(15, false);
        let digits: usize = groups.iter().map(Group::len).sum();
        let group = groups.first()?;
        let fraction = groups.len() == 2 && groups[1].sep == Sep::Dot && groups[0].len() != groups[1].len() + 1;
        if !(7..=15).contains(&digits) || fraction || self.run.from(self.first).len() > groups.len() + 2 {
            return None;
        }
        let start = self.open(group.start);
        if hint().is_phone(digits) {
            return Some((start, groups.len()));
        }
        let counted = groups.len() == 1 && is_unit(&self.text[group.end..]);
        let grouped = groups.len() > 1 || self.bytes[group.start] == b'0';
        let said = !counted && words::announce(self.text, start, grouped);
        said.then_some((start, groups.len()))
    }

    /// Returns the position of an opening parenthesis directly before `start`, or else `start`.
    fn open(&self, start: usize) -> usize {
        if before(self.bytes, start) == Some(b'(') { start - 1 } else { start }
    }
}

/// Returns the length of an extension at the start of `rest`, such as ` x123` or ` ext. 123`.
fn extension(rest: &str) -> Option<usize> {
    let trimmed = rest.trim_start_matches([' ', ',']);
    if !trimmed.starts_with(['e', 'E', 'x', 'X']) {
        return None;
    }
    let gap = rest.len() - trimmed.len();
    let word = ["extension", "ext.", "ext", "x"]
        .into_iter()
        .find(|word| trimmed.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))?;
    let after = &trimmed[word.len()..];
    let space = usize::from(after.starts_with(' '));
    let digits = after[space..].bytes().take_while(u8::is_ascii_digit).count();
    let end = gap + word.len() + space + digits;
    (gap <= 2 && (1..=6).contains(&digits) && !is_word(rest[end..].bytes().next())).then_some(end)
}

/// Returns whether `code` is an area code of the North American plan: 200 to 999, except N9X and N11.
fn is_area(code: &[u8]) -> bool {
    code[0] >= b'2' && code[1] != b'9' && &code[1..] != b"11"
}

/// Returns whether `code` can be an exchange code, which excludes N11. Real exchange codes do not begin with 1, but numbers in
/// sample data such as `555-123-4567` do.
fn is_exchange(code: &[u8]) -> bool {
    code[0] >= b'1' && &code[1..] != b"11"
}

/// Returns whether the groups of an international number are those of a written telephone number and not of a decimal number
/// (`+40.712776`) or of a number with separators of thousands (`+20 000 000`).
fn is_grouped(groups: &[Group]) -> bool {
    let rest = &groups[1..];
    let decimal = rest.len() == 1 && rest[0].sep == Sep::Dot;
    let thousands = rest.iter().all(|group| group.len() == 3 && matches!(group.sep, Sep::Space | Sep::Dot));
    !rest.is_empty() && !decimal && !thousands
}

/// Returns whether the digits at `at` belong to the address of a network interface: six or eight pairs of hexadecimal digits
/// with a dash in between.
fn is_hardware_address(bytes: &[u8], at: usize) -> bool {
    let part = |b: &&u8| b.is_ascii_hexdigit() || **b == b'-';
    let start = at - bytes[..at].iter().rev().take_while(part).count();
    let token = &bytes[start..at + bytes[at..].iter().take_while(part).count()];
    let pairs = token.len() == 17 || token.len() == 23;
    pairs && token.iter().enumerate().all(|(i, b)| (*b == b'-') == (i % 3 == 2))
}

#[cfg(test)]
mod tests;
