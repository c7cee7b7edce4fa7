//! Reads a capture.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use super::entry::{Entry, FORMAT_VERSION, Header};
use super::error::CaptureError;

/// A capture that has been read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Capture {
    /// The header.
    pub header: Header,
    /// The entries in the order of their times, each with the number of its line, counted from 1.
    pub entries: Vec<(usize, Entry)>,
    /// Whether the file ends in the middle of a line, because recording was interrupted.
    pub is_cut_off: bool,
}

impl Capture {
    /// Reads a capture. A last line that is cut off is left out.
    ///
    /// # Errors
    /// Returns an error if the input cannot be read, is not a capture, has a newer format, or has a damaged line.
    pub fn parse(input: impl Read) -> Result<Self, CaptureError> {
        let mut input = BufReader::new(input);
        let mut line = Vec::new();
        input.read_until(b'\n', &mut line).map_err(CaptureError::Read)?;
        let header = header(&line)?;
        let mut capture = Self { header, entries: Vec::new(), is_cut_off: false };
        for number in 2.. {
            line.clear();
            if input.read_until(b'\n', &mut line).map_err(CaptureError::Read)? == 0 {
                break;
            }
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice(line.trim_ascii_end()) {
                Ok(entry) => capture.entries.push((number, entry)),
                Err(_) if line.last() != Some(&b'\n') => capture.is_cut_off = true,
                Err(source) => return Err(CaptureError::Damaged { line: number, source }),
            }
        }
        // A message is recorded after it was passed on, so its answer may have been recorded first.
        capture.entries.sort_by_key(|(_, entry)| entry.at);
        Ok(capture)
    }
}

fn header(line: &[u8]) -> Result<Header, CaptureError> {
    let not = |reason: &str| CaptureError::NotACapture { reason: reason.to_owned() };
    if line.is_empty() {
        return Err(not("it is empty"));
    }
    let value: Value = serde_json::from_slice(line).map_err(|_| not("its first line is not JSON"))?;
    let Some(version) = value.get("capture").and_then(Value::as_u64) else {
        return Err(not("its first line has no `capture` with the version of the format"));
    };
    if version > u64::from(FORMAT_VERSION) {
        return Err(CaptureError::NewerFormat { found: version, known: FORMAT_VERSION });
    }
    serde_json::from_value(value)
        .map_err(|error| CaptureError::NotACapture { reason: format!("its header is wrong: {error}") })
}

#[cfg(test)]
mod tests {
    use super::Capture;
    use mpp_host::codes::Coded;

    const HEADER: &str = r#"{"capture":1,"started":"2026-01-01T00:00:00Z","transport":"stdio"}"#;

    #[test]
    fn refuses_what_is_not_a_capture() {
        let damaged = format!("{HEADER}\n{{\"at\":1}}\n{{\"at\":\n{{\"at\":3}}\n");
        for (text, code) in [
            ("", "MPP-M201"),
            ("hello\n", "MPP-M201"),
            ("{\"tools\":[]}\n", "MPP-M201"),
            ("{\"capture\":1}\n", "MPP-M201"),
            ("{\"capture\":2}\n", "MPP-M202"),
            (damaged.as_str(), "MPP-M203"),
        ] {
            let error = Capture::parse(text.as_bytes()).expect_err(text);
            assert_eq!(*error.code(), code, "{text}: {error}");
        }
        let error = Capture::parse(damaged.as_bytes()).expect_err("damaged");
        assert_eq!(error.to_string(), "line 3 of the capture is damaged");
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_left_out() {
        let capture =
            Capture::parse(format!("{HEADER}\n{{\"at\":1}}\n{{\"at\":2,\"mess").as_bytes()).expect("a capture");
        assert_eq!((capture.entries.len(), capture.is_cut_off), (1, true));
        let capture = Capture::parse(format!("{HEADER}\n{{\"at\":1}}").as_bytes()).expect("a capture");
        assert_eq!((capture.entries.len(), capture.is_cut_off), (1, false));
    }
}
