//! Accepts connections and ends those that stall: limits of number and time, TLS, and a graceful stop.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::client_address::Peer;
use super::metrics::Metrics;
use super::policy::Policy;
use super::rates::network;
use super::timed_stream::TimedStream;

/// The time that open requests have to end after the server was told to stop.
const GRACE: Duration = Duration::from_secs(30);
/// Memory for the head of a request.
const HEAD: usize = 64 * 1024;

/// Serves connections until `stop` becomes true, and then lets open requests end.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    (policy, metrics): (Arc<Policy>, Arc<Metrics>),
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(policy.limits.connections.max(1)));
    let peers = Arc::new(Peers::default());
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        // Without a place, connections wait in the queue of the system.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = stopped(&mut stop) => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No file descriptors, for example; closing connections frees some.
                    tracing::warn!(%error, "a connection cannot be accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stopped(&mut stop) => break,
        };
        let guest = match peers.enter(peer.ip(), &policy) {
            Some(guest) => guest,
            None => {
                Metrics::add(&metrics.connections_refused);
                continue;
            }
        };
        let connection =
            Connection { peer, router: router.clone(), policy: Arc::clone(&policy), metrics: Arc::clone(&metrics) };
        let (tls, stop) = (tls.clone(), stop.clone());
        open.spawn(async move {
            connection.run(stream, tls, stop).await;
            drop((place, guest));
        });
    }
    drop(listener);
    let ended = timeout(GRACE, async { while open.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!(connections = open.len(), "connections did not end in time and are closed");
        open.shutdown().await;
    }
}

/// Waits until the server is told to stop.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// One connection.
struct Connection {
    peer: SocketAddr,
    router: Router,
    policy: Arc<Policy>,
    metrics: Arc<Metrics>,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>, stop: watch::Receiver<bool>) {
        self.metrics.connections.fetch_add(1, Ordering::Relaxed);
        let _ = stream.set_nodelay(true);
        let limits = &self.policy.limits;
        let stream = TimedStream::new(stream, Duration::from_secs(limits.idle_seconds.max(1)));
        let first = Duration::from_secs(limits.first_request_seconds.max(1));
        match tls {
            None => self.speak(stream, first, stop).await,
            Some(acceptor) => match timeout(first, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => self.speak(stream, first, stop).await,
                Ok(Err(error)) => tracing::debug!(%error, peer = %self.peer, "a TLS handshake failed"),
                Err(_) => Metrics::add(&self.metrics.connections_refused),
            },
        }
        self.metrics.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Speaks HTTP/1.1 or HTTP/2.
    async fn speak<S>(&self, stream: S, first: Duration, mut stop: watch::Receiver<bool>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(first).max_buf_size(HEAD).max_headers(64);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(64)
            .max_header_list_size(32 * 1024)
            .max_pending_accept_reset_streams(32)
            .keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20));
        let has_spoken = Arc::new(AtomicBool::new(false));
        let (spoken, router, peer) = (Arc::clone(&has_spoken), self.router.clone(), Peer(self.peer));
        let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
            spoken.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer);
            let router = router.clone();
            async move { router.oneshot(request.map(Body::new)).await.map_err(|never: Infallible| never) }
        });
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        tokio::pin!(connection);
        let deadline = sleep(first);
        tokio::pin!(deadline);
        let (mut is_checked, mut is_stopping) = (false, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error = %error, peer = %self.peer, "a connection failed");
                    }
                    return;
                }
                () = &mut deadline, if !is_checked => {
                    is_checked = true;
                    if !has_spoken.load(Ordering::Relaxed) {
                        Metrics::add(&self.metrics.connections_refused);
                        return;
                    }
                }
                () = stopped(&mut stop), if !is_stopping => {
                    is_stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// The numbers of open connections by address.
#[derive(Debug, Default)]
struct Peers(Mutex<HashMap<IpAddr, usize>>);

/// Counts a connection for as long as it exists.
struct Guest {
    peers: Arc<Peers>,
    address: IpAddr,
}

impl Peers {
    /// Counts a connection, or returns `None` if its address has too many.
    fn enter(self: &Arc<Self>, address: IpAddr, policy: &Policy) -> Option<Guest> {
        let own = network(address);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(own).or_default();
        if *count >= policy.limits.connections_per_address.max(1) && !policy.trusts(address) {
            return None;
        }
        *count += 1;
        Some(Guest { peers: Arc::clone(self), address: own })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut open = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Peers;
    use crate::server::policy::Policy;

    #[test]
    fn an_address_has_a_number_of_connections() {
        let policy = "trusted_proxies = [\"127.0.0.1\"]\n[limits]\nconnections_per_address = 2";
        let policy = Policy::parse(policy).expect("valid");
        let peers = Arc::new(Peers::default());
        let enter = |text: &str| peers.enter(text.parse().expect("an address"), &policy);
        let first = enter("192.0.2.1").expect("the first");
        let second = enter("192.0.2.1").expect("the second");
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "another address");
        drop(first);
        let third = enter("192.0.2.1").expect("one has ended");
        let proxied: Vec<_> = (0..5).map(|_| enter("127.0.0.1").expect("a trusted proxy")).collect();
        drop((second, third, proxied));
        assert!(peers.0.lock().expect("not poisoned").is_empty());
    }
}
