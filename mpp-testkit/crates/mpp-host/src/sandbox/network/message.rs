//! Parses and checks the requests that tools pass to `http_send`, and writes the responses.
//!
//! Both have the same format: the length of the head (32 bits, little endian), the head (JSON), and the body.

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::limits::NetworkLimits;
use super::url::Target;
use super::wire::Response;
use crate::package::manifest::is_framing;
use crate::sandbox::failure::{Failure, Status};

/// Maximum length of a request's head without its headers, in bytes.
const HEAD: usize = 16 * 1024;
/// Maximum length of a method, in bytes.
const METHOD: usize = 32;

/// A tool's request after all checks except that of its host.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) method: String,
    pub(super) target: Target,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Vec<u8>,
    pub(super) timeout_ms: Option<u64>,
    pub(super) redirects: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestHead {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    redirects: Option<u32>,
}

#[derive(Serialize)]
struct ResponseHead<'a> {
    status: u16,
    url: String,
    headers: &'a [(String, String)],
}

fn invalid(sentence: impl Into<String>) -> Failure {
    (Status::Invalid, sentence.into())
}

fn too_large(sentence: String) -> Failure {
    (Status::TooLarge, sentence)
}

impl Outgoing {
    /// Parses and checks the bytes that a tool passed to `http_send`.
    pub(super) fn read(bytes: &[u8], limits: &NetworkLimits) -> Result<Self, Failure> {
        let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
            return Err(invalid("a request must begin with the length of its head, which has four bytes"));
        };
        let length = u32::from_le_bytes(*length) as usize;
        let Some((head, body)) = rest.split_at_checked(length) else {
            return Err(invalid(format!("the head should have {length} bytes, but only {} follow", rest.len())));
        };
        if length > HEAD + 2 * limits.header_bytes {
            return Err(too_large(format!("the request's head has {length} bytes")));
        }
        if body.len() > limits.request_body {
            let (found, most) = (body.len(), limits.request_body);
            return Err(too_large(format!("the request's body has {found} bytes; the limit is {most}")));
        }
        let head: RequestHead = serde_json::from_slice(head)
            .map_err(|error| invalid(format!("the request's head is malformed: {error}")))?;
        let target = Target::parse(&head.url).map_err(|what| invalid(format!("the URL is not allowed: {what}")))?;
        Ok(Self {
            method: method(head.method)?,
            target,
            headers: headers(&head.headers, limits)?,
            body: body.to_vec(),
            timeout_ms: head.timeout_ms,
            redirects: head.redirects.unwrap_or(limits.redirects).min(limits.redirects),
        })
    }
}

/// Checks a method: a token, according to RFC 9110, section 9.1. Common methods are converted to upper case, as `fetch` does.
fn method(mut method: String) -> Result<String, Failure> {
    if http::Method::from_bytes(method.as_bytes()).is_err() || method.len() > METHOD {
        return Err(invalid("the method is not valid"));
    }
    let upper = method.to_ascii_uppercase();
    match upper.as_str() {
        "CONNECT" | "TRACE" | "TRACK" => return Err(invalid(format!("the method `{upper}` is not allowed"))),
        "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT" => method = upper,
        _ => {}
    }
    Ok(method)
}

fn headers(given: &[(String, String)], limits: &NetworkLimits) -> Result<Vec<(HeaderName, HeaderValue)>, Failure> {
    if given.len() > limits.headers {
        return Err(too_large(format!("the request has {} headers; the limit is {}", given.len(), limits.headers)));
    }
    let bytes: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > limits.header_bytes {
        let most = limits.header_bytes;
        return Err(too_large(format!("the request's headers have {bytes} bytes; the limit is {most}")));
    }
    let header = |(name, value): &(String, String)| {
        let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
        let header =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid(format!("`{shown}` is not a header name")))?;
        if is_framing(header.as_str()) {
            return Err(invalid(format!("the header `{shown}` is reserved for the host; leave it out")));
        }
        let value = HeaderValue::from_bytes(value.as_bytes())
            .map_err(|_| invalid(format!("the value of the header `{shown}` contains a control character")))?;
        Ok((header, value))
    };
    given.iter().map(header).collect()
}

/// Writes the response in the format that the tool receives from `reply_take`.
pub(super) fn reply(target: &Target, response: &Response) -> Vec<u8> {
    let head = ResponseHead { status: response.status, url: target.to_string(), headers: &response.headers };
    let mut out = Vec::with_capacity(response.body.len() + 1024);
    out.extend_from_slice(&[0; 4]);
    // Serialising strings to memory cannot fail.
    let _ = serde_json::to_writer(&mut out, &head);
    let length = u32::try_from(out.len() - 4).unwrap_or(u32::MAX);
    out[..4].copy_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&response.body);
    out
}

#[cfg(test)]
mod tests {
    use super::{NetworkLimits, Outgoing, Status};

    fn read(head: &str, body: &[u8]) -> Result<Outgoing, (Status, String)> {
        let mut bytes = u32::try_from(head.len()).expect("short").to_le_bytes().to_vec();
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(body);
        Outgoing::read(&bytes, &NetworkLimits::default())
    }

    fn with(method: &str, headers: &str) -> Result<Outgoing, (Status, String)> {
        read(&format!("{{\"method\":\"{method}\",\"url\":\"https://a.example\",\"headers\":[{headers}]}}"), b"")
    }

    #[test]
    fn accepts_valid_requests() {
        let request = with("post", r#"["X-Own","é a"],["accept","*/*"],["Accept","text/html"]"#).expect("a request");
        assert_eq!((request.method.as_str(), request.headers.len(), request.redirects), ("POST", 3, 10));
        assert_eq!(with("PROPFIND", "").expect("a request").method, "PROPFIND");
        let request = read(r#"{"method":"GET","url":"https://a.example","redirects":99,"timeout_ms":5}"#, b"body");
        let request = request.expect("a request");
        assert_eq!((request.redirects, request.timeout_ms, request.body.as_slice()), (10, Some(5), b"body".as_slice()));
    }

    #[test]
    fn refuses_reserved_headers_and_methods() {
        for method in ["CONNECT", "connect", "Trace", "TRACK", "", "GET x", "GET\\r\\n", &"A".repeat(40)] {
            assert_eq!(with(method, "").expect_err(method).0, Status::Invalid, "{method}");
        }
        for name in [
            "Host",
            "content-length",
            "Transfer-Encoding",
            "CONNECTION",
            "Proxy-Authorization",
            "proxy-connection",
            "TE",
            "Upgrade",
            "Expect",
            "Keep-Alive",
            "Trailer",
            "",
            "a b",
            "a:",
            "a\\r\\nb",
            "\\u0000",
        ] {
            assert_eq!(with("GET", &format!("[\"{name}\",\"x\"]")).expect_err(name).0, Status::Invalid, "{name}");
        }
        for value in ["a\\r\\nHost: evil.example", "a\\n", "\\u0000", "\\u007f"] {
            assert_eq!(with("GET", &format!("[\"x\",\"{value}\"]")).expect_err(value).0, Status::Invalid, "{value}");
        }
    }

    #[test]
    fn refuses_malformed_and_oversized_requests() {
        for bytes in [&b""[..], b"\0\0\0", b"\xff\xff\xff\xff{}", b"\x02\0\0\0{}", b"\x05\0\0\0[1,2]"] {
            let (status, _) = Outgoing::read(bytes, &NetworkLimits::default()).expect_err("refused");
            assert_eq!(status, Status::Invalid);
        }
        assert_eq!(
            read(r#"{"method":"GET","url":"https://a.example","x":1}"#, b"").expect_err("unknown").0,
            Status::Invalid
        );
        let large = vec![0; NetworkLimits::default().request_body + 1];
        let head = r#"{"method":"GET","url":"https://a.example"}"#;
        assert_eq!(read(head, &large).expect_err("too large").0, Status::TooLarge);
        let many = vec![r#"["a","b"]"#; 101].join(",");
        assert_eq!(with("GET", &many).expect_err("too many").0, Status::TooLarge);
        let long = format!("[\"a\",\"{}\"]", "b".repeat(70_000));
        assert_eq!(with("GET", &long).expect_err("too long").0, Status::TooLarge);
    }
}
