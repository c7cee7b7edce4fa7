//! What a tool has sent: after the host's checks, injected headers included.

use std::fmt::Write as _;
use std::ops::Deref;

use mpp_host::sandbox::network::Request;
use serde_json::Value;

use super::mock::counted;
use super::unmatched;
use crate::difference;
use crate::failure::{block, fail};
use crate::masks::Masks;

/// The requests of a loaded tool so far, in the order in which they were sent: [`Tool::requests`](crate::Tool::requests).
///
/// It is a slice of [`Sent`]. What an assertion prints has no secret in it.
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
    sent: Vec<Sent>,
    masks: Masks,
}

/// One request and how it ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sent {
    /// The request as it went out.
    pub request: Request,
    /// The status of the answer, or why there was none.
    pub outcome: Result<u16, String>,
}

/// One request that an assertion has found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    sent: &'a Sent,
    masks: &'a Masks,
}

impl Requests {
    pub(crate) fn new(sent: Vec<Sent>, masks: Masks) -> Self {
        Self { sent, masks }
    }

    /// A request with this method and this URL was sent; the last one of them, for further assertions.
    ///
    /// # Panics
    /// Where there was none; the message lists what was sent.
    #[track_caller]
    pub fn assert_requested(&self, method: &str, url: &str) -> Found<'_> {
        let found = self.sent.iter().rev().find(|sent| sent.request.method == method && sent.request.url == url);
        match found {
            Some(sent) => Found { sent, masks: &self.masks },
            None => self.fail(&format!("no request was `{method} {}`", self.masks.hide(url))),
        }
    }

    /// So many requests were sent.
    ///
    /// # Panics
    /// Where it were more or fewer.
    #[track_caller]
    pub fn assert_count(&self, expected: usize) -> &Self {
        if self.sent.len() != expected {
            let (expected, found) = (counted(expected, "request", "requests"), self.sent.len());
            self.fail(&format!("expected {expected}, found {found}"));
        }
        self
    }

    #[track_caller]
    fn fail(&self, message: &str) -> ! {
        let mut list = String::new();
        for Sent { request, outcome } in &self.sent {
            let outcome = outcome.as_ref().map_or_else(ToString::to_string, ToString::to_string);
            // Writing to a string does not fail.
            let _ = writeln!(list, "{} {}  → {outcome}", request.method, self.masks.hide(&request.url));
        }
        let list = if list.is_empty() { "none".to_owned() } else { list };
        fail(format_args!("{message}{}", block("sent were:", &list)), "")
    }
}

impl Deref for Requests {
    type Target = [Sent];
    fn deref(&self) -> &[Sent] {
        &self.sent
    }
}

impl Found<'_> {
    /// It had this header with this value.
    ///
    /// # Panics
    /// Where it had none of the name, or none with the value.
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
                self.fail(&format!("the header `{name}` is `{}`, expected `{expected}`", found.join("`, `")))
            }
        }
    }

    /// It had no header of this name.
    ///
    /// # Panics
    /// Where it had one.
    #[track_caller]
    pub fn assert_no_header(self, name: &str) -> Self {
        match self.sent.request.header(name) {
            None => self,
            Some(_) => self.fail(&format!("the request has a header `{name}`")),
        }
    }

    /// Its body was this JSON.
    ///
    /// # Panics
    /// Where it was another.
    #[track_caller]
    pub fn assert_json(self, expected: impl Into<Value>) -> Self {
        let (expected, found) = (expected.into(), self.sent.request.json());
        if found.as_ref() == Some(&expected) {
            return self;
        }
        let pretty = |value: &Value| self.masks.hide(&serde_json::to_string_pretty(value).unwrap_or_default());
        match found {
            None => self.fail("the body is no JSON"),
            Some(found) => {
                let difference = difference::lines(&pretty(&expected), &pretty(&found));
                self.fail(&format!("the body is another than expected\n{difference}"))
            }
        }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.sent.request
    }

    #[track_caller]
    fn fail(self, message: &str) -> ! {
        fail(format_args!("{message}{}", unmatched::shown(&self.sent.request, self.masks)), "")
    }
}
