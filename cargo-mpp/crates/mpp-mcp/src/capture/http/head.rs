//! The heads of HTTP/1.1 messages, and where their bodies end.

use std::io::{self, BufRead};

/// The most bytes of a head.
const LONGEST: usize = 64 << 10;

/// The first line and the headers of a request or a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::capture) struct Head {
    pub(in crate::capture) first: String,
    pub(in crate::capture) headers: Vec<(String, String)>,
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::capture) enum Body {
    Length(u64),
    Chunked,
    UntilClose,
}

impl Head {
    /// Reads a head; `None` if the connection ended before it began.
    pub(in crate::capture) fn read(source: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut lines = Vec::new();
        let mut size = 0;
        loop {
            let line = read_line(source, LONGEST - size)?;
            size += line.len();
            match (line.trim_end_matches(['\r', '\n']), lines.is_empty()) {
                ("", true) if line.is_empty() => return Ok(None),
                // Empty lines before a request are ignored (RFC 9112, section 2.2).
                ("", true) => {}
                ("", false) if line.is_empty() => return Err(io::ErrorKind::UnexpectedEof.into()),
                ("", false) => break,
                (text, _) => lines.push(text.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let first = lines.next().unwrap_or_default();
        let headers =
            lines.map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())));
        let headers = headers.collect::<Option<Vec<_>>>().ok_or_else(|| malformed("a header has no colon"))?;
        Ok(Some(Self { first, headers }))
    }

    /// Returns the value of a header.
    pub(in crate::capture) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Sets a header, in place of all of this name.
    pub(in crate::capture) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.into()));
    }

    /// Removes the headers of this name.
    pub(in crate::capture) fn remove(&mut self, name: &str) {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Returns the head as bytes.
    pub(in crate::capture) fn bytes(&self) -> Vec<u8> {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}\r\n", self.first, headers.collect::<String>()).into_bytes()
    }

    /// Returns method and target of a request.
    pub(in crate::capture) fn request(&self) -> Option<(&str, &str)> {
        let mut parts = self.first.split(' ');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(method), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) => Some((method, target)),
            _ => None,
        }
    }

    /// Returns the status of a response.
    pub(in crate::capture) fn status(&self) -> Option<u16> {
        let mut parts = self.first.split(' ');
        parts.next().filter(|version| version.starts_with("HTTP/1."))?;
        parts.next()?.parse().ok()
    }

    /// Returns where the body of this request ends.
    pub(in crate::capture) fn request_body(&self) -> io::Result<Body> {
        Ok(self.declared()?.unwrap_or(Body::Length(0)))
    }

    /// Returns where the body of this response to `method` ends.
    pub(in crate::capture) fn response_body(&self, method: &str) -> io::Result<Body> {
        let status = self.status().ok_or_else(|| malformed("the first line of the response is not valid"))?;
        if method == "HEAD" || status / 100 == 1 || matches!(status, 204 | 304) {
            return Ok(Body::Length(0));
        }
        Ok(self.declared()?.unwrap_or(Body::UntilClose))
    }

    /// Returns whether the connection is closed after this message.
    pub(in crate::capture) fn closes(&self) -> bool {
        let connection = self.header("connection").unwrap_or_default().to_ascii_lowercase();
        let is_old = self.first.ends_with("HTTP/1.0") || self.first.starts_with("HTTP/1.0");
        connection.contains("close") || is_old && !connection.contains("keep-alive")
    }

    fn declared(&self) -> io::Result<Option<Body>> {
        // A message with both would be read differently by different servers.
        match (self.header("transfer-encoding"), self.header("content-length")) {
            (Some(_), Some(_)) => Err(malformed("it has both a transfer encoding and a content length")),
            (Some(encoding), None) if encoding.eq_ignore_ascii_case("chunked") => Ok(Some(Body::Chunked)),
            (Some(_), None) => Err(malformed("its transfer encoding is not known")),
            (None, Some(length)) => match length.parse() {
                Ok(length) => Ok(Some(Body::Length(length))),
                Err(_) => Err(malformed("its content length is not a number")),
            },
            (None, None) => Ok(None),
        }
    }
}

/// Reads a line with its line break, of at most `limit` bytes.
pub(in crate::capture) fn read_line(source: &mut impl BufRead, limit: usize) -> io::Result<String> {
    let mut line = Vec::new();
    io::Read::take(&mut *source, limit as u64).read_until(b'\n', &mut line)?;
    if line.len() >= limit {
        return Err(malformed("a line is too long"));
    }
    String::from_utf8(line).map_err(|_| malformed("a line is not UTF-8"))
}

/// An error for a message that is not HTTP.
pub(in crate::capture) fn malformed(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Body, Head};

    fn head(text: &str) -> std::io::Result<Option<Head>> {
        Head::read(&mut text.as_bytes())
    }

    #[test]
    fn finds_where_bodies_end() {
        let request = |headers: &str| {
            head(&format!("POST /mcp HTTP/1.1\r\n{headers}\r\n")).expect("valid").expect("valid").request_body()
        };
        assert_eq!(request("Content-Length: 12\r\n").expect("valid"), Body::Length(12));
        assert_eq!(request("Transfer-Encoding: chunked\r\n").expect("valid"), Body::Chunked);
        assert_eq!(request("").expect("valid"), Body::Length(0));
        for headers in [
            "Content-Length: -1\r\n",
            "Transfer-Encoding: gzip\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        ] {
            assert!(request(headers).is_err(), "{headers}");
        }
        let response =
            |first: &str| head(&format!("{first}\r\n\r\n")).expect("valid").expect("valid").response_body("POST");
        assert_eq!(response("HTTP/1.1 200 OK").expect("valid"), Body::UntilClose);
        assert_eq!(response("HTTP/1.1 204 No Content").expect("valid"), Body::Length(0));
    }

    #[test]
    fn refuses_what_is_not_a_head() {
        assert_eq!(head("").expect("valid"), None);
        for text in ["GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
            assert!(head(text).is_err(), "{text}");
        }
        assert!(head(&format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(70_000))).is_err());
        assert_eq!(head("GET / FTP\r\n\r\n").expect("valid").expect("valid").request(), None);
    }
}
