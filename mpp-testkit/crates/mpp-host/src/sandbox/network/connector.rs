//! Opens connections: resolves the name once, checks every address, connects to one of the checked addresses, and starts TLS.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConfig};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::settings::Resolver;
use super::stream::Stream;
use super::words;
use crate::addresses::{Reach, reach};

/// Maximum number of addresses that are tried for one name.
const TRIED: usize = 8;

/// Opens the connections of one grant.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) tls: Arc<ClientConfig>,
    /// Whether addresses of this machine and its networks are allowed.
    pub(super) allow_local: bool,
    pub(super) connect: Duration,
}

/// The error of a connection attempt. The HTTP client returns it as a source of its own error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ConnectError {
    /// The name resolves to an address that is not allowed.
    Address { address: IpAddr, what: &'static str, may_be_granted: bool },
    /// The server's certificate is not issued by a trusted authority.
    Untrusted,
    /// Another failure, described by a sentence that does not name the host.
    Failed(String),
    /// The connection was not established in time.
    Timeout,
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { address, what, .. } => write!(f, "it resolves to {address}, {what}"),
            Self::Untrusted => f.write_str(words::UNTRUSTED),
            Self::Failed(sentence) => f.write_str(sentence),
            Self::Timeout => f.write_str("no connection in time"),
        }
    }
}

impl Error for ConnectError {}

#[cfg(feature = "testing")]
impl ConnectError {
    /// Returns the error for an address of this machine or its networks; `None` if the address is public.
    pub(super) fn of_address(address: IpAddr) -> Option<Self> {
        let (what, may_be_granted) = match reach(address) {
            Reach::Public => return None,
            Reach::Local(what) => (what, true),
            Reach::Never(what) => (what, false),
        };
        Some(Self::Address { address, what, may_be_granted })
    }
}

fn failed(sentence: impl Into<String>) -> ConnectError {
    ConnectError::Failed(sentence.into())
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Stream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let time = connector.connect;
            timeout(time, connector.reach(uri)).await.unwrap_or(Err(ConnectError::Timeout)).map(TokioIo::new)
        })
    }
}

impl Connector {
    async fn reach(self, uri: Uri) -> Result<Stream, ConnectError> {
        let host = uri.host().unwrap_or_default().to_owned();
        let plain_http = uri.scheme_str() == Some("http");
        let port = uri.port_u16().unwrap_or(if plain_http { 80 } else { 443 });
        let addresses = self.addresses(host.clone()).await?;
        let stream = dial(&addresses, port, self.connect).await?;
        if plain_http {
            return Ok(Stream::Plain(stream));
        }
        let name = ServerName::try_from(host).map_err(|_| failed("its name is not valid in a certificate"))?;
        let stream = TlsConnector::from(self.tls).connect(name, stream).await.map_err(|error| tls_failure(&error))?;
        Ok(Stream::Tls(Box::new(stream)))
    }

    /// Resolves the name, and returns its addresses if each of them is allowed.
    async fn addresses(&self, host: String) -> Result<Vec<IpAddr>, ConnectError> {
        let resolver = Arc::clone(&self.resolver);
        let found = tokio::task::spawn_blocking(move || resolver.resolve(&host)).await;
        let mut addresses = match found {
            Ok(Ok(addresses)) if !addresses.is_empty() => addresses,
            _ => return Err(failed(words::NO_ADDRESS)),
        };
        for &address in &addresses {
            let (what, may_be_granted) = match reach(address) {
                Reach::Public => continue,
                Reach::Local(_) if self.allow_local => continue,
                Reach::Local(what) => (what, true),
                Reach::Never(what) => (what, false),
            };
            return Err(ConnectError::Address { address, what, may_be_granted });
        }
        addresses.truncate(TRIED);
        Ok(addresses)
    }
}

/// Tries the addresses one after the other, each with an equal share of the time.
async fn dial(addresses: &[IpAddr], port: u16, time: Duration) -> Result<TcpStream, ConnectError> {
    let share = time / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut last = ConnectError::Timeout;
    for &address in addresses {
        match timeout(share, TcpStream::connect(SocketAddr::new(address, port))).await {
            Ok(Ok(stream)) => {
                // A failure affects only the speed.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = failed(io_sentence(&error)),
            Err(_) => last = ConnectError::Timeout,
        }
    }
    Err(last)
}

fn io_sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => words::REFUSED.to_owned(),
        io::ErrorKind::ConnectionReset => words::BROKEN_OFF.to_owned(),
        _ => format!("it cannot be reached: {error}"),
    }
}

fn tls_failure(error: &io::Error) -> ConnectError {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return failed(format!("it does not speak TLS: {}", io_sentence(error)));
    };
    let rustls::Error::InvalidCertificate(what) = tls else { return failed(format!("TLS fails: {tls}")) };
    failed(match what {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet".to_owned()
        }
        // A bad signature means that another issuer with the same name signed the certificate.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => return ConnectError::Untrusted,
        other => format!("its certificate is refused: {other}"),
    })
}
