//! Splits a stream of server-sent events, with a limit on their length.

/// Longest event that is read, in bytes.
pub(super) const LONGEST: usize = 16 * 1024 * 1024;

/// Bytes that are kept of an event that is too long.
const HEAD: usize = 1024;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// The data; empty if the event has none.
    pub(super) data: Vec<u8>,
    /// Whether the event was longer than [`LONGEST`], so that only the start of the data is here.
    pub(super) is_too_long: bool,
}

/// A stream of which a part was read.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, which ends a line with or without a line feed after it.
    after_return: bool,
    is_begun: bool,
    event: Event,
    has_data: bool,
    kind: Vec<u8>,
    /// The id of the last event that has one.
    pub(super) last_id: Option<String>,
    /// How long a client is to wait before it continues the stream, in milliseconds.
    pub(super) retry: Option<u64>,
}

impl Events {
    /// Begins to read the stream that continues this one. What was read of an event that broke off does not come again.
    pub(super) fn continued(self) -> Self {
        Self { last_id: self.last_id, retry: self.retry, ..Self::default() }
    }

    /// Adds bytes of the stream, and calls `complete` with each event that they complete.
    pub(super) fn push(&mut self, mut bytes: &[u8], mut complete: impl FnMut(Event)) {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(at) = memchr::memchr2(b'\n', b'\r', bytes) else {
                self.add(bytes);
                return;
            };
            self.add(&bytes[..at]);
            self.after_return = bytes[at] == b'\r';
            bytes = &bytes[at + 1..];
            let line = std::mem::take(&mut self.line);
            self.take(&line, &mut complete);
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        let size = self.line.len() + self.event.data.len() + bytes.len();
        if size <= LONGEST && !self.event.is_too_long {
            self.line.extend_from_slice(bytes);
        } else {
            self.event.is_too_long = true;
            let room = HEAD.saturating_sub(self.line.len());
            self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
            self.line.truncate(HEAD);
        }
    }

    fn take(&mut self, line: &[u8], complete: &mut impl FnMut(Event)) {
        let mark = if std::mem::replace(&mut self.is_begun, true) { None } else { line.strip_prefix(b"\xef\xbb\xbf") };
        let line = mark.unwrap_or(line);
        if line.is_empty() {
            let mut event = std::mem::take(&mut self.event);
            if event.is_too_long {
                event.data.truncate(HEAD);
            }
            let kind = std::mem::take(&mut self.kind);
            // Events of other kinds are no messages, but they too say from where the stream can be continued.
            if !(kind.is_empty() || kind == b"message") {
                event = Event::default();
            }
            self.has_data = false;
            complete(event);
            return;
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (field, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        let text = || String::from_utf8_lossy(value);
        match field {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push(b'\n');
                }
                self.event.data.extend_from_slice(value);
            }
            b"event" => self.kind = value.to_vec(),
            b"id" if !value.contains(&0) => self.last_id = Some(text().into_owned()).filter(|id| !id.is_empty()),
            b"retry" => self.retry = text().parse().ok().or(self.retry),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    fn events(stream: &[u8], size: usize) -> (Vec<Event>, Events) {
        let (mut reader, mut found) = (Events::default(), Vec::new());
        stream.chunks(size).for_each(|chunk| reader.push(chunk, |event| found.push(event)));
        (found, reader)
    }

    #[test]
    fn events_are_the_same_however_the_stream_is_cut_and_lines_end() {
        let text = "\u{feff}: hello\nid: 7\nretry: 250\ndata\n\nevent: message\ndata: {\"a\":\ndata:1}\n\nevent: other\ndata: x\n\ndata: end";
        for stream in [text.to_owned(), text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
            for size in 1..stream.len() {
                let (found, reader) = events(stream.as_bytes(), size);
                let data: Vec<String> =
                    found.into_iter().map(|event| String::from_utf8_lossy(&event.data).into_owned()).collect();
                assert_eq!(data, ["", "{\"a\":\n1}", ""], "{size} bytes at once");
                assert_eq!((reader.last_id.as_deref(), reader.retry), (Some("7"), Some(250)));
            }
        }
    }

    #[test]
    fn an_event_that_is_too_long_is_reported_and_the_next_one_is_read() {
        let mut stream = b"data: {\"jsonrpc\":\"2.0\",\"id\":4".to_vec();
        stream.extend(std::iter::repeat_n(b'x', LONGEST));
        stream.extend_from_slice(b"\n\ndata: next\n\n");
        let (found, _) = events(&stream, 64 * 1024);
        let [long, next] = found.as_slice() else { panic!("{} events", found.len()) };
        assert!(long.is_too_long && long.data.len() <= HEAD && long.data.starts_with(b"{\"jsonrpc\""));
        assert_eq!(next, &Event { data: b"next".to_vec(), is_too_long: false });
    }
}
