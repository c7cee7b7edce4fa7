//! The streams of a call: the request on stdin, a bounded response on stdout, and a bounded log on stderr.

use std::sync::Arc;

/// The three streams of one call.
#[derive(Debug)]
pub(crate) struct Stdio {
    request: Arc<[u8]>,
    read: usize,
    output: Vec<u8>,
    output_limit: usize,
    log: Vec<u8>,
    log_limit: usize,
    log_dropped: u64,
}

/// The error returned when the tool writes more to stdout than its limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutputFull;

impl Stdio {
    pub(crate) fn new(request: Arc<[u8]>, output_limit: usize, log_limit: usize) -> Self {
        Self { request, read: 0, output: Vec::new(), output_limit, log: Vec::new(), log_limit, log_dropped: 0 }
    }

    /// Creates empty streams that accept no output.
    pub(crate) fn empty() -> Self {
        Self::new([].into(), 0, 0)
    }

    /// Reads up to `most` bytes of the request; returns none at its end.
    pub(crate) fn read(&mut self, most: usize) -> &[u8] {
        let start = self.read;
        self.read = start.saturating_add(most).min(self.request.len());
        &self.request[start..self.read]
    }

    /// Writes `bytes` to stdout.
    pub(crate) fn write_output(&mut self, bytes: &[u8]) -> Result<(), OutputFull> {
        if bytes.len() > self.output_limit - self.output.len() {
            return Err(OutputFull);
        }
        self.output.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes `bytes` to stderr. Bytes beyond the limit are dropped and counted.
    pub(crate) fn write_log(&mut self, bytes: &[u8]) {
        let kept = bytes.len().min(self.log_limit - self.log.len());
        self.log.extend_from_slice(&bytes[..kept]);
        self.log_dropped += (bytes.len() - kept) as u64;
    }

    /// Returns the bytes of stdout, and the log as text.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Log) {
        let text = String::from_utf8_lossy(&self.log).into_owned();
        (self.output, Log { text, dropped: self.log_dropped })
    }
}

/// The text that a call wrote to stderr.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) text: String,
    /// Number of bytes that were dropped because they exceeded the limit.
    pub(crate) dropped: u64,
}

#[cfg(test)]
mod tests {
    use super::{OutputFull, Stdio};

    #[test]
    fn reads_to_the_end_of_the_input() {
        let mut stdio = Stdio::new(b"abc".as_slice().into(), 0, 0);
        assert_eq!(stdio.read(2), b"ab");
        assert_eq!(stdio.read(2), b"c");
        assert_eq!(stdio.read(2), b"");
    }

    #[test]
    fn output_is_limited_and_the_log_is_truncated() {
        let mut stdio = Stdio::new([].into(), 3, 3);
        assert_eq!(stdio.write_output(b"abc"), Ok(()));
        assert_eq!(stdio.write_output(b"d"), Err(OutputFull));
        stdio.write_log(b"ab");
        stdio.write_log(b"cdef");
        let (output, log) = stdio.into_parts();
        assert_eq!(output, b"abc");
        assert_eq!((log.text.as_str(), log.dropped), ("abc", 3));
    }
}
