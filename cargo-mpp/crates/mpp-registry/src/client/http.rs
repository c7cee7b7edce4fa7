//! Requests over HTTP, with TLS by `rustls`: plain HTTP reaches only this machine, and credentials never follow a redirect.

use std::net::IpAddr;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::{HeaderMap, HeaderValue, Method};
use mpp_host::causes::with_causes;
use mpp_host::codes::{Code, Coded};
use reqwest::redirect::Policy;
use reqwest::{Body, Certificate, Client};
use url::{Host, Url};

use super::transport::{OnProgress, Request, Response, Transport, TransportError};
use crate::codes;

/// Time to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of a server while a response arrives.
const SILENCE: Duration = Duration::from_secs(60);
/// Most redirects of a request.
const REDIRECTS: usize = 5;
/// Size of the parts in which a body is sent, so that progress can be shown.
const PART: usize = 64 * 1024;

/// What connections to a registry need besides its URL.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct HttpOptions {
    /// Value of the header `Authorization`. It is sent to the host of the URL only.
    pub authorization: Option<String>,
    /// Certificates in PEM that are trusted besides those of the system.
    pub certificates: Option<Vec<u8>>,
    /// Allows plain HTTP to other machines than this one.
    pub allow_http: bool,
}

/// An error of setting up connections.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The URL is not one of a registry.
    #[error("`{url}` is not the URL of a registry: {reason}")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Plain HTTP would leave this machine.
    #[error("`{url}` would be reached without encryption")]
    Plain {
        /// The URL.
        url: String,
    },
    /// The options or the certificates cannot be used.
    #[error("connections cannot be set up: {reason}")]
    Setup {
        /// The reason.
        reason: String,
    },
}

impl Coded for HttpError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Url { .. } => &codes::N040,
            Self::Plain { .. } => &codes::N041,
            Self::Setup { .. } => &codes::N042,
        }
    }
}

/// Reaches a copy of a registry over HTTP.
#[derive(Debug)]
pub struct HttpTransport {
    client: Client,
    base: String,
    authorization: Option<HeaderValue>,
}

impl HttpTransport {
    /// Prepares connections to the registry at `url`; none is made yet.
    ///
    /// # Errors
    /// Returns an error if the URL is not `https` (or `http` to this machine), or if the options cannot be used.
    pub fn new(url: &str, options: &HttpOptions) -> Result<Self, HttpError> {
        let parsed = parse(url, options.allow_http)?;
        let failed = |error: &dyn std::error::Error| HttpError::Setup { reason: with_causes(error) };
        let mut authorization = None;
        if let Some(text) = &options.authorization {
            let mut value = HeaderValue::from_str(text).map_err(|error| failed(&error))?;
            value.set_sensitive(true);
            authorization = Some(value);
        }
        let mut builder = Client::builder()
            .user_agent(concat!("mpp/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .redirect(redirects(authorization.is_some(), options.allow_http));
        if is_loopback(&parsed) {
            builder = builder.no_proxy();
        }
        if parsed.scheme() == "http" && options.certificates.is_none() {
            // The certificates of the system are not read where none is needed.
            builder = builder.tls_certs_only([]);
        } else if let Some(pem) = &options.certificates {
            let certificates = Certificate::from_pem_bundle(pem).map_err(|error| failed(&error))?;
            if certificates.is_empty() {
                return Err(HttpError::Setup { reason: "the file with certificates has none".to_owned() });
            }
            builder = builder.tls_certs_merge(certificates);
        }
        install_provider();
        let client = builder.build().map_err(|error| failed(&error))?;
        Ok(Self { client, base: parsed.as_str().trim_end_matches('/').to_owned(), authorization })
    }
}

impl Transport for HttpTransport {
    fn send<'a>(
        &'a self,
        request: Request,
        progress: Option<OnProgress<'a>>,
    ) -> BoxFuture<'a, Result<Response, TransportError>> {
        async move {
            let Request { method, path, headers, body } = request;
            let has_body = !body.is_empty() || method != Method::GET;
            let mut builder = self.client.request(method, format!("{}{path}", self.base)).headers(headers);
            // Ranges and lengths are those of the stored bytes.
            builder = builder.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
            if let Some(authorization) = &self.authorization {
                builder = builder.header(AUTHORIZATION, authorization.clone());
            }
            if has_body && progress.is_some() {
                return self.send_with_progress(builder, body, progress).await;
            }
            if has_body {
                builder = builder.body(body);
            }
            Ok(response(builder.send().await.map_err(transport_error)?))
        }
        .boxed()
    }

    fn url(&self) -> &str {
        &self.base
    }
}

impl HttpTransport {
    /// Sends a body in parts, and reports each part that the connection has taken.
    async fn send_with_progress(
        &self,
        builder: reqwest::RequestBuilder,
        body: Bytes,
        progress: Option<OnProgress<'_>>,
    ) -> Result<Response, TransportError> {
        let total = body.len() as u64;
        let (report, mut sent) = tokio::sync::mpsc::unbounded_channel();
        let parts = (0..body.len()).step_by(PART).map(move |at| body.slice(at..body.len().min(at + PART)));
        let parts = parts.scan(0, move |done, part| {
            *done += part.len() as u64;
            // Who no longer listens has the response.
            let _ = report.send(*done);
            Some(Ok::<Bytes, std::convert::Infallible>(part))
        });
        let builder = builder.header(http::header::CONTENT_LENGTH, total).body(Body::wrap_stream(stream::iter(parts)));
        let sending = builder.send();
        tokio::pin!(sending);
        let mut open = true;
        loop {
            tokio::select! {
                end = &mut sending => return Ok(response(end.map_err(transport_error)?)),
                done = sent.recv(), if open => match (done, progress) {
                    (Some(done), Some(progress)) => progress(done, total),
                    (None, _) => open = false,
                    _ => {}
                },
            }
        }
    }
}

fn response(response: reqwest::Response) -> Response {
    let (status, headers): (_, HeaderMap) = (response.status(), response.headers().clone());
    Response::new(status, headers, response.bytes_stream().map(|part| part.map_err(transport_error)).boxed())
}

fn transport_error(error: reqwest::Error) -> TransportError {
    // The URL is in the message of whoever made the request.
    let error = error.without_url();
    let reason = with_causes(&error);
    if let Some(problem) = certificate_problem(&error) {
        TransportError::Certificate { reason: problem }
    } else if error.is_redirect() || error.is_builder() {
        TransportError::Refused { reason }
    } else {
        TransportError::Connection { reason }
    }
}

/// Returns what is wrong with the certificate of the server, if that is the cause of an error.
fn certificate_problem(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(problem)) = error.downcast_ref() {
            return Some(problem.to_string());
        }
        // An error of the operating system's kind hides the one that it wraps.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
}

/// Follows redirects to encrypted places, except of requests with credentials, which go to the host of the URL only.
fn redirects(has_credentials: bool, allow_http: bool) -> Policy {
    Policy::custom(move |attempt| {
        if attempt.previous().len() > REDIRECTS {
            return attempt.error("too many redirects");
        }
        let url = attempt.url();
        if has_credentials {
            let reason = format!("the server redirects to `{url}`, where the configured credentials are not sent");
            return attempt.error(reason);
        }
        if url.scheme() != "https" && !allow_http && !is_loopback(url) {
            let reason = format!("the server redirects to `{url}`, which is not encrypted");
            return attempt.error(reason);
        }
        attempt.follow()
    })
}

fn parse(url: &str, allow_http: bool) -> Result<Url, HttpError> {
    let wrong = |reason: &str| HttpError::Url { url: url.to_owned(), reason: reason.to_owned() };
    let parsed = Url::parse(url).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => wrong("expected `https://…`"),
        other => wrong(&other.to_string()),
    })?;
    if !["http", "https"].contains(&parsed.scheme()) {
        return Err(wrong("expected `https://…`"));
    }
    if parsed.host().is_none() {
        return Err(wrong("it has no host"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(wrong("it contains a user name or a password"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(wrong("it has a query or a fragment"));
    }
    if parsed.scheme() == "http" && !allow_http && !is_loopback(&parsed) {
        return Err(HttpError::Plain { url: url.to_owned() });
    }
    Ok(parsed)
}

/// Returns whether two URLs name the same server: scheme, host and port. Credentials for one are sent to the other only then.
#[must_use]
pub fn same_server(one: &str, other: &str) -> bool {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    origin(one).is_some_and(|one| Some(one) == origin(other))
}

/// Returns whether the URL names this machine. A name is not resolved: only `localhost` and addresses count.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}

/// Makes `ring` the cryptography of TLS in this process, unless the program has chosen already.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that there is a provider.
        let _: Result<(), Arc<_>> = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::{HttpError, HttpOptions, HttpTransport, same_server};

    #[test]
    fn plain_http_reaches_only_this_machine() {
        let mut options = HttpOptions::default();
        for url in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/registry/", "http://a.localhost"] {
            HttpTransport::new(url, &options).expect(url);
        }
        for url in
            ["http://tools.example.com", "http://10.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example"]
        {
            assert!(matches!(HttpTransport::new(url, &options), Err(HttpError::Plain { .. })), "{url}");
        }
        options.allow_http = true;
        HttpTransport::new("http://10.0.0.1", &options).expect("allowed");
    }

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        let same = |other| same_server("https://tools.example.com/registry", other);
        assert!(same("https://tools.example.com") && same("https://TOOLS.example.com:443/other"));
        for other in ["http://tools.example.com", "https://tools.example.com:8443", "https://example.com", "x", ""] {
            assert!(!same(other), "{other}");
        }
        assert!(!same_server("data:a", "data:a"));
    }

    #[test]
    fn a_url_has_no_credentials_and_no_query() {
        let options = HttpOptions::default();
        for url in
            ["http://ada:pass@localhost", "http://localhost/?a", "http://localhost/#a", "ftp://localhost", "x", ""]
        {
            assert!(matches!(HttpTransport::new(url, &options), Err(HttpError::Url { .. })), "{url}");
        }
    }
}
