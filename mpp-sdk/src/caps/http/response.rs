//! `Response`: the server's response.

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Error, ErrorKind};

/// Number of characters of a body that an error quotes.
const QUOTED: usize = 200;

/// A complete response.
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
            return Err(Error::new(ErrorKind::Unavailable, "the host returned a response that this SDK cannot read"));
        };
        reply.drain(..length + 4);
        Ok(Self { head, body: reply })
    }

    /// Returns the status code, for example 200.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// Returns the URL of the response, after redirects.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.head.url
    }

    /// Returns the first header with this name, ignoring case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Returns all headers, with names in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body without copying it.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.body
    }

    /// Returns the body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] if it is not UTF-8.
    pub fn text(self) -> Result<String, Error> {
        let Self { head, body } = self;
        String::from_utf8(body)
            .map_err(|_| Error::new(ErrorKind::Body, format!("the response of `{}` is not UTF-8", place(&head.url))))
    }

    /// Deserializes the body as JSON.
    ///
    /// Keys that `T` does not know are skipped, although a type marked with [`data`](crate::data) refuses them in arguments: a
    /// server may add a key any day. Untagged and internally tagged enums are an exception, because serde reads them in another
    /// way: mark them with `#[mpp::data(open)]`.
    ///
    /// # Errors
    /// [`ErrorKind::Body`] if it is not JSON, or not a `T`; the message has the line and column.
    ///
    /// ```no_run
    /// #[mpp_sdk::data]
    /// struct Rate { currency: String, value: f64 }
    ///
    /// # fn main() -> Result<(), mpp_sdk::Error> {
    /// let rates: Vec<Rate> = mpp_sdk::http::get("https://rates.example/v1").send()?.error_for_status()?.json()?;
    /// # Ok(()) }
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        crate::open::read(&self.body).map_err(|error| self.not_json(&error))
    }

    /// Returns the response if its status is below 400.
    ///
    /// # Errors
    /// [`ErrorKind::Status`], with the status, the URL without its query, and the first characters of the body.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_sdk::Error> {
    /// let text = mpp_sdk::http::get("https://api.crm.example/status").send()?.error_for_status()?.text()?;
    /// # Ok(()) }
    /// ```
    pub fn error_for_status(self) -> Result<Self, Error> {
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

    fn not_json(&self, error: &str) -> Error {
        let message = format!("the response of `{}` is not the expected JSON: {error}", place(&self.head.url));
        Error::new(ErrorKind::Body, message)
    }

    /// Returns the beginning of the body on one line.
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

/// Returns the URL without query and fragment, which may hold secrets.
fn place(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}
