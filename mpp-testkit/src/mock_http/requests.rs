//! The HTTP requests that a tool has sent, and assertions about them.

use std::fmt::Write as _;
use std::ops::Deref;

use mpp_host::sandbox::network::Request;
use mpp_recording::{Masks, SentRequest, line_diff};
use serde_json::Value;

use crate::failure::{block, fail};

/// The requests that a tool has sent so far, in order, with the headers that the host added:
/// [`Tool::requests`](crate::Tool::requests).
///
/// Dereferences to a slice of [`SentRequest`]. Messages of failed assertions contain no secrets.
///
/// ```no_run
/// # use serde_json::json;
/// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
/// tool.call("lookup", json!({ "query": "ada" }));
/// tool.requests()
///     .assert_count(1)
///     .assert_requested("GET", "https://api.crm.example/v1/customers?q=ada&limit=10")
///     .assert_header("authorization", "Bearer a key for tests");
/// ```
#[derive(Debug, Clone)]
pub struct Requests {
    sent: Vec<SentRequest>,
    masks: Masks,
}

/// A request that [`Requests::assert_requested`] has found, for further assertions.
#[derive(Debug, Clone, Copy)]
pub struct FoundRequest<'a> {
    sent: &'a SentRequest,
    masks: &'a Masks,
}

impl Requests {
    pub(crate) fn new(sent: Vec<SentRequest>, masks: Masks) -> Self {
        Self { sent, masks }
    }

    /// Asserts that a request with this method and URL was sent, and returns the last one.
    ///
    /// # Panics
    /// Panics if there was none. The message lists the requests that were sent.
    #[track_caller]
    pub fn assert_requested(&self, method: &str, url: &str) -> FoundRequest<'_> {
        let found = self.sent.iter().rev().find(|sent| sent.request.method == method && sent.request.url == url);
        match found {
            Some(sent) => FoundRequest { sent, masks: &self.masks },
            None => self.fail(&format!("the tool did not send the request `{method} {}`", self.masks.hide(url))),
        }
    }

    /// Asserts the number of requests that were sent.
    ///
    /// # Panics
    /// Panics if the number differs. The message lists the requests that were sent.
    #[track_caller]
    pub fn assert_count(&self, expected: usize) -> &Self {
        if self.sent.len() != expected {
            let requests = if expected == 1 { "request" } else { "requests" };
            self.fail(&format!("expected {expected} {requests}, found {}", self.sent.len()));
        }
        self
    }

    #[track_caller]
    fn fail(&self, message: &str) -> ! {
        let mut list = String::new();
        for SentRequest { request, outcome, .. } in &self.sent {
            let outcome = outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string);
            // Writing to a string cannot fail.
            let _ = writeln!(list, "{} {}  → {outcome}", request.method, self.masks.hide(&request.url));
        }
        let list = if list.is_empty() { "none".to_owned() } else { list };
        fail(format_args!("{message}{}", block("requests that were sent:", &list)), "")
    }
}

impl Deref for Requests {
    type Target = [SentRequest];
    fn deref(&self) -> &[SentRequest] {
        &self.sent
    }
}

impl FoundRequest<'_> {
    /// Asserts that the request had a header with this value.
    ///
    /// # Panics
    /// Panics if it had no such header.
    #[track_caller]
    pub fn assert_header(self, name: &str, expected: &str) -> Self {
        let headers = &self.sent.request.headers;
        let found: Vec<&str> = headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        if found.contains(&expected) {
            return self;
        }
        match found.as_slice() {
            [] => self.fail(&format!("the request has no header `{name}`")),
            found => {
                let found: Vec<String> = found.iter().map(|value| self.masks.header(name, value)).collect();
                let expected = self.masks.header(name, expected);
                self.fail(&format!(
                    "the header `{name}` is not as expected\nexpected: {expected}\n   found: {}",
                    found.join(", ")
                ))
            }
        }
    }

    /// Asserts that the request had no header with this name.
    ///
    /// # Panics
    /// Panics if it had one.
    #[track_caller]
    pub fn assert_no_header(self, name: &str) -> Self {
        match self.sent.request.header(name) {
            None => self,
            Some(_) => self.fail(&format!("the request has a header `{name}`; expected none")),
        }
    }

    /// Asserts the JSON body of the request.
    ///
    /// # Panics
    /// Panics if the body differs, or is not JSON.
    #[track_caller]
    pub fn assert_json(self, expected: impl Into<Value>) -> Self {
        let (expected, found) = (expected.into(), self.sent.request.json());
        if found.as_ref() == Some(&expected) {
            return self;
        }
        let pretty = |value: &Value| self.masks.hide(&serde_json::to_string_pretty(value).unwrap_or_default());
        match found {
            None => self.fail("the body of the request is not JSON"),
            Some(found) => {
                let difference = line_diff::diff(&pretty(&expected), &pretty(&found));
                self.fail(&format!("the body of the request is not as expected\n{difference}"))
            }
        }
    }

    /// Returns the request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.sent.request
    }

    #[track_caller]
    fn fail(self, message: &str) -> ! {
        fail(format_args!("{message}{}", block("the request:", &self.sent.text(self.masks))), "")
    }
}
