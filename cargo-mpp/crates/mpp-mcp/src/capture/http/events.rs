//! Server-sent events: finds the messages in a stream.

use crate::capture::lines::Kept;

/// Collects the `data` of events.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Kept,
    data: Option<Kept>,
}

impl Events {
    /// Adds bytes of the stream, and calls `complete` with the data of each event that they complete.
    pub(super) fn push(&mut self, bytes: &[u8], mut complete: impl FnMut(Kept)) {
        for byte in bytes {
            if *byte != b'\n' {
                self.line.add(&[*byte]);
                continue;
            }
            let Kept { bytes: line, omitted } = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if line.is_empty() {
                if let Some(data) = self.data.take().filter(|data| !data.bytes.is_empty()) {
                    complete(data);
                }
            } else if let Some(value) = line.strip_prefix(b"data:") {
                let value = value.strip_prefix(b" ").unwrap_or(value);
                let is_first = self.data.is_none();
                let data = self.data.get_or_insert_default();
                if !is_first {
                    data.add(b"\n");
                }
                data.add(value);
                data.omitted += omitted;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Events;

    #[test]
    fn events_may_be_cut_anywhere() {
        let stream =
            ": hello\r\nevent: message\r\nid: 1\r\ndata: {\"a\":1}\r\n\r\ndata\n\ndata:[1,\ndata: 2]\n\nretry: 5\n\n";
        for size in 1..stream.len() {
            let (mut events, mut found) = (Events::default(), Vec::new());
            stream
                .as_bytes()
                .chunks(size)
                .for_each(|chunk| events.push(chunk, |data| found.push(String::from_utf8(data.bytes).expect("valid"))));
            assert_eq!(found, ["{\"a\":1}", "[1,\n2]"]);
        }
    }
}
