//! `Response`: what the server answered.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Error, ErrorKind};

/// Characters of a body that an error quotes.
const QUOTED: usize = 200;

/// An answer, complete.
#[derive(Debug, Clone)]
pub struct Response {
    head: Head,
    body: Vec<u8>,
}

#[derive(Debug, Clone, Deserialize)]
struct Head {
    status: u16,
    url: String,
    headers: Vec<(String, String)>,
}

impl Response {
    pub(super) fn read(mut reply: Vec<u8>) -> Result<Self, Error> {
        let length = reply.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length) as usize);
        let head = reply.get(4..length.saturating_add(4)).and_then(|head| serde_json::from_slice(head).ok());
        let Some(head) = head else {
            return Err(Error::new(ErrorKind::Unavailable, "the host gave an answer that this SDK cannot read"));
        };
        reply.drain(..length + 4);
        Ok(Self { head, body: reply })
    }

    /// The status, for example 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Where the answer came from, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.head.url
    }

    /// The first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] where it is not UTF-8.
    pub fn text(self) -> Result<String, Error> {
        let Self { head, body } = self;
        String::from_utf8(body).map_err(|_| {
            Error::new(ErrorKind::Body, format!("`{}` answered with bytes that are no text", place(&head.url)))
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] where it is not JSON of this shape; the message says where.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.not_json(&error))
    }

    /// The answer, where its status is below 400.
    ///
    /// # Errors
    /// [`ErrorKind::Status`], with the status, the URL without its query, and the first characters of the body.
    pub fn ok(self) -> Result<Self, Error> {
        if self.head.status < 400 {
            return Ok(self);
        }
        let mut message = format!("`{}` answered with status {}", place(&self.head.url), self.head.status);
        let quoted = self.quote();
        if !quoted.is_empty() {
            message.push_str(": ");
            message.push_str(&quoted);
        }
        let retry_after = self.header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        Err(Error::new(ErrorKind::Status, message).with_status(self.head.status, retry_after.map(Duration::from_secs)))
    }

    fn not_json(&self, error: &serde_json::Error) -> Error {
        let message = format!("`{}` answered with something else than expected: {error}", place(&self.head.url));
        Error::new(ErrorKind::Body, message)
    }

    /// The beginning of the body, on one line.
    fn quote(&self) -> String {
        let end = self.body.len().min(4 * QUOTED);
        let text = String::from_utf8_lossy(&self.body[..end]);
        let mut quoted: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTED).collect();
        if quoted.len() < self.body.len() {
            quoted.push('…');
        }
        quoted.trim().to_owned()
    }
}

/// The URL without query and fragment, which may carry secrets.
fn place(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
