//! Sends requests over the network, with a client and a connection pool for each grant of a package.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::TokioTimer;
use tokio::runtime::Handle;

use super::connector::{ConnectError, Connector};
use super::limits::NetworkLimits;
use super::service::NetworkService;
use super::url::Target;
use super::wire_error::WireError;
use super::words;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::failure::Status;

/// The HTTP client of one grant, which keeps its connections for reuse, and the service that drives them.
pub(super) struct Wire {
    client: Client<Connector, Full<Bytes>>,
    service: Arc<NetworkService>,
}

/// A response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "testing"),
    allow(unreachable_pub, reason = "part of the transports of the feature `testing`")
)]
#[non_exhaustive]
pub struct Response {
    /// The status code, for example 200.
    pub status: u16,
    /// The names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

#[cfg(feature = "testing")]
impl Response {
    /// Creates a response without headers.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// One request over the network, without redirects.
pub(super) struct Hop<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a Target,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: &'a [u8],
    pub(super) time: Duration,
    pub(super) cancellation: &'a Cancellation,
}

/// Spawns the client's tasks on the runtime of the driver.
#[derive(Clone)]
struct OnDriver(Handle);

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for OnDriver {
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}

impl Wire {
    /// Creates the client, and starts the driver if it is not running.
    pub(super) fn new(service: &Arc<NetworkService>, allow_local: bool) -> Result<Self, String> {
        let (settings, limits) = (&service.settings, &service.settings.limits);
        let handle = service.driver()?.handle().ok_or("the network has ended")?;
        let connector = Connector {
            resolver: Arc::clone(&settings.resolver),
            tls: service.tls()?,
            allow_local,
            connect: limits.connect,
        };
        let header_list = u32::try_from(limits.header_bytes).unwrap_or(u32::MAX);
        let mut builder = Client::builder(OnDriver(handle));
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(limits.keep_alive)
            .pool_max_idle_per_host(limits.idle_connections)
            .http1_max_buf_size(limits.header_bytes.max(8192))
            .http1_max_headers(limits.headers)
            .http2_max_header_list_size(header_list);
        Ok(Self { client: builder.build(connector), service: Arc::clone(service) })
    }

    /// Sends one request and waits for the complete response.
    pub(super) fn send(&self, hop: &Hop<'_>) -> Result<Response, WireError> {
        let unavailable = |reason| WireError::Failed(Status::Unavailable, reason);
        let driver = self.service.driver().map_err(unavailable)?;
        let request = request(hop).map_err(|reason| WireError::Failed(Status::Invalid, reason))?;
        let exchange = exchange(&self.client, request, self.service.settings.limits);
        let answered = driver.run(hop.time, hop.cancellation, exchange);
        let answered = answered.map_err(|error| unavailable(format!("a thread cannot be started: {error}")))?;
        answered.unwrap_or_else(|| Err(timed_out()))
    }
}

fn timed_out() -> WireError {
    WireError::Failed(Status::Timeout, words::LATE.to_owned())
}

fn request(hop: &Hop<'_>) -> Result<http::Request<Full<Bytes>>, String> {
    let mut request = http::Request::builder().method(hop.method).uri(hop.target.to_string());
    if let Some(headers) = request.headers_mut() {
        for (name, value) in &hop.headers {
            headers.append(name, value.clone());
        }
    }
    request.body(Full::new(Bytes::copy_from_slice(hop.body))).map_err(|error| error.to_string())
}

async fn exchange(
    client: &Client<Connector, Full<Bytes>>,
    request: http::Request<Full<Bytes>>,
    limits: NetworkLimits,
) -> Result<Response, WireError> {
    let response = client.request(request).await.map_err(|error| failure(&error))?;
    let (head, mut body) = response.into_parts();
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers: Vec<(String, String)> = head.headers.iter().map(text).collect();
    let expected = hyper::body::Body::size_hint(&body).lower();
    if expected > limits.response_body as u64 {
        return Err(too_large(&limits));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0).min(limits.response_body));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > limits.response_body {
            return Err(too_large(&limits));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Response { status: head.status.as_u16(), headers, body: bytes })
}

fn too_large(limits: &NetworkLimits) -> WireError {
    WireError::Failed(Status::TooLarge, words::too_large(limits))
}

fn failure(error: &ClientError) -> WireError {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        if let Some(error) = cause.downcast_ref::<ConnectError>() {
            return match error {
                ConnectError::Address { .. } => WireError::Address(error.clone()),
                ConnectError::Untrusted => WireError::Untrusted,
                ConnectError::Failed(sentence) => WireError::Failed(Status::Connection, sentence.clone()),
                ConnectError::Timeout => WireError::Failed(Status::Timeout, words::NO_CONNECTION.to_owned()),
            };
        }
        if let Some(error) = cause.downcast_ref::<hyper::Error>() {
            return broken(error);
        }
        next = cause.source();
    }
    WireError::Failed(Status::Connection, "the connection failed".to_owned())
}

fn broken(error: &hyper::Error) -> WireError {
    // hyper has a method for this, but only with its server feature.
    if error.is_parse() && error.to_string().contains("too large") {
        return WireError::Failed(Status::TooLarge, "its headers are larger than allowed".to_owned());
    }
    let sentence = if error.is_incomplete_message() {
        words::INCOMPLETE.to_owned()
    } else if error.is_parse() {
        "its response is not HTTP".to_owned()
    } else {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("the connection broke{cause}")
    };
    WireError::Failed(Status::Connection, sentence)
}
