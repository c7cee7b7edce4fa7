//! Faults: failures that are injected on purpose.

mod active;
mod call;
mod outcome;
mod schedule;

use std::fmt;

use mpp_host::package::manifest::Manifest;
use mpp_host::sandbox::network::{Response, TransportError};

use crate::error::PrepareError;
use crate::hosts::check_host;
use crate::reply::Reply;
pub use active::ActiveFault;
pub use call::CallFaults;
pub use outcome::Outcome;
use schedule::Schedule;

/// A failure that is injected on purpose, and when.
///
/// A fault acts where a real failure would: behind the host's checks, with the host's own status and message. A tool under
/// a fault therefore receives the error that it would receive in production.
///
/// Faults of a host apply to requests to it, all others to calls. By default a fault applies every time; [`nth`](Self::nth),
/// [`first`](Self::first) and [`sometimes`](Self::sometimes) restrict it.
///
/// ```
/// use mpp_recording::Fault;
///
/// let fault = Fault::http_status("api.crm.example", 429).retry_after(2).nth(1);
/// assert_eq!(fault.to_string(), "http_status 429 (api.crm.example), number 1");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a fault has no effect until it is added to a tool"]
pub struct Fault {
    kind: Kind,
    schedule: Schedule,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Http { host: String, name: String, answer: Result<Response, TransportError> },
    Call(CallFault),
}

/// A failure that concerns a call as a whole. Whoever makes the call brings it about: see [`ActiveFault::for_call`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallFault {
    /// The quota of the state is used up.
    KvFull,
    /// Another process holds the write lock of the state.
    KvBusy,
    /// The disk of the state is full when the call is committed.
    KvDiskFull,
    /// The disk of the writable directories is full.
    DiskFull,
    /// The call may use this many bytes of memory.
    Memory(usize),
    /// The call's time is already over.
    Time,
}

impl Fault {
    /// The server accepts the request and never responds. The request's own timeout passes at once, without waiting. A
    /// request without a timeout uses up the time of the whole call, which then fails with `timeout`, as in production.
    pub fn http_timeout(host: impl Into<String>) -> Self {
        Self::transport(host, "http_timeout", TransportError::Timeout)
    }

    /// No connection is made within the ten seconds that the host allows, or within the request's timeout if it is shorter.
    pub fn http_connect_timeout(host: impl Into<String>) -> Self {
        Self::transport(host, "http_connect_timeout", TransportError::ConnectTimeout)
    }

    /// The name of the host does not resolve to an address.
    pub fn dns_failure(host: impl Into<String>) -> Self {
        Self::transport(host, "dns_failure", TransportError::NoAddress)
    }

    /// The host refuses the connection.
    pub fn connection_refused(host: impl Into<String>) -> Self {
        Self::transport(host, "connection_refused", TransportError::Refused)
    }

    /// The connection is reset before there is a response.
    pub fn connection_reset(host: impl Into<String>) -> Self {
        Self::transport(host, "connection_reset", TransportError::BrokenOff)
    }

    /// The connection ends before the body is as long as its `Content-Length`.
    pub fn truncated_body(host: impl Into<String>) -> Self {
        Self::transport(host, "truncated_body", TransportError::Incomplete)
    }

    /// The body is larger than the host's limit for responses.
    pub fn oversized_body(host: impl Into<String>) -> Self {
        Self::transport(host, "oversized_body", TransportError::TooLarge)
    }

    /// The server responds with this status and a short JSON body.
    pub fn http_status(host: impl Into<String>, status: u16) -> Self {
        let body = serde_json::json!({ "error": format!("status {status}, injected as a fault") });
        Self::http(host, format!("http_status {status}"), (status, body))
    }

    /// The server responds with status 200 and an HTML page, as a captive portal, a proxy or a maintenance page does.
    pub fn html_page(host: impl Into<String>) -> Self {
        let page = Reply::html("<!doctype html><title>Please sign in</title>");
        Self::http(host, "html_page".to_owned(), page)
    }

    /// The server redirects to `url`. The host does not follow a redirect to a host that the manifest does not declare.
    pub fn redirect(host: impl Into<String>, url: impl Into<String>) -> Self {
        let url = url.into();
        Self::http(host, format!("redirect {url}"), Reply::redirect(url))
    }

    /// The server redirects to a host that no manifest declares.
    pub fn redirect_to_undeclared_host(host: impl Into<String>) -> Self {
        Self::http(host, "redirect_to_undeclared_host".to_owned(), Reply::redirect("https://undeclared.invalid/"))
    }

    /// The quota of the state is used up when the call first writes: only writes that free space succeed.
    pub fn kv_full() -> Self {
        Self::call(CallFault::KvFull)
    }

    /// Another process holds the write lock of the state until the time limit of the call is reached. The lock is real, but nothing
    /// waits: a call that needs the lock ends as if it had waited all its time.
    pub fn kv_busy() -> Self {
        Self::call(CallFault::KvBusy)
    }

    /// The disk of the state is full when the call is committed, with SQLite's own error. The disk is not really full.
    pub fn kv_disk_full() -> Self {
        Self::call(CallFault::KvDiskFull)
    }

    /// The disk of the writable directories is full: files can be created, but nothing can be written to them. The sandbox
    /// returns `ENOSPC` in place of the disk, so this works in the sandbox only.
    pub fn disk_full() -> Self {
        Self::call(CallFault::DiskFull)
    }

    /// The call may use at most this many bytes of memory. Works in the sandbox only.
    pub fn memory_limit(bytes: usize) -> Self {
        Self::call(CallFault::Memory(bytes))
    }

    /// The call's time is over before the tool has done anything.
    pub fn time_limit() -> Self {
        Self::call(CallFault::Time)
    }

    /// Adds a `Retry-After` header, in seconds, if the fault is a response of a server.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Kind::Http { answer: Ok(response), .. } = &mut self.kind {
            response.headers.push(("retry-after".to_owned(), seconds.to_string()));
        }
        self
    }

    /// Applies to the nth request to the host, or the nth call, only; counted from 1.
    pub fn nth(mut self, number: u64) -> Self {
        self.schedule = Schedule::Nth(number);
        self
    }

    /// Applies to the first `number` requests or calls only.
    pub fn first(mut self, number: u64) -> Self {
        self.schedule = Schedule::First(number);
        self
    }

    /// Applies to a fraction (0.0 to 1.0) of the requests or calls. The same seed selects the same ones.
    pub fn sometimes(mut self, probability: f64, seed: u64) -> Self {
        self.schedule = Schedule::Sometimes { probability, seed };
        self
    }

    fn transport(host: impl Into<String>, name: &str, error: TransportError) -> Self {
        Self::http(host, name.to_owned(), error)
    }

    fn http(host: impl Into<String>, name: String, reply: impl Into<Reply>) -> Self {
        // None of the replies above passes the request on.
        let answer = reply.into().into_answer().unwrap_or(Ok(Response::default()));
        Self { kind: Kind::Http { host: host.into(), name, answer }, schedule: Schedule::Always }
    }

    fn call(fault: CallFault) -> Self {
        Self { kind: Kind::Call(fault), schedule: Schedule::Always }
    }

    /// Checks that the fault can happen to a package with this manifest.
    ///
    /// # Errors
    /// Returns a [`PrepareError`] if it cannot: its host or capability is not declared, or its schedule is not valid.
    pub fn check(&self, manifest: &Manifest) -> Result<(), PrepareError> {
        let fault = self.to_string();
        match self.schedule {
            Schedule::Sometimes { probability, .. } if !(0.0..=1.0).contains(&probability) => {
                return Err(PrepareError::InvalidProbability { fault, probability });
            }
            Schedule::Nth(0) => return Err(PrepareError::CountedFromOne { fault }),
            _ => {}
        }
        let declared = &manifest.capabilities;
        let capability = match &self.kind {
            Kind::Http { host, .. } => return check_host(host, &format!("the fault `{fault}`"), &declared.network),
            Kind::Call(CallFault::KvFull | CallFault::KvBusy | CallFault::KvDiskFull) if declared.kv.is_none() => {
                "`kv`"
            }
            Kind::Call(CallFault::DiskFull) if declared.filesystem.write.is_empty() => {
                "a path under `filesystem.write`"
            }
            Kind::Call(_) => return Ok(()),
        };
        Err(PrepareError::CapabilityMissing { fault, capability })
    }

    /// Returns why only the sandbox can bring the fault about; `None` where in-process calls can meet it too.
    #[must_use]
    pub fn sandbox_only(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Call(CallFault::DiskFull) => Some("in-process calls use the files of the operating system"),
            Kind::Call(CallFault::Memory(_)) => Some("the memory of in-process calls is not limited"),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Http { host, name, .. } => write!(f, "{name} ({host})")?,
            Kind::Call(CallFault::KvFull) => f.write_str("kv_full")?,
            Kind::Call(CallFault::KvBusy) => f.write_str("kv_busy")?,
            Kind::Call(CallFault::KvDiskFull) => f.write_str("kv_disk_full")?,
            Kind::Call(CallFault::DiskFull) => f.write_str("disk_full")?,
            Kind::Call(CallFault::Memory(0)) => f.write_str("memory_limit")?,
            Kind::Call(CallFault::Memory(bytes)) => write!(f, "memory_limit {bytes}")?,
            Kind::Call(CallFault::Time) => f.write_str("time_limit")?,
        }
        write!(f, "{}", self.schedule)
    }
}
