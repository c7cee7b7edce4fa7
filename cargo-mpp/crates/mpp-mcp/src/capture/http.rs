//! A reverse proxy in front of an MCP server that is reached over HTTP.
//!
//! It listens on this machine only, passes on requests and responses as they come, and records the messages in their bodies: a body of
//! JSON is one message, and each server-sent event is one. `Authorization` and cookies are passed on and never recorded.

pub(super) mod body;
mod events;
pub(super) mod head;
pub(super) mod upstream;

use std::collections::BTreeMap;
use std::io::{self, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mpp_recording::Masks;
use rustls::ClientConfig;

use self::events::Events;
use self::head::Head;
use self::upstream::Upstream;
use super::entry::{HttpPart, Origin};
use super::error::CaptureError;
use super::lines::Kept;
use super::recorder::Tap;
use super::redact::secret_parameters;

pub use upstream::Target;

/// A running reverse proxy. It runs until the process ends.
#[derive(Debug)]
pub struct HttpProxy {
    address: SocketAddr,
}

/// What the connections share.
struct Shared {
    target: Target,
    tls: Arc<ClientConfig>,
    tap: Tap,
    exchanges: AtomicU64,
}

impl HttpProxy {
    /// Listens on `address`, which has to be one of this machine's own, and passes on requests to `target`. Its certificate may be issued
    /// by a public authority, or by one whose certificate is in `authorities`, in PEM.
    ///
    /// # Errors
    /// Returns [`CaptureError::Listen`] if the address is not a loopback address or cannot be listened on.
    pub fn start(address: SocketAddr, target: Target, authorities: &str, tap: &Tap) -> Result<Self, CaptureError> {
        let failed = |source: io::Error| CaptureError::Listen { address, source };
        if !address.ip().is_loopback() {
            let reason = "other machines could reach it; use an address such as 127.0.0.1";
            return Err(failed(io::Error::new(io::ErrorKind::PermissionDenied, reason)));
        }
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let tls = crate::tls::client(authorities).map_err(failed)?;
        let shared = Arc::new(Shared { target, tls, tap: tap.clone(), exchanges: AtomicU64::new(0) });
        let accept = move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                // If there is no thread to spare, the connection is closed, and the client sees that.
                let _ = std::thread::Builder::new().name("http".to_owned()).spawn(move || drop(shared.serve(client)));
            }
        };
        std::thread::Builder::new().name("listen".to_owned()).spawn(accept).map_err(failed)?;
        Ok(Self { address })
    }

    /// Returns the address that the proxy listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Shared {
    /// Serves the requests of one connection, one after the other.
    fn serve(&self, client: TcpStream) -> io::Result<()> {
        client.set_nodelay(true)?;
        let mut answers = client.try_clone()?;
        let mut requests = BufReader::new(client);
        while let Some(request) = Head::read(&mut requests)? {
            let closes = request.closes();
            match self.exchange(request, &mut requests, &mut answers) {
                Ok(true) if !closes => {}
                Ok(_) => break,
                Err(Refused(Some(answer), _)) => {
                    answers.write_all(answer.as_bytes())?;
                    break;
                }
                Err(Refused(None, error)) => return Err(error),
            }
        }
        Ok(())
    }

    /// Passes on one request and its response. Returns whether the connection can be used again.
    fn exchange(
        &self,
        mut request: Head,
        requests: &mut BufReader<TcpStream>,
        answers: &mut TcpStream,
    ) -> Result<bool, Refused> {
        let Some((method, path)) = request.request().map(|(method, path)| (method.to_owned(), path.to_owned())) else {
            return Err(Refused::with("400 Bad Request", "the request is not HTTP/1.1"));
        };
        // A page in a browser can send requests to this machine, under a name of its own.
        if !request.header("host").is_some_and(is_local) {
            return Err(Refused::with("403 Forbidden", "the Host header does not name this machine"));
        }
        self.tell_secrets(&request);
        let body = request.request_body()?;
        let exchange = self.exchanges.fetch_add(1, Ordering::Relaxed) + 1;
        let part = HttpPart {
            exchange,
            method: Some(method.clone()),
            path: Some(path),
            status: None,
            headers: recorded(&request),
        };
        request.set("Host", self.target.authority());
        // Compressed messages could not be recorded.
        request.remove("Accept-Encoding");
        // A connection for each exchange: servers close idle ones at any time, and a request cannot be sent twice.
        let server = Upstream::connect(&self.target, &self.tls)
            .map_err(|error| Refused::with("502 Bad Gateway", &format!("the server cannot be reached: {error}")))?;
        let mut server = BufReader::new(server);
        let at = self.tap.now();
        let mut content = Kept::default();
        let sent = server
            .get_mut()
            .write_all(&request.bytes())
            .and_then(|()| body::pass(body, requests, server.get_mut(), |bytes| content.add(bytes)));
        self.tap.message(at, Origin::Client, &content, Some(part));
        let answered = sent.and_then(|()| self.response(exchange, &method, &mut server, answers));
        answered.map_err(|error| Refused(None, error))
    }

    /// Tells the credentials of a request, which an answer may contain.
    fn tell_secrets(&self, request: &Head) {
        let masks = Masks::default();
        let path = request.request().map(|(_, path)| path).unwrap_or_default();
        for (name, value) in secret_parameters(path) {
            self.tap.secret(&name, &value);
        }
        for (name, value) in request.headers.iter().filter(|(name, value)| masks.header(name, value) != **value) {
            // `Bearer TOKEN`, `session=TOKEN; theme=dark`
            for part in value.split([' ', ';', '=']).filter(|part| !part.is_empty()) {
                self.tap.secret(&name.to_ascii_lowercase(), part);
            }
        }
    }

    fn response(
        &self,
        exchange: u64,
        method: &str,
        upstream: &mut BufReader<Upstream>,
        answers: &mut TcpStream,
    ) -> io::Result<bool> {
        let response = loop {
            let Some(head) = Head::read(upstream)? else { return Err(io::ErrorKind::UnexpectedEof.into()) };
            answers.write_all(&head.bytes())?;
            // `100 Continue` and the like come before the response.
            if head.status().is_none_or(|status| status / 100 != 1) {
                break head;
            }
        };
        let body = response.response_body(method)?;
        let mut part =
            Some(HttpPart { exchange, status: response.status(), headers: recorded(&response), ..HttpPart::default() });
        let is_stream = response.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"));
        let (mut events, mut content) = (Events::default(), Kept::default());
        answers.flush()?;
        let passed = body::pass(body, upstream, answers, |bytes| {
            let at = self.tap.now();
            match is_stream {
                true => events.push(bytes, |event| {
                    let of_event = part.take().unwrap_or_else(|| HttpPart { exchange, ..HttpPart::default() });
                    self.tap.message(at, Origin::Server, &event, Some(of_event));
                }),
                false => content.add(bytes),
            }
        });
        if let Some(part) = part {
            self.tap.message(self.tap.now(), Origin::Server, &content, Some(part));
        }
        passed.map(|()| body != head::Body::UntilClose)
    }
}

/// A request that is not passed on: the answer to the client, if there is one, and the reason.
struct Refused(Option<String>, io::Error);

impl Refused {
    fn with(status: &str, reason: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{reason}",
            reason.len()
        );
        Self(Some(answer), io::Error::other(reason.to_owned()))
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::with("400 Bad Request", &error.to_string())
    }
}

/// Returns whether a `Host` header names this machine.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Returns the headers that are recorded.
fn recorded(head: &Head) -> BTreeMap<String, String> {
    let is_recorded =
        |name: &str| name.starts_with("mcp-") || matches!(name, "content-type" | "accept" | "last-event-id");
    let headers = head.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
    headers.filter(|(name, _)| is_recorded(name)).collect()
}
