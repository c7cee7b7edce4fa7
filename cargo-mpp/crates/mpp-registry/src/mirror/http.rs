//! The HTTP interface of a mirror: the registry's files, read only.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use mpp_host::causes::with_causes;
use mpp_host::clock::Clock;
use mpp_host::codes::Coded as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Mirror, MirrorError};
use crate::codes;
use crate::log;
use crate::protocol::{PROBLEM_JSON, Problem};
use crate::server::connections::stopped;
use crate::server::error::ApiError;
use crate::server::files::{FileCache, respond, served};
use crate::server::{Policy, StartError, connections, guard, tls};

/// The time between looks at the registry.
const LOOK: Duration = Duration::from_secs(5);
/// The time between looks for partial tiles that are no longer needed.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A mirror that serves requests.
struct Serving {
    mirror: Arc<Mirror>,
    files: FileCache,
    /// The address of the registry, for those who want to change something.
    url: String,
}

/// How a mirror is served.
#[derive(Debug)]
#[non_exhaustive]
pub struct MirrorOptions {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The files with the certificates and the private key of the server, as PEM. Without them, the server speaks plain HTTP.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The address of the registry, for those who want to change something.
    pub url: String,
    /// The clock that says how old partial tiles are.
    pub clock: Arc<dyn Clock>,
}

impl MirrorOptions {
    /// Creates the options of a mirror without TLS.
    #[must_use]
    pub fn new(listen: SocketAddr, url: String, clock: Arc<dyn Clock>) -> Self {
        Self { listen, tls: None, url, clock }
    }
}

/// A mirror that listens.
pub struct MirrorServer {
    mirror: Arc<Mirror>,
    listener: TcpListener,
    address: SocketAddr,
    acceptor: Option<tokio_rustls::TlsAcceptor>,
    url: String,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for MirrorServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MirrorServer")
            .field("mirror", &self.mirror)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl MirrorServer {
    /// Listens.
    ///
    /// # Errors
    /// Returns [`StartError`] if the certificates or the address cannot be used.
    pub async fn start(mirror: Mirror, options: MirrorOptions) -> Result<Self, StartError> {
        let acceptor = options.tls.as_ref().map(|(certificates, key)| tls::acceptor(certificates, key)).transpose()?;
        let failed = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { mirror: Arc::new(mirror), listener, address, acceptor, url: options.url, clock: options.clock })
    }

    /// Returns the address that the mirror listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the mirror.
    #[must_use]
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    /// Serves until `stop` is ready, and follows the registry meanwhile.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopper, stopping) = watch::channel(false);
        let following = tokio::spawn(follow(Arc::clone(&self.mirror), stopping.clone()));
        let tidying = tokio::spawn(tidy(Arc::clone(&self.mirror), self.clock, stopping.clone()));
        let shared = (Arc::new(Policy::default()), Arc::default());
        let router = router(self.mirror, self.url);
        let serving = connections::serve(self.listener, self.acceptor, router, shared, stopping);
        tokio::pin!(serving);
        tokio::select! {
            () = &mut serving => {}
            () = stop => {
                let _ = stopper.send(true);
                serving.await;
            }
        }
        let _ = stopper.send(true);
        let _ = tokio::join!(following, tidying);
    }
}

/// Follows the registry, so that requests seldom wait for it.
async fn follow(mirror: Arc<Mirror>, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = mirror.refresh().await {
            let code = error.code().id;
            tracing::warn!(code, error = with_causes(&error), "the registry cannot be followed");
        }
        mirror.remember(false).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stopped(&mut stop) => {}
        }
        if *stop.borrow() {
            return mirror.remember(true).await;
        }
    }
}

/// Deletes partial tiles a day after their full tile exists, as the registry does.
async fn tidy(mirror: Arc<Mirror>, clock: Arc<dyn Clock>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(DAY) => {}
            () = stopped(&mut stop) => return,
        }
        match log::tidy(mirror.store(), clock.now()).await {
            Ok(deleted) => tracing::info!(deleted, "partial tiles were deleted"),
            Err(error) => tracing::error!(error = %with_causes(&error), "partial tiles cannot be deleted"),
        }
    }
}

fn router(mirror: Arc<Mirror>, url: String) -> Router {
    let serving = Arc::new(Serving { mirror, files: FileCache::default(), url });
    Router::new().route("/healthz", get(async || "ok\n")).fallback(file).with_state(serving)
}

async fn file(State(serving): State<Arc<Serving>>, request: Request) -> Response {
    if let Err(error) = guard::check(&request) {
        return error.into_response();
    }
    let (method, uri, headers) = (request.method(), request.uri(), request.headers());
    if *method != Method::GET && *method != Method::HEAD {
        let detail = format!("this is a copy of the registry at `{}`, which takes changes", serving.url);
        let mut response = problem(StatusCode::METHOD_NOT_ALLOWED, &codes::N509, detail);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = uri.path().trim_start_matches('/');
    let Some(file) = served(path) else {
        return ApiError::NotFound { what: format!("page or file `/{path}`") }.into_response();
    };
    if let Err(error) = serving.mirror.prepare(&file.path).await {
        return failed(&error);
    }
    match respond(serving.mirror.store(), &serving.files, &file, (method, headers)).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

/// Answers that the registry serves something that cannot be verified. The mirror does not serve it.
fn failed(error: &MirrorError) -> Response {
    tracing::error!(code = error.code().id, error = with_causes(error), "a file of the registry is not served");
    problem(StatusCode::BAD_GATEWAY, error.code(), with_causes(error))
}

fn problem(status: StatusCode, code: &'static mpp_host::Code, detail: String) -> Response {
    let problem = Problem::new(status.as_u16(), code, detail, Some(code.help.to_owned()));
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    (status, [(CONTENT_TYPE, PROBLEM_JSON)], body).into_response()
}
