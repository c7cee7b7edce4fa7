//! The request that a transport receives, with methods to examine it.

use std::fmt;
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::sandbox::network::wire::Hop;

/// A request as it is sent over the network, including the injected headers.
///
/// `Debug` does not print the headers, because they contain secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The method, for example `GET`.
    pub method: String,
    /// The absolute URL with its query, without a fragment.
    pub url: String,
    /// The names, in lower case, and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// The time limit for the response.
    pub timeout: Duration,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

impl Request {
    /// Returns the request of a hop.
    pub(in crate::sandbox::network) fn of(hop: &Hop<'_>) -> Self {
        let text = |(name, value): &(HeaderName, HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        Self {
            headers: hop.headers.iter().map(text).collect(),
            body: hop.body.to_vec(),
            timeout: hop.time,
            ..Self::new(hop.method, hop.target.to_string())
        }
    }

    /// Creates a request without headers and body, and with a timeout of 30 seconds, for tests of a transport.
    #[must_use]
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: Duration::from_secs(30),
        }
    }

    /// Returns the value of the first header with this name, ignoring case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the host as a manifest declares it: `api.example.com`, `api.example.com:8443`, `http://plain.example`.
    #[must_use]
    pub fn host(&self) -> &str {
        let start = if self.url.starts_with("http://") { 0 } else { "https://".len() };
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let length = rest.find(['/', '?']).unwrap_or(rest.len());
        self.url.get(start..self.url.len() - rest.len() + length).unwrap_or_default()
    }

    /// Returns the path without the query, for example `/v1/customers`. It is percent-encoded as it is sent.
    #[must_use]
    pub fn path(&self) -> &str {
        let (_, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let path = rest.find('/').map_or("/", |at| &rest[at..]);
        path.split('?').next().unwrap_or("/")
    }

    /// Returns the first value with this name in the query, decoded.
    ///
    /// ```
    /// let request = mpp_host::sandbox::network::Request::new("GET", "https://api.example.com/?q=ada%20%26%20co&limit=3");
    /// assert_eq!(request.query("q").as_deref(), Some("ada & co"));
    /// assert_eq!(request.query("page"), None);
    /// ```
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.url.split_once('?')?;
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.find(|(known, _)| decoded(known) == name).map(|(_, value)| decoded(value))
    }

    /// Returns the body as text. Invalid UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; `None` if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Decodes percent-encoded text. `+` is a space, as in forms.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_url_has_a_host_a_path_and_a_query() {
        for (url, host, path) in [
            ("https://api.example.com/v1/a%20b?q=1", "api.example.com", "/v1/a%20b"),
            ("https://api.example.com:8443/", "api.example.com:8443", "/"),
            ("http://plain.example?x", "http://plain.example", "/"),
            ("http://plain.example:8080/a", "http://plain.example:8080", "/a"),
        ] {
            let request = Request::new("GET", url);
            assert_eq!((request.host(), request.path()), (host, path), "{url}");
        }
        let request = Request::new("GET", "https://a.example/?a=1+2&b%5B%5D=%C3%A9%zz&flag");
        assert_eq!(request.query("a").as_deref(), Some("1 2"));
        assert_eq!(request.query("b[]").as_deref(), Some("é%zz"));
        assert_eq!(request.query("flag").as_deref(), Some(""));
        assert_eq!(request.query("c"), None);
    }
}
