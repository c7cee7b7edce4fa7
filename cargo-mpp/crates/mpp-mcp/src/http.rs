//! Serves clients over streamable HTTP.
//!
//! The protocol library handles sessions, event streams and the checks of headers. In front of it are limits: on the address, on
//! connections, sessions, bodies and times, and a bearer token. A plain call of protocol version 2026-07-28 is answered by the bridge
//! directly, as JSON text. Arguments and results of all other calls pass by the library as text, too.

mod digits;
mod gate;
mod lane;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use mpp_host::codes::{Code, Coded};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use self::gate::Gate;
use crate::bridge::Bridge;
use crate::codes;
use crate::server::{About, LogLevel, Questions, Server};

/// The path at which clients reach the server.
pub const PATH: &str = "/mcp";

/// Connections that may be open at once.
const CONNECTIONS: usize = 512;

/// How long a client may take to send the headers of a request.
const HEADERS: Duration = Duration::from_secs(15);

/// How often an event stream without events shows that it is alive.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

type Body = BoxBody<Bytes, Infallible>;
type Protocol = StreamableHttpService<Server, LocalSessionManager>;

/// Where and to whom a server answers.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HttpOptions {
    /// The address to listen on; port 0 for any free one.
    pub address: SocketAddr,
    /// The bearer token that each request must carry; `None` if none is needed.
    pub token: Option<String>,
    /// Further values of the `Host` header that are accepted, with or without a port. Names of this machine's loopback are.
    pub hosts: Vec<String>,
    /// Values of the `Origin` header that are accepted, each with its scheme. By default no web page may call the server.
    pub origins: Vec<String>,
}

impl HttpOptions {
    /// Creates options without a token, for clients that are not web pages.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, token: None, hosts: Vec::new(), origins: Vec::new() }
    }
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// Other machines could reach the server without a token.
    #[error("`{address}` can be reached from other machines, so requests need a token")]
    NoToken {
        /// The address.
        address: SocketAddr,
    },
    /// The token can be guessed.
    #[error("the token has {found} characters; it needs at least {needed}")]
    ShortToken {
        /// Number of characters.
        found: usize,
        /// Least number of characters.
        needed: usize,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The reason.
        source: std::io::Error,
    },
}

impl Coded for HttpError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NoToken { .. } => &codes::M001,
            Self::ShortToken { .. } => &codes::M002,
            Self::Listen { .. } => &codes::M003,
        }
    }
}

/// A server that listens, and answers when it is run.
pub struct HttpServer {
    runtime: tokio::runtime::Runtime,
    listener: TcpListener,
    address: SocketAddr,
    options: HttpOptions,
    stop: CancellationToken,
}

/// Stops a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct StopHandle(CancellationToken);

impl StopHandle {
    /// Ends running calls, closes all connections, and makes [`HttpServer::run`] return.
    pub fn stop(&self) {
        self.0.cancel();
    }
}

impl std::fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl HttpServer {
    /// Shortest token, in characters.
    pub const SHORTEST_TOKEN: usize = 16;

    /// Starts to listen.
    ///
    /// # Errors
    /// Returns [`HttpError`] if the options are not safe or the address is not free.
    pub fn bind(options: HttpOptions) -> Result<Self, HttpError> {
        let asked = options.address;
        if let Some(token) = &options.token {
            let found = token.chars().count();
            if found < Self::SHORTEST_TOKEN {
                return Err(HttpError::ShortToken { found, needed: Self::SHORTEST_TOKEN });
            }
        } else if !asked.ip().is_loopback() {
            return Err(HttpError::NoToken { address: asked });
        }
        let failed = |source| HttpError::Listen { address: asked, source };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(failed)?;
        let listener = runtime.block_on(TcpListener::bind(asked)).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { runtime, listener, address, options, stop: CancellationToken::new() })
    }

    /// Returns the address on which the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns a handle that stops the server.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        StopHandle(self.stop.clone())
    }

    /// Answers clients until the server is stopped.
    pub fn run(self, bridge: Arc<Bridge>, about: About) {
        let Self { runtime, listener, address, options, stop } = self;
        let sessions = Arc::new(LocalSessionManager::default());
        let gate = Arc::new(Gate::new(address, &options, Arc::clone(&sessions)));
        let config = StreamableHttpServerConfig::default()
            .with_sse_keep_alive(Some(KEEP_ALIVE))
            .with_json_response(true)
            .with_allowed_hosts(gate.hosts())
            .with_allowed_origins(gate.origins(&options))
            .enforce_origin_validation()
            .with_cancellation_token(stop.child_token());
        let protocol = {
            let (bridge, questions) = (Arc::clone(&bridge), Questions::default());
            let server = move || {
                let session = (LogLevel::default(), None);
                Ok(Server::new(Arc::clone(&bridge), about.clone(), session, questions.clone()))
            };
            StreamableHttpService::new(server, sessions, config)
        };
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        runtime.block_on(async {
            loop {
                let accepted = tokio::select! {
                    () = stop.cancelled() => break,
                    accepted = listener.accept() => accepted,
                };
                let Ok((stream, _)) = accepted else {
                    // For example too many open files. Connections end, and then there is room again.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                // A connection without a place is closed at once, instead of waiting for ever.
                let Ok(place) = Arc::clone(&connections).try_acquire_owned() else { continue };
                let parts = (Arc::clone(&gate), protocol.clone(), Arc::clone(&bridge), stop.clone());
                tokio::spawn(async move {
                    connection(stream, parts).await;
                    drop(place);
                });
            }
        });
        // Threads that run a call end with the call.
        runtime.shutdown_background();
    }
}

/// Answers the requests of one connection.
async fn connection(
    stream: TcpStream,
    (gate, protocol, bridge, stop): (Arc<Gate>, Protocol, Arc<Bridge>, CancellationToken),
) {
    // Without it, each event of a stream waits for an acknowledgement.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let (gate, protocol, bridge) = (Arc::clone(&gate), protocol.clone(), Arc::clone(&bridge));
        async move { Ok::<Response<Body>, Infallible>(answer(&gate, protocol, &bridge, request).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // A client that breaks off is not an error.
        served = serving => drop(served),
        () = stop.cancelled() => {}
    }
}

async fn answer(
    gate: &Gate,
    mut protocol: Protocol,
    bridge: &Arc<Bridge>,
    request: Request<Incoming>,
) -> Response<Body> {
    let request = match gate.admit(request).await {
        Ok(request) => request,
        Err(refused) => return *refused,
    };
    if let Some(refused) = lane::malformed(gate, &request) {
        return refused;
    }
    if let Some(call) = lane::plain_call(gate, bridge, &request) {
        return lane::run(bridge, call).await;
    }
    match tower_service::Service::call(&mut protocol, digits::kept(request)).await {
        Ok(response) => digits::restored(response).await,
        Err(never) => match never {},
    }
}
