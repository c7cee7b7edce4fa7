//! A run of numbers: groups of digits and what separates them, such as `+1 (555) 010-9999` or `4111-1111-1111-1111`.

use std::cell::Cell;

/// The groups of digits that stand close together.
#[derive(Debug)]
pub(super) struct Run {
    groups: Vec<Group>,
    digits: usize,
}

/// A group of digits, in bytes of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) start: usize,
    pub(super) end: usize,
    /// What stands between it and the group before; [`Sep::None`] for the first.
    pub(super) sep: Sep,
    /// Part of a number that is no telephone number.
    pub(super) claimed: bool,
}

impl Group {
    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// What separates two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sep {
    None,
    Space,
    Dash,
    Dot,
    Slash,
    /// An opening parenthesis, perhaps with a space before it.
    Open,
    /// A closing parenthesis, perhaps with a space or dash after it.
    Close,
    /// Something else short: ` - `, two spaces.
    Other,
}

thread_local! {
    /// Room for groups: one allocation a thread instead of one a string.
    static SPARE: Cell<Vec<Group>> = const { Cell::new(Vec::new()) };
}

impl Drop for Run {
    fn drop(&mut self) {
        self.groups.clear();
        // a list of thousands of numbers is not kept
        if self.groups.capacity() <= 1024 {
            SPARE.set(std::mem::take(&mut self.groups));
        }
    }
}

impl Run {
    /// An empty run, in the room of an earlier one of this thread.
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

    /// The groups from one on.
    pub(super) fn from(&self, index: usize) -> &[Group] {
        &self.groups[index..]
    }

    /// What separates the group from the one after it.
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

/// The separator at the start of `bytes`, where a digit follows it.
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
