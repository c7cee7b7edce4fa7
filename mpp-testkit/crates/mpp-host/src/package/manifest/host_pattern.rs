//! Host patterns, which describe the hosts that a tool may call.
//!
//! A pattern is a name such as `api.example.com`, or `*.example.com` for the names below it but not the name itself,
//! with an optional `:port`, and with `http://` in front for plain HTTP. Names have only one spelling: lower case,
//! ASCII (international names as `xn--…`), no final dot. IP addresses are not allowed.

use std::borrow::Cow;
use std::fmt;

/// A parsed host pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPattern {
    plain_http: bool,
    below: bool,
    name: String,
    port: Option<u16>,
}

/// The error returned for a text that is not a host pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid host: {problem}")]
#[non_exhaustive]
pub struct HostPatternError {
    /// The text.
    pub text: String,
    /// What is wrong with it, and how to correct it.
    pub problem: Cow<'static, str>,
}

impl HostPattern {
    /// Parses a host pattern.
    ///
    /// # Errors
    /// Returns [`HostPatternError`] if `text` is not a valid pattern.
    pub fn parse(text: &str) -> Result<Self, HostPatternError> {
        Self::read(text).map_err(|problem| HostPatternError { text: text.to_owned(), problem })
    }

    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        let refuse = |what: &'static str| Err(what.into());
        if !text.is_ascii() {
            return refuse("write an international name in its ASCII form, which starts with `xn--`");
        }
        let (plain_http, rest) = match text.split_once("://") {
            None => (false, text),
            Some(("http", rest)) => (true, rest),
            Some(("https", _)) => return refuse("leave out `https://`, which is the default"),
            Some((scheme, _)) => return Err(format!("`{scheme}` is not a scheme that a tool can use").into()),
        };
        if rest.contains('@') {
            return refuse("leave out the user name");
        }
        if rest.contains(['/', '?', '#']) {
            return refuse("leave out the path");
        }
        if rest.starts_with('[') {
            return refuse("expected a name, found an IPv6 address");
        }
        let (name, port) = match rest.split_once(':') {
            None => (rest, None),
            Some((name, port)) => match read_port(port) {
                Some(port) => (name, Some(port)),
                None => return refuse("the port must be a number from 1 to 65535"),
            },
        };
        let (below, name) = name.strip_prefix("*.").map_or((false, name), |name| (true, name));
        check_name(name)?;
        if below && psl::suffix_str(name) == Some(name) {
            return Err(format!("`{name}` is a public suffix, so the names below it have different owners").into());
        }
        Ok(Self { plain_http, below, name: name.to_owned(), port })
    }

    /// Returns whether the pattern allows requests over plain HTTP instead of HTTPS. Neither includes the other.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.plain_http
    }

    /// Returns whether the pattern matches the names one or more labels below [`Self::name`], and not the name itself.
    #[must_use]
    pub fn is_below(&self) -> bool {
        self.below
    }

    /// Returns the name in lower case, without `*.`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether this pattern allows every request that `other` allows.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let same_door = self.plain_http == other.plain_http && self.port() == other.port();
        same_door
            && (self.covers_name(&other.name) || (self.below && other.below && self.name == other.name))
            && (self.below || !other.below)
    }

    /// Returns whether some name matches both patterns, regardless of scheme and port.
    #[must_use]
    pub fn shares_a_name(&self, other: &Self) -> bool {
        match (self.below, other.below) {
            (true, true) => self.name == other.name || self.covers_name(&other.name) || other.covers_name(&self.name),
            (false, true) => other.covers_name(&self.name),
            (_, false) => self.covers_name(&other.name),
        }
    }

    fn covers_name(&self, name: &str) -> bool {
        match (self.below, name.strip_suffix(&self.name)) {
            (false, rest) => rest == Some(""),
            (true, rest) => rest.is_some_and(|rest| rest.ends_with('.')),
        }
    }

    /// Returns the port, which is the default port of the scheme if the pattern has none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.plain_http { 80 } else { 443 })
    }
}

impl HostPattern {
    /// Returns whether the pattern allows a request with this scheme to this name (in lower case) and port.
    #[must_use]
    pub fn allows(&self, plain_http: bool, name: &str, port: u16) -> bool {
        let is_named = if self.below {
            // At least one label, followed by a dot.
            name.strip_suffix(self.name.as_str()).is_some_and(|front| front.len() > 1 && front.ends_with('.'))
        } else {
            name == self.name
        };
        is_named && self.plain_http == plain_http && self.port() == port
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.plain_http { "http://" } else { "" };
        let below = if self.below { "*." } else { "" };
        write!(f, "{scheme}{below}{}", self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn read_port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

/// Checks a DNS name (RFC 1123): labels of letters, digits and inner hyphens, and a last label that is not a number.
pub(crate) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() {
        return Err("the name is empty");
    }
    if name.contains('*') {
        return Err("`*` is allowed only at the start, as in `*.example.com`");
    }
    if name.ends_with('.') {
        return Err("leave out the final dot");
    }
    if name.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("write it in lower case");
    }
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err("expected labels of `a-z 0-9 -`, at most 63 characters each, joined by dots");
    }
    // Some parsers read a name that ends in a number as an IPv4 address: decimal, octal, hexadecimal or shortened
    // (WHATWG URL, 3.5).
    let last = name.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if hexadecimal || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err("expected a name, found an IP address or a name that some programs read as one");
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let valid = label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    valid && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-') && label != "xn--"
}

#[cfg(test)]
mod tests {
    use super::HostPattern;

    #[test]
    fn reads_hosts_and_writes_them_back() {
        for text in [
            "api.example.com",
            "*.example.com",
            "api.example.com:8443",
            "http://api.example.com",
            "http://*.example.com:8080",
            "localhost",
            "http://localhost:3000",
            "xn--bcher-kva.example",
            "1.example",
            "*.foo.github.io",
            "a-b.example.co.uk",
        ] {
            assert_eq!(HostPattern::parse(text).map(|host| host.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(HostPattern::parse("example.com").expect("a host").port(), 443);
        assert_eq!(HostPattern::parse("http://example.com").expect("a host").port(), 80);
    }

    #[test]
    fn allows_only_matching_requests() {
        let allows = |pattern: &str, plain_http, name, port| {
            HostPattern::parse(pattern).expect("a pattern").allows(plain_http, name, port)
        };
        assert!(allows("example.com", false, "example.com", 443));
        assert!(!allows("example.com", true, "example.com", 443), "the other scheme");
        assert!(!allows("example.com", false, "example.com", 8443), "another port");
        assert!(!allows("example.com", false, "www.example.com", 443), "below");
        assert!(!allows("example.com", false, "notexample.com", 443), "another name with the same end");
        assert!(allows("http://example.com:8080", true, "example.com", 8080));
        assert!(!allows("http://example.com", false, "example.com", 80));
        assert!(allows("*.example.com", false, "a.example.com", 443));
        assert!(allows("*.example.com", false, "a.b.example.com", 443));
        for other in ["example.com", ".example.com", "aexample.com", "a.example.com.evil.example"] {
            assert!(!allows("*.example.com", false, other, 443), "{other}");
        }
    }

    #[test]
    fn covers_only_equal_and_narrower_patterns() {
        let covers = |one: &str, other: &str| {
            HostPattern::parse(one).expect("a host").covers(&HostPattern::parse(other).expect("a host"))
        };
        for (one, other) in [
            ("a.example", "a.example"),
            ("a.example", "a.example:443"),
            ("*.a.example", "b.a.example"),
            ("*.a.example", "c.b.a.example"),
            ("*.a.example", "*.a.example"),
            ("*.a.example", "*.b.a.example"),
            ("http://a.example", "http://a.example:80"),
        ] {
            assert!(covers(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("a.example", "b.example"),
            ("a.example", "*.a.example"),
            ("a.example", "b.a.example"),
            ("*.a.example", "a.example"),
            ("*.a.example", "ba.example"),
            ("*.b.a.example", "*.a.example"),
            ("a.example", "a.example:8443"),
            ("a.example", "http://a.example"),
            ("http://a.example", "a.example"),
        ] {
            assert!(!covers(one, other), "{one} {other}");
        }
    }

    #[test]
    fn refuses_ambiguous_hosts() {
        for text in [
            "",
            "*",
            "*.",
            "*.com",
            "*.co.uk",
            "*.github.io",
            "*.localhost",
            "a.*.com",
            "**.example.com",
            "*example.com",
            "https://example.com",
            "ftp://example.com",
            "http://",
            "//example.com",
            "example.com/",
            "example.com/path",
            "example.com?x",
            "example.com#x",
            "user@example.com",
            "example.com:",
            "example.com:0",
            "example.com:080",
            "example.com:65536",
            "example.com:+80",
            "example.com:80:80",
            "example.com.",
            ".example.com",
            "a..b",
            "Example.com",
            "bücher.example",
            "-a.example",
            "a-.example",
            "a_b.example",
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "127.1",
            "0177.0.0.1",
            "1.2.3.4.5",
            "a.0x",
            "[::1]",
            "[::1]:80",
            "::1",
            "exa mple.com",
            "example.com\n",
            "example.com\0",
            "%61.example",
            "xn--.example",
            &format!("{}.example", "a".repeat(64)),
            &"a.".repeat(130),
        ] {
            assert!(HostPattern::parse(text).is_err(), "{text}");
        }
    }
}
