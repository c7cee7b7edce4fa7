//! Faults in a file of test cases.

use mpp_recording::Fault;
use schemars::JsonSchema;
use serde::Deserialize;

/// A failure that is injected.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GivenFault {
    /// What fails.
    pub kind: FaultKind,
    /// Host whose requests fail, for the kinds of HTTP.
    #[serde(default)]
    pub host: Option<String>,
    /// Status of the response, for `http_status`.
    #[serde(default)]
    pub status: Option<u16>,
    /// Seconds of the header `Retry-After`, for `http_status`.
    #[serde(default)]
    pub retry_after: Option<u64>,
    /// Where a `redirect` leads.
    #[serde(default)]
    pub url: Option<String>,
    /// Bytes of memory, for `memory_limit`.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Number of the only request that fails, counted from 1.
    #[serde(default)]
    pub nth: Option<u64>,
    /// Number of the first requests that fail.
    #[serde(default)]
    pub first: Option<u64>,
}

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The server never responds.
    HttpTimeout,
    /// No connection is made in time.
    HttpConnectTimeout,
    /// The name of the host does not resolve.
    DnsFailure,
    /// The host refuses the connection.
    ConnectionRefused,
    /// The connection is reset before there is a response.
    ConnectionReset,
    /// The connection ends within the body.
    TruncatedBody,
    /// The body is larger than the host's limit.
    OversizedBody,
    /// The server responds with `status`.
    HttpStatus,
    /// The server responds with an HTML page.
    HtmlPage,
    /// The server redirects to `url`.
    Redirect,
    /// The quota of the state is used up.
    KvFull,
    /// Another process holds the lock of the state.
    KvBusy,
    /// The disk of the state is full when the call is committed.
    KvDiskFull,
    /// The disk of the writable directories is full.
    DiskFull,
    /// The call may use only `bytes` of memory.
    MemoryLimit,
    /// The call's time is over before the tool has done anything.
    TimeLimit,
}

impl GivenFault {
    /// Returns the fault.
    ///
    /// # Errors
    /// The key that is missing or does not belong to the kind, and what is wrong with it.
    pub(crate) fn to_fault(&self) -> Result<Fault, (&'static str, String)> {
        use FaultKind as Kind;
        let is_http = !matches!(
            self.kind,
            Kind::KvFull | Kind::KvBusy | Kind::KvDiskFull | Kind::DiskFull | Kind::MemoryLimit | Kind::TimeLimit
        );
        let foreign = [
            ("host", self.host.is_some() && !is_http),
            ("status", self.status.is_some() && self.kind != Kind::HttpStatus),
            ("retry_after", self.retry_after.is_some() && self.kind != Kind::HttpStatus),
            ("url", self.url.is_some() && self.kind != Kind::Redirect),
            ("bytes", self.bytes.is_some() && self.kind != Kind::MemoryLimit),
            ("first", self.first.is_some() && self.nth.is_some()),
        ];
        if let Some((key, _)) = foreign.into_iter().find(|(_, is_foreign)| *is_foreign) {
            return Err((key, "this kind of fault does not have this key".to_owned()));
        }
        let missing = |key: &'static str| (key, format!("this kind of fault needs the key `{key}`"));
        let host = || if is_http { self.host.clone().ok_or_else(|| missing("host")) } else { Ok(String::new()) };
        let host = host()?;
        let fault = match self.kind {
            Kind::HttpTimeout => Fault::http_timeout(host),
            Kind::HttpConnectTimeout => Fault::http_connect_timeout(host),
            Kind::DnsFailure => Fault::dns_failure(host),
            Kind::ConnectionRefused => Fault::connection_refused(host),
            Kind::ConnectionReset => Fault::connection_reset(host),
            Kind::TruncatedBody => Fault::truncated_body(host),
            Kind::OversizedBody => Fault::oversized_body(host),
            Kind::HttpStatus => {
                let status = self.status.ok_or_else(|| missing("status"))?;
                if !(100..=599).contains(&status) {
                    return Err(("status", "expected a number from 100 to 599".to_owned()));
                }
                let fault = Fault::http_status(host, status);
                match self.retry_after {
                    Some(seconds) => fault.retry_after(seconds),
                    None => fault,
                }
            }
            Kind::HtmlPage => Fault::html_page(host),
            Kind::Redirect => Fault::redirect(host, self.url.clone().ok_or_else(|| missing("url"))?),
            Kind::KvFull => Fault::kv_full(),
            Kind::KvBusy => Fault::kv_busy(),
            Kind::KvDiskFull => Fault::kv_disk_full(),
            Kind::DiskFull => Fault::disk_full(),
            Kind::MemoryLimit => {
                let bytes = self.bytes.ok_or_else(|| missing("bytes"))?;
                Fault::memory_limit(usize::try_from(bytes).unwrap_or(usize::MAX))
            }
            Kind::TimeLimit => Fault::time_limit(),
        };
        Ok(match (self.nth, self.first) {
            (Some(0), _) => return Err(("nth", "requests are counted from 1".to_owned())),
            (Some(nth), _) => fault.nth(nth),
            (None, Some(first)) => fault.first(first),
            (None, None) => fault,
        })
    }
}
