//! Parses URLs strictly: a URL that two programs could interpret differently is refused.
//!
//! The syntax is that of RFC 3986, with the normalisations of WHATWG's URL standard that cannot change the target of a request:
//! scheme and host are converted to lower case, and characters that are not valid in a URL are percent-encoded.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::package::manifest::check_host_name;

/// The ASCII characters that are not valid in a URL.
const ENCODED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`').add(b'{').add(b'|').add(b'}');

/// Maximum length of a URL, in bytes.
const LONGEST: usize = 8 * 1024;

/// The target of a request. It has no fragment, which is never sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) plain_http: bool,
    /// A DNS name in lower case, without a final dot. It is never an address.
    pub(super) host: String,
    pub(super) port: u16,
    /// The path, which begins with `/`, and the query.
    pub(super) path: String,
}

impl Target {
    /// Parses an absolute URL.
    ///
    /// # Errors
    /// Returns a sentence that describes the reason without quoting the URL, which can contain secrets.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        check(text)?;
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err("it is not absolute; a URL begins with `https://`".to_owned());
        };
        let plain_http = match scheme.to_ascii_lowercase().as_str() {
            "https" => false,
            "http" => true,
            _ => return Err("its scheme is neither `https` nor `http`".to_owned()),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = authority_parts(authority, plain_http)?;
        Ok(Self { plain_http, host, port, path: encoded(path) })
    }

    /// Resolves a `Location` header relative to this target.
    pub(super) fn join(&self, location: &str) -> Result<Self, String> {
        check(location)?;
        let scheme = if self.plain_http { "http" } else { "https" };
        if has_scheme(location) {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{scheme}:{location}"));
        }
        let base = self.path.split('?').next().unwrap_or("/");
        let reference = location.split('#').next().unwrap_or_default();
        let (path, query) = match reference.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (reference, None),
        };
        let joined = match (path, query) {
            ("", None) => self.path.clone(),
            ("", Some(query)) => format!("{base}?{query}"),
            (path, query) => {
                let merged = match path.starts_with('/') {
                    true => path.to_owned(),
                    false => format!("{}{path}", &base[..=base.rfind('/').unwrap_or(0)]),
                };
                let path = without_dots(&merged);
                query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
            }
        };
        Ok(Self { path: encoded(&joined), ..self.clone() })
    }

    /// Returns whether scheme, host and port are the same.
    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        (self.plain_http, &self.host, self.port) == (other.plain_http, &other.host, other.port)
    }

    /// Returns scheme, host and port as a manifest declares them: `api.example.com`, `http://api.example.com:8080`.
    pub(super) fn declared(&self) -> String {
        let scheme = if self.plain_http { "http://" } else { "" };
        format!("{scheme}{}{}", self.host, self.written_port())
    }

    fn written_port(&self) -> String {
        let usual = if self.plain_http { 80 } else { 443 };
        if self.port == usual { String::new() } else { format!(":{}", self.port) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.plain_http { "http" } else { "https" };
        write!(f, "{scheme}://{}{}{}", self.host, self.written_port(), self.path)
    }
}

fn check(text: &str) -> Result<(), String> {
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes; the limit is {LONGEST}", text.len()));
    }
    if text.chars().any(char::is_control) {
        return Err("it contains a control character".to_owned());
    }
    Ok(())
}

fn authority_parts(authority: &str, plain_http: bool) -> Result<(String, u16), String> {
    if authority.contains('@') {
        return Err("it contains a user name; send credentials in a header".to_owned());
    }
    if authority.starts_with('[') {
        return Err("its host is an IPv6 address; hosts are reached by name".to_owned());
    }
    let (name, port) = match authority.split_once(':') {
        None => (authority, if plain_http { 80 } else { 443 }),
        Some((name, port)) => {
            let is_number = !port.is_empty() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
            let port = port.parse().ok().filter(|port| is_number && *port != 0);
            (name, port.ok_or("its port is not a number from 1 to 65535")?)
        }
    };
    let name = name.to_ascii_lowercase();
    if !name.is_ascii() {
        return Err("its host is not ASCII; write an international name in its form that starts with `xn--`".to_owned());
    }
    check_host_name(&name).map_err(|what| format!("its host is refused: {what}"))?;
    Ok((name, port))
}

/// Returns whether the text begins with a scheme (RFC 3986, section 3.1).
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// Returns path and query as they are sent: without a fragment, beginning with `/`, and with invalid characters percent-encoded.
fn encoded(path: &str) -> String {
    let path = path.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') {
        out.push('/');
    }
    out.extend(utf8_percent_encode(path, ENCODED));
    out
}

/// Removes dot segments (RFC 3986, section 5.2.4).
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = path.split('/').skip(1).peekable();
    while let Some(part) = rest.next() {
        let is_last = rest.peek().is_none();
        match part {
            "." | ".." => {
                if part == ".." {
                    parts.pop();
                }
                if is_last {
                    parts.push("");
                }
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn parses_urls_and_normalizes_them() {
        for (text, expected) in [
            ("https://api.example.com", "https://api.example.com/"),
            ("HTTPS://API.Example.COM:443/A?q=1#part", "https://api.example.com/A?q=1"),
            ("http://localhost:8080/x", "http://localhost:8080/x"),
            ("https://api.example.com:80/", "https://api.example.com:80/"),
            ("https://api.example.com?q=1", "https://api.example.com/?q=1"),
            ("https://api.example.com/a b/é|{}\\", "https://api.example.com/a%20b/%C3%A9%7C%7B%7D%5C"),
            ("https://api.example.com/%41@:8080/", "https://api.example.com/%41@:8080/"),
        ] {
            assert_eq!(Target::parse(text).map(|target| target.to_string()).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn refuses_ambiguous_urls() {
        for text in [
            "",
            "api.example.com",
            "//api.example.com",
            "/path",
            "https:/api.example.com",
            "https:api.example.com",
            "ftp://api.example.com",
            "file:///etc/passwd",
            "https://",
            "https:///x",
            "https://:443/",
            "https://user@api.example.com/",
            "https://user:pw@api.example.com/",
            "https://api.example.com@evil.example/",
            "https://api.example.com\\@evil.example/",
            "https://api.example.com\\.evil.example/",
            "https://api.example.com./",
            "https://api..example.com/",
            "https://api.example.com:/",
            "https://api.example.com:0/",
            "https://api.example.com:65536/",
            "https://api.example.com:+443/",
            "https://api.example.com:443:443/",
            "https://api.example.com%2eevil.example/",
            "https://api%00.example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://::1/",
            "https://１２７.0.0.1/",
            "https://bücher.example/",
            "https://api_x.example.com/",
            "https://api.example.com /",
            " https://api.example.com/",
            "https://api.example.com/\r\nHost: evil.example",
            "https://api.example.com/\t",
            "https://api.example.com/\0",
            &format!("https://api.example.com/{}", "a".repeat(9000)),
        ] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn resolves_locations_as_in_rfc_3986() {
        // The examples of RFC 3986, section 5.4, with the base `http://a/b/c/d;p?q`.
        let base = Target::parse("http://a.example/b/c/d;p?q").expect("a URL");
        for (location, expected) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g#s", "/b/c/g"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("./", "/b/c/"),
            ("..", "/b/"),
            ("../", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../g", "/g"),
            ("../../../g", "/g"),
            ("/./g", "/g"),
            ("/../g", "/g"),
            ("g.", "/b/c/g."),
            ("..g", "/b/c/..g"),
            ("./../g", "/b/g"),
            ("g/./h", "/b/c/g/h"),
            ("g/../h", "/b/c/h"),
            ("g?y/../x", "/b/c/g?y/../x"),
        ] {
            let joined = base.join(location).expect("a reference").to_string();
            assert_eq!(joined, format!("http://a.example{expected}"), "{location}");
        }
        assert_eq!(base.join("//g.example/x").expect("a reference").to_string(), "http://g.example/x");
        assert_eq!(base.join("https://g.example").expect("a reference").to_string(), "https://g.example/");
        for refused in ["http:g", "javascript:alert(1)", "//user@g.example/", "https://127.0.0.1/", "\u{7}"] {
            assert!(base.join(refused).is_err(), "{refused}");
        }
        // Some programs interpret `/\host` as another host. Here it is a path.
        assert_eq!(base.join("/\\evil.example/").expect("a path").to_string(), "http://a.example/%5Cevil.example/");
    }
}
