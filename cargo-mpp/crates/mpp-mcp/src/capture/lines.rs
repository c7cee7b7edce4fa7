//! Splits a stream of bytes into lines, with a bound on the length of a line.

/// The longest line that is recorded, in bytes. Of a longer one, its first [`KEPT`] bytes are kept.
const LONGEST: usize = 16 << 20;
/// What is kept of a line that is too long.
const KEPT: usize = 4 << 10;

/// A line without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// Number of bytes that were left out because the line is too long.
    pub(super) omitted: u64,
}

/// The bytes of a message, and how many were left out because it is too long.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    pub(super) omitted: u64,
}

impl Kept {
    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        if self.omitted > 0 {
            self.omitted += bytes.len() as u64;
            return;
        }
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > LONGEST {
            self.omitted = (self.bytes.len() - KEPT) as u64;
            self.bytes.truncate(KEPT);
            self.bytes.shrink_to_fit();
        }
    }
}

/// Collects bytes until a line is complete.
#[derive(Debug, Default)]
pub(super) struct Splitter(Kept);

impl Splitter {
    /// Adds bytes, and calls `complete` for each line that they complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut complete: impl FnMut(Line)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.0.add(&bytes[..end]);
            bytes = &bytes[end + 1..];
            if let Some(line) = self.rest() {
                complete(line);
            }
        }
        self.0.add(bytes);
    }

    /// Returns what has been collected of a line, if anything, and starts a new one.
    pub(super) fn rest(&mut self) -> Option<Line> {
        let Kept { mut bytes, omitted } = std::mem::take(&mut self.0);
        if bytes.last() == Some(&b'\r') && omitted == 0 {
            bytes.pop();
        }
        (!bytes.is_empty()).then_some(Line { bytes, omitted })
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, LONGEST, Splitter};

    fn lines(chunks: &[&[u8]]) -> Vec<(Vec<u8>, u64)> {
        let (mut splitter, mut found) = (Splitter::default(), Vec::new());
        for chunk in chunks {
            splitter.push(chunk, |line| found.push((line.bytes, line.omitted)));
        }
        found.extend(splitter.rest().map(|line| (line.bytes, line.omitted)));
        found
    }

    #[test]
    fn chunks_do_not_have_to_end_where_lines_do() {
        let found = lines(&[b"a", b"b\nc\r\n", b"\n\nd", b"e"]);
        assert_eq!(found, [(b"ab".to_vec(), 0), (b"c".to_vec(), 0), (b"de".to_vec(), 0)]);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() {
        let long = vec![b'x'; LONGEST + 10];
        let found = lines(&[&long, b"yyy\nz\n"]);
        assert_eq!(found[0], (vec![b'x'; KEPT], (LONGEST + 13 - KEPT) as u64));
        assert_eq!(found[1], (b"z".to_vec(), 0));
    }
}
