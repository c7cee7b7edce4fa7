//! Reads lines from a stream, with a limit on their length.

use std::io::{ErrorKind, Read};

/// Longest message that is read, in bytes.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;

/// Bytes that are kept of a line that is too long.
const HEAD: usize = 1024;

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// One line of the input, without the line break.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line.
    Bytes(Vec<u8>),
    /// A line that is longer than [`LONGEST`], of which only the start is kept.
    TooLong(Vec<u8>),
}

/// Splits a stream into lines.
pub(crate) struct LineReader<R> {
    stream: R,
    buffer: Vec<u8>,
    /// The part of `buffer` that was read and not returned yet.
    start: usize,
    end: usize,
    longest: usize,
}

impl<R: Read> LineReader<R> {
    pub(crate) fn new(stream: R) -> Self {
        Self::with_limit(stream, LONGEST)
    }

    fn with_limit(stream: R, longest: usize) -> Self {
        Self { stream, buffer: vec![0; CHUNK], start: 0, end: 0, longest }
    }

    /// Returns the next line; `None` at the end of the stream. A last line without a line break counts.
    pub(crate) fn next(&mut self) -> Option<Line> {
        let mut searched = self.start;
        let mut too_long: Option<Vec<u8>> = None;
        loop {
            if let Some(at) = memchr::memchr(b'\n', &self.buffer[searched..self.end]) {
                let line_end = searched + at;
                let line = self.line(line_end, too_long.take());
                self.start = line_end + 1;
                return Some(line);
            }
            if self.end - self.start > self.longest {
                too_long.get_or_insert_with(|| self.head(self.end));
                (self.start, self.end) = (0, 0);
            }
            self.make_room();
            searched = self.end;
            match self.stream.read(&mut self.buffer[self.end..]) {
                Ok(0) | Err(_) if self.start == self.end && too_long.is_none() => return None,
                Ok(0) => {
                    let line = self.line(self.end, too_long.take());
                    self.start = self.end;
                    return Some(line);
                }
                Ok(count) => self.end += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // A stream that fails has ended.
                Err(_) => return None,
            }
        }
    }

    /// Returns whether a whole line can be returned without reading.
    pub(crate) fn has_line(&self) -> bool {
        memchr::memchr(b'\n', &self.buffer[self.start..self.end]).is_some()
    }

    fn line(&self, end: usize, too_long: Option<Vec<u8>>) -> Line {
        if let Some(head) = too_long {
            return Line::TooLong(head);
        }
        let bytes = &self.buffer[self.start..end];
        if bytes.len() > self.longest {
            return Line::TooLong(self.head(end));
        }
        Line::Bytes(bytes.strip_suffix(b"\r").unwrap_or(bytes).to_vec())
    }

    /// Returns the start of a line that is too long.
    fn head(&self, end: usize) -> Vec<u8> {
        self.buffer[self.start..end.min(self.start + HEAD)].to_vec()
    }

    /// Makes room for one read, and gives back the memory of a long line.
    fn make_room(&mut self) {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == 0 && self.buffer.len() > CHUNK {
            self.buffer = vec![0; CHUNK];
        }
        if self.buffer.len() - self.end < CHUNK / 2 {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    /// Returns at most `step` bytes at once.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.0.len().min(self.1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn lines(input: &[u8], step: usize, longest: usize) -> Vec<Line> {
        let mut reader = LineReader::with_limit(Slow(input, step), longest);
        std::iter::from_fn(|| reader.next()).collect()
    }

    #[test]
    fn lines_are_the_same_however_the_stream_is_cut() {
        let input = b"one\r\n\ntwo\nthree";
        let expected: Vec<Line> =
            [&b"one"[..], b"", b"two", b"three"].iter().map(|line| Line::Bytes(line.to_vec())).collect();
        for step in 1..=input.len() {
            assert_eq!(lines(input, step, 100), expected, "{step} bytes at once");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_reported_once_and_the_next_one_is_read() {
        let mut input = vec![b'x'; 3 * CHUNK];
        input.extend_from_slice(b"\nnext\n");
        for step in [1000, CHUNK, 4 * CHUNK] {
            let found = lines(&input, step, 100);
            let [Line::TooLong(head), Line::Bytes(next)] = found.as_slice() else { panic!("{step} bytes at once") };
            assert!(head.len() <= HEAD && head.len() > 100 && head.iter().all(|byte| *byte == b'x'));
            assert_eq!(next, b"next");
        }
    }

    #[test]
    fn a_long_line_within_the_limit_is_whole() {
        let long = vec![b'x'; 5 * CHUNK];
        assert_eq!(lines(&long, 777, LONGEST), [Line::Bytes(long.clone())]);
    }
}
