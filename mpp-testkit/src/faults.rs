//! Faults: what goes wrong outside of a tool, brought about on purpose, in one line, the same each time.
//!
//! A fault acts where the real one would: behind the host's checks, with the host's own status and words. So a tool under a
//! fault is told what it would be told in production.
//!
//! One call under one fault: [`ToolBuilder::fault`](crate::ToolBuilder::fault). One call under all that it can meet: [`all`],
//! which is the same as [`Tool::under_every_fault`](crate::Tool::under_every_fault).

mod every;
mod report;
mod when;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use mpp_host::package::manifest::{Manifest, RuntimeKind};
use mpp_host::sandbox::FullDisk;
use mpp_host::sandbox::network::{Request, Response, TransportError};

use crate::answer::Answer;
use crate::mock_http::{Reply, check_host};
use crate::mode::Mode;
use crate::package::Failure;
pub use every::all;
pub use report::{FaultReport, Met, Outcome, Row};
use when::When;

/// One thing that goes wrong, and when.
///
/// A fault of a host is met by requests to it, any other by calls. Each happens every time, unless it says otherwise:
///
/// ```no_run
/// use mpp_testkit::Fault;
/// use serde_json::json;
///
/// let tool = mpp_testkit::tool!()
///     .http("api.crm.example", |_| json!([{ "name": "Ada" }]))
///     .fault(Fault::http_status("api.crm.example", 429).retry_after(2).nth(1))
///     .load();
/// tool.call("lookup", json!({ "query": "ada" })).assert_error("crm_down"); // the first request
/// tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada"); // the second
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a fault does nothing until a builder's `fault` takes it"]
pub struct Fault {
    what: What,
    when: When,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Http { host: String, name: String, answer: Result<Response, TransportError> },
    Call(CallFault),
}

/// What is wrong with a call as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFault {
    KvFull,
    KvBusy,
    KvDiskFull,
    DiskFull,
    Memory(usize),
    Time,
}

impl Fault {
    /// The server takes the request and never answers. The request's own time passes, without anybody waiting for it; a
    /// request that has none takes all of the call's, which ends in `timeout` as it would in production.
    pub fn http_timeout(host: impl Into<String>) -> Self {
        Self::broken(host, "http_timeout", TransportError::Timeout)
    }

    /// No connection comes about within the ten seconds that the host allows, or what the request has of them.
    pub fn http_connect_timeout(host: impl Into<String>) -> Self {
        Self::broken(host, "http_connect_timeout", TransportError::ConnectTimeout)
    }

    /// The name leads to no address.
    pub fn dns_failure(host: impl Into<String>) -> Self {
        Self::broken(host, "dns_failure", TransportError::NoAddress)
    }

    /// Nobody listens there.
    pub fn connection_refused(host: impl Into<String>) -> Self {
        Self::broken(host, "connection_refused", TransportError::Refused)
    }

    /// The connection breaks before there is an answer.
    pub fn connection_reset(host: impl Into<String>) -> Self {
        Self::broken(host, "connection_reset", TransportError::BrokenOff)
    }

    /// The connection ends before the body is as long as its `Content-Length` says.
    pub fn truncated_body(host: impl Into<String>) -> Self {
        Self::broken(host, "truncated_body", TransportError::Incomplete)
    }

    /// The body is longer than the host takes from any server.
    pub fn oversized_body(host: impl Into<String>) -> Self {
        Self::broken(host, "oversized_body", TransportError::TooLarge)
    }

    /// The server answers with this status and a short JSON body.
    pub fn http_status(host: impl Into<String>, status: u16) -> Self {
        let body = serde_json::json!({ "error": format!("status {status}, by a fault of the test") });
        Self::http(host, format!("http_status {status}"), (status, body))
    }

    /// The server answers with status 200 and a page of HTML: a captive portal, a proxy, a maintenance page.
    pub fn html_page(host: impl Into<String>) -> Self {
        let page = Reply::text("<!doctype html><title>Please sign in</title>").with_status(200);
        let page = match page.0 {
            Some(Ok(mut response)) => {
                response.headers = vec![("content-type".to_owned(), "text/html".to_owned())];
                Reply::from(response)
            }
            other => Reply(other),
        };
        Self::http(host, "html_page".to_owned(), page)
    }

    /// The server redirects to this URL. To a host that the manifest does not declare, the host follows none.
    pub fn redirect(host: impl Into<String>, url: impl Into<String>) -> Self {
        let url = url.into();
        Self::http(host, format!("redirect {url}"), Reply::redirect(url))
    }

    /// The server redirects to a host that no manifest declares.
    pub fn redirect_to_undeclared_host(host: impl Into<String>) -> Self {
        Self::http(host, "redirect_to_undeclared_host".to_owned(), Reply::redirect("https://undeclared.invalid/"))
    }

    /// The quota of the state is used up when the call starts to write: only what frees room still works.
    pub fn kv_full() -> Self {
        Self::call(CallFault::KvFull)
    }

    /// Another process holds the write lock of the state, with a real lock, until the call's time is over. Nobody waits: a
    /// call that needs the lock ends as if it had waited all its time.
    pub fn kv_busy() -> Self {
        Self::call(CallFault::KvBusy)
    }

    /// The disk of the state is full when the call is to be committed, with SQLite's own error for it. The disk is not
    /// really full: that takes rights which a test has not.
    pub fn kv_disk_full() -> Self {
        Self::call(CallFault::KvDiskFull)
    }

    /// The disk of the declared writable directories is full: files can be made, and nothing written into them. The sandbox
    /// answers in place of the disk, with the same number (`ENOSPC`): so it happens in the sandbox only, and there to core
    /// modules only.
    pub fn disk_full() -> Self {
        Self::call(CallFault::DiskFull)
    }

    /// The call may use so many bytes of memory. In the sandbox only: natively nothing counts them.
    pub fn memory_limit(bytes: usize) -> Self {
        Self::call(CallFault::Memory(bytes))
    }

    /// The call's time is over before the tool has done anything.
    pub fn time_limit() -> Self {
        Self::call(CallFault::Time)
    }

    /// Adds `Retry-After`, in seconds, where the fault is an answer of a server.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let What::Http { answer: Ok(response), .. } = &mut self.what {
            response.headers.push(("retry-after".to_owned(), seconds.to_string()));
        }
        self
    }

    /// Only the nth request to the host, or the nth call, counted from 1.
    pub fn nth(mut self, number: u64) -> Self {
        self.when = When::Nth(number);
        self
    }

    /// Only the first `number` of them.
    pub fn first(mut self, number: u64) -> Self {
        self.when = When::First(number);
        self
    }

    /// So large a part of them (0.0 to 1.0), chosen by the seed: the same seed chooses the same ones.
    pub fn sometimes(mut self, probability: f64, seed: u64) -> Self {
        self.when = When::Sometimes { probability, seed };
        self
    }

    fn broken(host: impl Into<String>, name: &str, error: TransportError) -> Self {
        Self { what: What::Http { host: host.into(), name: name.to_owned(), answer: Err(error) }, when: When::Always }
    }

    fn http(host: impl Into<String>, name: String, reply: impl Into<Reply>) -> Self {
        let answer = reply.into().0.unwrap_or(Ok(Response::default()));
        Self { what: What::Http { host: host.into(), name, answer }, when: When::Always }
    }

    fn call(fault: CallFault) -> Self {
        Self { what: What::Call(fault), when: When::Always }
    }

    /// Refuses what can never happen.
    pub(crate) fn check(&self, manifest: &Manifest, mode: Mode) -> Result<(), Failure> {
        let can = &manifest.capabilities;
        if let Some(reason) = self.sandbox_only().filter(|_| mode == Mode::Native) {
            return Err(Failure::new(
                format!("the fault `{self}` happens in the sandbox only, and this test runs natively; {reason}"),
                "`.sandboxed()` before `.load()` runs this test in the sandbox, whatever `MPP_TEST_MODE` says",
            ));
        }
        if let When::Sometimes { probability, .. } = self.when
            && !(0.0..=1.0).contains(&probability)
        {
            return Err(Failure::new(
                format!("the fault `{self}` has the probability {probability}: it is 0.0 to 1.0"),
                "",
            ));
        }
        if let When::Nth(0) = self.when {
            return Err(Failure::new(
                format!("the fault `{self}` is for call or request 0: they are counted from 1"),
                "",
            ));
        }
        let needs = match &self.what {
            What::Http { host, .. } => return check_host(host, &format!("the fault `{self}`"), can).map(drop),
            What::Call(CallFault::KvFull | CallFault::KvBusy | CallFault::KvDiskFull) if can.kv.is_none() => "`kv`",
            What::Call(CallFault::DiskFull) if can.filesystem.write.is_empty() => "a path under `filesystem.write`",
            What::Call(CallFault::DiskFull) if manifest.runtime.kind == RuntimeKind::Wasip2 => {
                return Err(Failure::new(
                    format!(
                        "the fault `{self}` can never happen: the package is a component, whose files the host does not see"
                    ),
                    "leave it out; a full disk can be made for core modules (`wasm32-wasip1`) only",
                ));
            }
            What::Call(_) => return Ok(()),
        };
        Err(Failure::new(format!("the fault `{self}` can never happen: the manifest does not declare {needs}"), ""))
    }

    /// Why nothing but the sandbox can bring it about, where that is so.
    pub(crate) fn sandbox_only(&self) -> Option<&'static str> {
        match self.what {
            What::Call(CallFault::DiskFull) => Some("there the files are the operating system's own"),
            What::Call(CallFault::Memory(_)) => Some("there nothing counts the memory"),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Http { host, name, .. } => write!(f, "{name} ({host})")?,
            What::Call(CallFault::KvFull) => f.write_str("kv_full")?,
            What::Call(CallFault::KvBusy) => f.write_str("kv_busy")?,
            What::Call(CallFault::KvDiskFull) => f.write_str("kv_disk_full")?,
            What::Call(CallFault::DiskFull) => f.write_str("disk_full")?,
            What::Call(CallFault::Memory(0)) => f.write_str("memory_limit")?,
            What::Call(CallFault::Memory(bytes)) => write!(f, "memory_limit {bytes}")?,
            What::Call(CallFault::Time) => f.write_str("time_limit")?,
        }
        write!(f, "{}", self.when)
    }
}

/// A fault of one loaded tool, and how often it could happen so far.
#[derive(Debug)]
pub(crate) struct Armed {
    fault: Fault,
    seen: AtomicU64,
    met: AtomicU64,
    /// Counts what it refuses, where it is a full disk.
    disk: FullDisk,
}

impl Armed {
    pub(crate) fn new(fault: Fault) -> Self {
        Self { fault, seen: AtomicU64::new(0), met: AtomicU64::new(0), disk: FullDisk::default() }
    }

    /// What a request is answered, where this fault is its own and happens now.
    pub(crate) fn of_request(&self, request: &Request) -> Option<Result<Response, TransportError>> {
        let What::Http { host, answer, .. } = &self.fault.what else { return None };
        let is_for = crate::mock_http::same_host(host, request.host());
        (is_for && self.happens()).then(|| answer.clone())
    }

    /// What is wrong with the call that starts now.
    pub(crate) fn of_call(&self) -> Option<CallFault> {
        let What::Call(fault) = self.fault.what else { return None };
        self.happens().then_some(fault)
    }

    /// The disk that is full.
    pub(crate) fn disk(&self) -> &FullDisk {
        &self.disk
    }

    /// Whether it has happened in this one call, which answered this.
    fn was_met(&self, answer: &Answer) -> bool {
        match self.fault.what {
            What::Call(CallFault::DiskFull) => self.disk.refused() > 0,
            What::Call(CallFault::KvFull | CallFault::KvBusy | CallFault::KvDiskFull)
                if !answer.report().touched.kv =>
            {
                false
            }
            _ => self.met.load(Ordering::SeqCst) > 0,
        }
    }

    fn happens(&self) -> bool {
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        let happens = self.fault.when.holds(number);
        self.met.fetch_add(u64::from(happens), Ordering::SeqCst);
        happens
    }
}
