//! `Request`: a builder for requests, which the host sends.

use std::fmt::Display;
use std::time::Duration;

use serde::Serialize;

use super::encode;
use super::error::{Error, ErrorKind};
use super::response::Response;
use crate::{
    abi::{self, Call},
    media::base64,
};

/// A request to build and send. Created by [`get`](super::get), [`post`](super::post) and so on.
///
/// Its `Debug` output shows only the method and the URL without its query, since headers and queries may hold secrets.
#[derive(Clone)]
#[must_use = "a request is not sent until `send` is called"]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    timeout: Option<Duration>,
    redirects: Option<u32>,
    /// A mistake in building the request, which `send` returns.
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
    ///
    /// ```
    /// let request = mpp_sdk::http::get("https://api.crm.example/v1/customers").query("q", "ada & co").query("limit", 10);
    /// ```
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

    /// Adds a header. The host sets `Host`, `Content-Length` and other headers that frame the message; `send` refuses them.
    ///
    /// ```
    /// let request = mpp_sdk::http::get("https://api.crm.example/v1/customers").header("accept", "application/json");
    /// ```
    pub fn header(mut self, name: impl Into<String>, value: impl Display) -> Self {
        self.headers.push((name.into(), value.to_string()));
        self
    }

    /// Sets `Authorization: Bearer TOKEN`.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_sdk::Error> {
    /// let request = mpp_sdk::http::get("https://api.crm.example/").bearer_auth(mpp_sdk::env("CRM_API_KEY")?);
    /// # Ok(()) }
    /// ```
    pub fn bearer_auth(self, token: impl Display) -> Self {
        self.authorization(format!("Bearer {token}"))
    }

    /// Sets `Authorization: Basic …` from a user name and a password.
    pub fn basic_auth(self, username: impl Display, password: impl Display) -> Self {
        let credentials = base64(format!("{username}:{password}").as_bytes());
        self.authorization(format!("Basic {credentials}"))
    }

    fn authorization(mut self, value: String) -> Self {
        self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
        self.header("authorization", value)
    }

    /// Sets the body to a value serialized as JSON, and its content type.
    ///
    /// ```
    /// let note = mpp_sdk::serde_json::json!({ "text": "called" });
    /// let request = mpp_sdk::http::post("https://api.crm.example/v1/notes").json(&note);
    /// ```
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body = body,
            Err(error) => self.fault = Some(format!("the body cannot be serialized as JSON: {error}")),
        }
        self.content_type = Some("application/json");
        self
    }

    /// Sets the body to a URL-encoded form, and its content type.
    ///
    /// ```
    /// let request = mpp_sdk::http::post("https://id.example/token").form([("grant_type", "client_credentials")]);
    /// ```
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

    /// Sets the body to these bytes. Set its type with `.header("content-type", …)`.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.content_type = None;
        self
    }

    /// Limits the time until the response is complete, redirects included. The time limit of the call applies in any case.
    ///
    /// ```
    /// let request = mpp_sdk::http::get("https://api.crm.example/").timeout(std::time::Duration::from_secs(5));
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits the number of redirects to follow; the default is 10. With 0, `send` returns a redirect as the response.
    pub fn max_redirects(mut self, limit: u32) -> Self {
        self.redirects = Some(limit);
        self
    }

    /// Sends the request and returns the response, whatever its status: [`Response::error_for_status`] turns a status of
    /// 400 or more into an error.
    ///
    /// # Errors
    /// [`Error`], whose kind tells what failed.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_sdk::Error> {
    /// let response = mpp_sdk::http::get("https://api.crm.example/v1/customers/7").send()?;
    /// let exists = response.status() != 404;
    /// # Ok(()) }
    /// ```
    pub fn send(self) -> Result<Response, Error> {
        if let Some(fault) = self.fault {
            return Err(Error::new(ErrorKind::Invalid, fault));
        }
        let answer = abi::call(Call::HttpSend { request: &self.to_bytes() });
        let (_, reply) = answer.into_result().map_err(Error::of_host)?;
        Response::read(reply)
    }

    /// Returns the length of the head (32 bits, little endian), the head, and the body.
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
        let has_type = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if let (Some(content_type), false) = (self.content_type, has_type) {
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
