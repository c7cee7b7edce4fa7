//! The URL of a server, which is reached over HTTP.

use std::fmt;

use reqwest::Url;

/// The URL of a server: `https`, or `http` to this machine. [`Display`](fmt::Display) leaves out the query, which can contain secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(Url);

/// Why a text is not the URL of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlProblem {
    /// The text is not a URL with a host.
    #[error("it is not a URL such as `https://mcp.example.com/mcp`")]
    NotUrl,
    /// The URL has another scheme.
    #[error("its scheme is neither `https` nor `http`")]
    Scheme,
    /// The URL contains a user name or a password.
    #[error("it contains a user name or a password, which belong in a header")]
    Credentials,
    /// Everything would travel unencrypted to another machine.
    #[error("plain HTTP is used only to this machine, unless it is allowed")]
    PlainHttp,
}

impl ServerUrl {
    /// Reads a URL. Plain HTTP to other machines has to be allowed.
    ///
    /// ```
    /// use mpp_mcp::config::{ServerUrl, UrlProblem};
    ///
    /// assert!(ServerUrl::parse("http://127.0.0.1:8000/mcp", false).is_ok());
    /// assert_eq!(ServerUrl::parse("http://mcp.example.com/mcp", false), Err(UrlProblem::PlainHttp));
    /// assert!(ServerUrl::parse("http://mcp.example.com/mcp", true).is_ok());
    /// ```
    ///
    /// # Errors
    /// Returns [`UrlProblem`], which says what is wrong.
    pub fn parse(text: &str, allows_http: bool) -> Result<Self, UrlProblem> {
        let mut url = Url::parse(text).map_err(|_| UrlProblem::NotUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(UrlProblem::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlProblem::Credentials);
        }
        if url.scheme() == "http" && !allows_http && !is_this_machine(&url) {
            return Err(UrlProblem::PlainHttp);
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// Returns the whole URL as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
        url.set_query(None);
        f.write_str(url.as_str())
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{ServerUrl, UrlProblem};

    #[test]
    fn only_urls_that_are_safe_to_use_are_accepted() {
        for (text, problem) in [
            ("mcp.example.com/mcp", UrlProblem::NotUrl),
            ("https://", UrlProblem::NotUrl),
            ("ftp://mcp.example.com", UrlProblem::Scheme),
            ("https://me:secret@mcp.example.com/", UrlProblem::Credentials),
            ("https://me@mcp.example.com/", UrlProblem::Credentials),
            ("http://mcp.example.com/", UrlProblem::PlainHttp),
            ("http://localhost.example.com/", UrlProblem::PlainHttp),
            ("http://10.0.0.1/", UrlProblem::PlainHttp),
            ("http://0.0.0.0/", UrlProblem::PlainHttp),
        ] {
            assert_eq!(ServerUrl::parse(text, false), Err(problem), "{text}");
        }
        for text in ["http://localhost:1/", "http://[::1]/mcp", "http://127.1.2.3/mcp", "https://mcp.example.com/mcp"] {
            assert!(ServerUrl::parse(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_query_is_sent_and_not_shown() {
        let url = ServerUrl::parse("https://mcp.example.com/mcp?key=s3cret#top", false).expect("valid");
        assert_eq!(url.as_str(), "https://mcp.example.com/mcp?key=s3cret");
        assert_eq!(url.to_string(), "https://mcp.example.com/mcp");
    }
}
