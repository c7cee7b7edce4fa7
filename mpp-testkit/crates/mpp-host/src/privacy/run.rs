//! Runs of numbers: groups of digits and their separators, such as `+1 (555) 010-9999` or `4111-1111-1111-1111`.

use std::cell::Cell;

/// Consecutive groups of digits with short separators.
#[derive(Debug)]
pub(super) struct Run {
    groups: Vec<Group>,
    digits: usize,
}

/// A group of digits, as byte positions in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The separator from the previous group; [`Sep::None`] for the first group.
    pub(super) sep: Sep,
    /// Whether the group belongs to a number of another kind and therefore not to a telephone number.
    pub(super) claimed: bool,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// The separator between two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sep {
    None,
    Space,
    Dash,
    Dot,
    Slash,
    /// An opening parenthesis, optionally after a space, dash or dot.
    Open,
    /// A closing parenthesis, optionally before a space, dash, dot or slash.
    Close,
    /// Another short separator, for example ` - ` or two spaces.
    Other,
}

thread_local! {
    /// A spare buffer for groups, so that each thread allocates once and not for each string.
    static SPARE: Cell<Vec<Group>> = const { Cell::new(Vec::new()) };
}

impl Drop for Run {
    fn drop(&mut self) {
        self.groups.clear();
        // The buffer of a very long list of numbers is freed.
        if self.groups.capacity() <= 1024 {
            SPARE.set(std::mem::take(&mut self.groups));
        }
    }
}

impl Run {
    /// Returns an empty run, which reuses the buffer of an earlier run of this thread.
    pub(super) fn new() -> Self {
        Self { groups: SPARE.take(), digits: 0 }
    }

    /// Reads the run that starts with the digit at `at`.
    pub(super) fn read(&mut self, bytes: &[u8], at: usize) {
        self.groups.clear();
        self.digits = 0;
        let mut start = at;
        let mut sep = Sep::None;
        loop {
            let end = start + bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
            self.digits += end - start;
            self.groups.push(Group { start, end, sep, claimed: false });
            match separator(&bytes[end..]) {
                Some((len, next)) => {
                    start = end + len;
                    sep = next;
                }
                None => break,
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    pub(super) fn digits(&self) -> usize {
        self.digits
    }

    pub(super) fn start(&self) -> usize {
        self.groups.first().map_or(0, |group| group.start)
    }

    pub(super) fn end(&self) -> usize {
        self.groups.last().map_or(0, |group| group.end)
    }

    pub(super) fn group(&self, index: usize) -> Group {
        self.groups[index]
    }

    /// Returns the groups from `index` on.
    pub(super) fn from(&self, index: usize) -> &[Group] {
        &self.groups[index..]
    }

    /// Returns the separator between the group and the next one.
    pub(super) fn sep_after(&self, index: usize) -> Sep {
        self.groups.get(index + 1).map_or(Sep::None, |group| group.sep)
    }

    pub(super) fn span(&self, first: usize, groups: usize) -> (usize, usize) {
        (self.groups[first].start, self.groups[first + groups - 1].end)
    }

    pub(super) fn claim(&mut self, first: usize, groups: usize) {
        for group in &mut self.groups[first..first + groups] {
            group.claimed = true;
        }
    }
}

/// Returns the separator at the start of `bytes` and its length, if a digit follows it.
fn separator(bytes: &[u8]) -> Option<(usize, Sep)> {
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut len = 0;
    while len < 4 && matches!(bytes.get(len), Some(b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'\t')) {
        len += 1;
    }
    if len == 0 || !digit(len) {
        return None;
    }
    let sep = match len {
        1 => match bytes[0] {
            b' ' | b'\t' => Sep::Space,
            b'-' => Sep::Dash,
            b'.' => Sep::Dot,
            b'/' => Sep::Slash,
            b'(' => Sep::Open,
            _ => Sep::Close,
        },
        2 if matches!(bytes[0], b' ' | b'-' | b'.') && bytes[1] == b'(' => Sep::Open,
        2 if bytes[0] == b')' && matches!(bytes[1], b' ' | b'-' | b'.' | b'/') => Sep::Close,
        _ => Sep::Other,
    };
    Some((len, sep))
}
