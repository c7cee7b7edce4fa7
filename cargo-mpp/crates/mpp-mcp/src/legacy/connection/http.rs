//! A server that is reached over streamable HTTP: each message is a request of its own, and its answer is a message or a stream of them.

mod events;
mod exchange;
mod follow;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url};
use tokio::runtime::Runtime;
use tokio::task::AbortHandle;

use self::exchange::{Exchange, exchange};
use self::follow::{Source, follow};
use super::params::encoded;
use super::{Connection, Outgoing};
use crate::bridge::Era;
use crate::legacy::reach::Endpoint;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(20);

/// How long the end of a session may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Most messages without an answer that are sent at once, before questions of the server are left unanswered.
const MOST_ANSWERING: usize = 100;

/// The header with the id of a session.
pub(super) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// The way to a server.
pub(super) struct Http {
    client: Client,
    url: Url,
    /// Headers that the configuration gives.
    headers: HeaderMap,
    wire: Mutex<Wire>,
    /// What is under way, by the ids of requests.
    tasks: Mutex<HashMap<u64, AbortHandle>>,
    /// Number of messages without an answer that are being sent.
    answering: AtomicUsize,
    /// What receives messages that belong to no request.
    receivers: Mutex<Vec<AbortHandle>>,
}

/// The state of the session.
#[derive(Default)]
struct Wire {
    /// The version of the protocol.
    version: Option<HeaderValue>,
    session: Option<HeaderValue>,
}

impl Http {
    /// Prepares to reach a server.
    pub(super) fn new(endpoint: &Endpoint) -> io::Result<Self> {
        let tls = crate::tls::client(&endpoint.authorities)?;
        let client = Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            // The environment is not read, and redirects are decided about one by one.
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .build()
            .map_err(io::Error::other)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &endpoint.headers {
            let name = HeaderName::try_from(name.as_str()).map_err(io::Error::other)?;
            let mut value = HeaderValue::try_from(value.as_str()).map_err(io::Error::other)?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let url = endpoint.url.url().clone();
        Ok(Self {
            client,
            url,
            headers,
            wire: Mutex::default(),
            tasks: Mutex::default(),
            answering: AtomicUsize::new(0),
            receivers: Mutex::default(),
        })
    }

    /// Sets the version of the messages that follow. A new version begins without a session.
    pub(super) fn speaks(&self, version: Option<&str>) {
        let mut wire = self.wire();
        wire.version = version.and_then(|version| HeaderValue::try_from(version).ok());
        if version.is_none() {
            wire.session = None;
        }
    }

    /// Returns whether many answers to the server are on their way.
    pub(super) fn is_behind(&self) -> bool {
        self.answering.load(Ordering::Relaxed) > MOST_ANSWERING
    }

    /// Sends a message.
    pub(super) fn send(&self, connection: &Arc<Connection>, outgoing: Outgoing<'_>) {
        let Ok(runtime) = runtime() else {
            if let Some(id) = outgoing.id {
                connection.settle(id, Err(super::NoResult::NotSent));
            }
            return;
        };
        let request = Exchange {
            headers: self.headers_of(&outgoing),
            id: outgoing.id,
            opens: outgoing.method == "initialize",
            body: outgoing.text.to_owned(),
        };
        let connection = Arc::clone(connection);
        if outgoing.listens {
            let task = runtime.spawn(follow(Arc::downgrade(&connection), Source::Subscription(request)));
            self.receivers().push(task.abort_handle());
            return;
        }
        let id = outgoing.id;
        self.answering.fetch_add(usize::from(id.is_none()), Ordering::Relaxed);
        // The task must not end before it is noted.
        let mut tasks = self.tasks();
        let task = runtime.spawn(async move {
            exchange(&connection, request).await;
            if let super::Link::Http(http) = &connection.link {
                match id {
                    Some(id) => drop(http.tasks().remove(&id)),
                    None => drop(http.answering.fetch_sub(1, Ordering::Relaxed)),
                }
            }
        });
        if let Some(id) = id {
            tasks.insert(id, task.abort_handle());
        }
    }

    /// Receives what the server sends by itself, in sessions before 2026-07-28.
    pub(super) fn receive(&self, connection: &Arc<Connection>) {
        if let (false, Ok(runtime)) = (self.is_modern(), runtime()) {
            let task = runtime.spawn(follow(Arc::downgrade(connection), Source::Session));
            self.receivers().push(task.abort_handle());
        }
    }

    /// Ends what is under way for a request that nobody waits for.
    pub(super) fn abandon(&self, id: u64) {
        let task = self.tasks().remove(&id);
        if let Some(task) = task {
            task.abort();
        }
    }

    /// Ends what receives messages that belong to no request.
    pub(super) fn leave(&self) {
        std::mem::take(&mut *self.receivers()).into_iter().for_each(|receiver| receiver.abort());
    }

    /// Ends the session and everything that is under way.
    pub(super) fn close(&self) {
        self.leave();
        let tasks = std::mem::take(&mut *self.tasks());
        tasks.into_values().for_each(|task| task.abort());
        let headers = self.session_headers();
        let (Some(_), Ok(runtime)) = (self.wire().session.take(), runtime()) else { return };
        let request = self.client.delete(self.url.clone()).headers(headers);
        let (done, waits) = sync_channel(1);
        runtime.spawn(async move {
            // A server need not support it, and a session that is left expires.
            drop(request.send().await);
            let _ = done.send(());
        });
        let _ = waits.recv_timeout(FAREWELL);
    }

    fn is_modern(&self) -> bool {
        self.wire().version.as_ref().is_some_and(|version| version == Era::MODERN_VERSION)
    }

    /// Returns the headers of every request of the session.
    fn session_headers(&self) -> HeaderMap {
        let mut headers = self.headers.clone();
        let wire = self.wire();
        if let Some(version) = &wire.version {
            headers.insert(VERSION, version.clone());
        }
        if let Some(session) = &wire.session {
            headers.insert(SESSION, session.clone());
        }
        headers
    }

    fn headers_of(&self, outgoing: &Outgoing<'_>) -> HeaderMap {
        let mut headers = self.session_headers();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.is_modern() && !outgoing.method.is_empty() {
            let name = outgoing.tool.as_ref().map(|(name, _)| ("mcp-name".to_owned(), encoded(name)));
            let method = ("mcp-method".to_owned(), outgoing.method.to_owned());
            let arguments = outgoing.tool.iter().flat_map(|(_, headers)| headers.iter().cloned());
            for (name, value) in [method].into_iter().chain(name).chain(arguments) {
                // What is not a header cannot be repeated in one.
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    headers.insert(name, value);
                }
            }
        }
        headers
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn receivers(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.receivers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the runtime of all connections over HTTP: one thread, which waits for the network.
fn runtime() -> io::Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("mpp-server-http")
        .enable_all()
        .build()?;
    // Another thread may have been quicker; a runtime in which nothing runs is dropped then.
    Ok(RUNTIME.get_or_init(|| runtime))
}
