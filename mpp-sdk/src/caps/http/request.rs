//! `Request`: built step by step, sent by the host.

use std::fmt::Display;
use std::time::Duration;

use serde::Serialize;

use super::encode;
use super::error::{Error, ErrorKind};
use super::response::Response;
use crate::abi::{self, Call};

/// A request that is not sent yet. Made by [`get`](super::get) and its like.
///
/// `Debug` shows method and URL without the query: headers and queries carry secrets.
#[derive(Clone)]
#[must_use = "nothing is sent until `send` is called"]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    timeout: Option<Duration>,
    redirects: Option<u32>,
    /// What makes it unfit to be sent; told by `send`.
    fault: Option<String>,
}

impl Request {
    pub(super) fn new(method: String, url: String) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            content_type: None,
            body: Vec::new(),
            timeout: None,
            redirects: None,
            fault: None,
        }
    }

    /// Adds `name=value` to the query, percent-encoded.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        let fragment = self.url.find('#').map(|at| self.url.split_off(at)).unwrap_or_default();
        if !self.url.contains('?') {
            self.url.push('?');
        }
        let is_first = self.url.ends_with(['?', '&']);
        encode::pair(&mut self.url, is_first, name, &value.to_string());
        self.url.push_str(&fragment);
        self
    }

    /// Adds a header. `Host`, `Content-Length` and others that frame the message are the host's and are refused by `send`.
    pub fn header(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// `Authorization: Bearer TOKEN`.
    pub fn bearer(self, token: impl Display) -> Self {
        self.authorization(format!("Bearer {token}"))
    }

    /// `Authorization: Basic …`, from a user's name and password.
    pub fn basic(self, user: impl Display, password: impl Display) -> Self {
        let credentials = encode::base64(format!("{user}:{password}").as_bytes());
        self.authorization(format!("Basic {credentials}"))
    }

    fn authorization(mut self, value: String) -> Self {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        self.header("authorization", value)
    }

    /// The body: a value as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body = body,
            Err(error) => self.fault = Some(format!("the body cannot be written as JSON: {error}")),
        }
        self.content_type = Some("application/json");
        self
    }

    /// The body: names and values as a form.
    pub fn form<N: AsRef<str>, V: Display>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut form = String::new();
        for (name, value) in pairs {
            let is_first = form.is_empty();
            encode::pair(&mut form, is_first, name.as_ref(), &value.to_string());
        }
        self.body = form.into_bytes();
        self.content_type = Some("application/x-www-form-urlencoded");
        self
    }

    /// The body, as it is; say what it is with `.header("content-type", …)`.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.content_type = None;
        self
    }

    /// How long the answer may take, redirects and body included; never longer than what is left of the call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many redirects to follow; 10 where nothing is said. With 0 a redirect is an answer like any other.
    pub fn redirects(mut self, most: u32) -> Self {
        self.redirects = Some(most);
        self
    }

    /// Sends it and waits for the answer, whatever its status: [`Response::ok`] makes a status of 400 or more an error.
    ///
    /// # Errors
    /// [`Error`], whose kind says what went wrong.
    pub fn send(self) -> Result<Response, Error> {
        if let Some(fault) = self.fault {
            return Err(Error::new(ErrorKind::Invalid, fault));
        }
        let answer = abi::call(Call::HttpSend { request: &self.to_bytes() });
        let (_, reply) = answer.into_result().map_err(Error::of_host)?;
        Response::read(reply)
    }

    /// The length of the head (32 bits, little endian), the head, the body.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(b"{\"method\":");
        encode::json_string(&mut out, &self.method);
        out.extend_from_slice(b",\"url\":");
        encode::json_string(&mut out, &self.url);
        out.extend_from_slice(b",\"headers\":[");
        let mut header = |name: &str, value: &str| {
            if out.last() != Some(&b'[') {
                out.push(b',');
            }
            out.push(b'[');
            encode::json_string(&mut out, name);
            out.push(b',');
            encode::json_string(&mut out, value);
            out.push(b']');
        };
        for (name, value) in &self.headers {
            header(name, value);
        }
        let says_type = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let (Some(content_type), false) = (self.content_type, says_type) {
            header("content-type", content_type);
        }
        out.push(b']');
        let number = |out: &mut Vec<u8>, name: &str, number: u64| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(number.to_string().as_bytes());
        };
        if let Some(timeout) = self.timeout {
            let milliseconds = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
            number(&mut out, ",\"timeout_ms\":", milliseconds.max(1));
        }
        if let Some(redirects) = self.redirects {
            number(&mut out, ",\"redirects\":", redirects.into());
        }
        out.push(b'}');
        let head = u32::try_from(out.len() - 4).unwrap_or(u32::MAX);
        out[..4].copy_from_slice(&head.to_le_bytes());
        out.extend_from_slice(&self.body);
        out
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}
