//! Reads the parts of a JSON text one after the other.

/// A JSON text that has been validated before, and a place in it.
pub(super) struct Text<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Text<'a> {
    pub(super) fn new(json: &'a str) -> Self {
        Self { json, at: 0 }
    }

    /// Returns the next byte that is not white space, and stays before it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let bytes = self.json.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Moves past `byte` if it is next. Returns whether it was.
    pub(super) fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Moves past `byte`; `None` if it is not next.
    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    /// Reads a string without escapes; `None` if it has any.
    pub(super) fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let rest = &self.json[self.at..];
        let end = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
        self.at += end + 1;
        (rest.as_bytes()[end] == b'"').then(|| &rest[..end])
    }

    /// Reads a number.
    pub(super) fn number(&mut self) -> Option<&'a str> {
        let rest = &self.json[self.at..];
        let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let end = rest.bytes().position(|byte| !is_part(byte)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    /// Moves past a value of any kind.
    pub(super) fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.skip_string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b',' | b':' => {
                    self.at += 1;
                    continue;
                }
                _ => {
                    let rest = &self.json.as_bytes()[self.at..];
                    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
                    self.at += rest.iter().position(is_end).unwrap_or(rest.len());
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn skip_string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            self.at += end_or_escape(self.json.as_bytes().get(self.at..)?)?;
            if self.json.as_bytes()[self.at] == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }
}

/// Returns the position of the first quote or backslash.
fn end_or_escape(bytes: &[u8]) -> Option<usize> {
    /// Most strings are shorter, and a search that is made for long ones takes longer to begin.
    const SHORT: usize = 16;
    let is_it = |byte: &u8| matches!(byte, b'"' | b'\\');
    match bytes.iter().take(SHORT).position(is_it) {
        Some(at) => Some(at),
        None => memchr::memchr2(b'"', b'\\', bytes.get(SHORT..)?).map(|at| at + SHORT),
    }
}
