//! The registry server: its API, its limits, its files and its pages.
//!
//! A server holds no secrets of publishers. It accepts signed statements, runs the whole Gatekeeper on every package, appends to
//! the log, and serves files that clients verify. The front end reads the command line, prints, and says when to stop.

mod app;
mod body;
mod changes;
mod client_address;
pub(crate) mod connections;
mod derived;
mod domains;
pub(crate) mod error;
pub(crate) mod files;
mod following;
pub(crate) mod guard;
mod keys;
pub(crate) mod metrics;
mod openapi;
pub mod policy;
mod publish;
mod ranges;
mod rates;
mod readiness;
mod reads;
mod recheck;
mod records;
mod rotation;
mod router;
mod snapshot;
mod start_error;
#[cfg(test)]
mod tests;
mod timed_stream;
pub(crate) mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use mpp_host::clock::Clock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::Limits as PackageLimits;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

pub use derived::DerivedFiles;
pub use domains::{DomainSettings, ProofMissing};
pub use keys::{KeysDir, KeysError, RegistryKeys};
pub use policy::{Policy, PolicyError};
pub use rotation::{ReplaceError, SigningRequest, replace_log_key, request_log_key};
pub use start_error::StartError;

use crate::log::{Log, Options};
use crate::note::VerifierKey;
use crate::pages::{CommandLines, PageSettings};
use crate::protocol::files::WellKnown;
use crate::protocol::{Signed, paths};
use crate::search::SearchIndex;
use crate::state::State;
use crate::store::{Object, Store, Updated};
use crate::witness::{Cosigner, Cosigners};
use app::App;

/// The time between looks for changes of other servers that use the same store.
const POLL: Duration = Duration::from_secs(1);

/// The settings of a server.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The store with everything that is served.
    pub store: Store,
    /// The directory with the keys, which is not in the store.
    pub keys: KeysDir,
    /// The directory for what can be made again at any time.
    pub cache: PathBuf,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The files with the certificates and the private key of the server, as PEM. Without them, the server speaks plain HTTP.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// The address at which clients reach the registry, if it is not the one that the server listens on.
    pub url: Option<String>,
    /// The policy.
    pub policy: Policy,
    /// The witnesses that are asked to cosign checkpoints.
    pub witnesses: Vec<Cosigner>,
    /// Command lines that the pages show.
    pub commands: CommandLines,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl ServerOptions {
    /// Creates the settings of a server with the default policy.
    #[must_use]
    pub fn new(store: Store, keys: KeysDir, cache: PathBuf, listen: SocketAddr, clock: Arc<dyn Clock>) -> Self {
        let (policy, commands) = (Policy::default(), CommandLines::default());
        Self { store, keys, cache, listen, tls: None, url: None, policy, witnesses: Vec::new(), commands, clock }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    derived: DerivedFiles,
    listener: TcpListener,
    acceptor: Option<Acceptor>,
    address: SocketAddr,
    settings: PageSettings,
    cache: PathBuf,
    log_key: VerifierKey,
    witnesses: Vec<Cosigner>,
}

/// An acceptor of TLS connections; the library's type has no `Debug`.
struct Acceptor(TlsAcceptor);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Acceptor")
    }
}

impl Server {
    /// Opens the store and the log, and listens.
    ///
    /// # Errors
    /// Returns [`StartError`] if the keys, the certificates or the address cannot be used, or if the log cannot be opened.
    pub async fn start(options: ServerOptions) -> Result<Self, StartError> {
        // Clients and servers of TLS take the process-wide provider; one that was installed before is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let keys = options.keys.read()?;
        let acceptor = options.tls.as_ref().map(|(certificates, key)| tls::acceptor(certificates, key)).transpose()?;
        let listen = |source| StartError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let url = options.url.unwrap_or_else(|| format!("{scheme}://{address}")).trim_end_matches('/').to_owned();
        let derived = DerivedFiles::new(options.store.clone(), keys.log.clone(), Arc::clone(&options.clock));
        check_description(&options.store, &keys).await?;
        let log_keys = keys.log_keys(options.keys.memory_path()).map_err(StartError::internal)?;
        let log_key = log_keys.signer.verifier().clone();
        let log = Log::open(Options {
            store: options.store.clone(),
            keys: log_keys,
            clock: Arc::clone(&options.clock),
            genesis: keys.genesis(),
            empty: State::new(keys.origin().clone()),
            derive: Arc::new(derived.clone()),
            cached: snapshot::read(&options.cache, keys.origin()),
            poll: POLL,
        })
        .await?;
        publish_description(&options.store, &keys).await?;
        let search = SearchIndex::open(&options.cache, &format!("{} {}", keys.origin(), keys.root_key())).await?;
        let policy = Arc::new(options.policy);
        let prover = domains::DomainProver::new(policy.domains.clone()).map_err(StartError::Domains)?;
        let limits = &policy.limits;
        let app = App {
            log,
            store: options.store,
            files: files::FileCache::default(),
            rules: Arc::new(policy.rules()),
            rates: rates::Rates::default(),
            readiness: readiness::Readiness::default(),
            metrics: Arc::default(),
            gatekeeper: Gatekeeper::new(PackageLimits::default(), Arc::clone(&options.clock)),
            verifications: Arc::new(Semaphore::new(limits.verifications.clamp(1, 1024))),
            memory: Arc::new(Semaphore::new(usize::try_from(limits.upload_memory_mib.clamp(1, 1 << 20)).unwrap_or(1))),
            policy,
            prover,
            search,
            clock: options.clock,
            url: url.clone(),
            keys,
        };
        let settings = PageSettings::new(url, options.commands);
        Ok(Self {
            app: Arc::new(app),
            log_key,
            witnesses: options.witnesses,
            derived,
            listener,
            acceptor: acceptor.map(Acceptor),
            address,
            settings,
            cache: options.cache,
        })
    }

    /// Returns the address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address at which clients reach the registry.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Returns the keys of the registry.
    #[must_use]
    pub fn keys(&self) -> &RegistryKeys {
        &self.app.keys
    }

    /// Returns the key that signs checkpoints.
    #[must_use]
    pub const fn log_key(&self) -> &VerifierKey {
        &self.log_key
    }

    /// Returns the numbers of leaves, packages and versions.
    #[must_use]
    pub fn counts(&self) -> (u64, u64, u64) {
        let view = self.app.view();
        (view.state.size(), view.state.package_count(), view.state.version_count())
    }

    /// Returns whether the server speaks TLS.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.acceptor.is_some()
    }

    /// Serves until `stop` is ready, and then lets open requests end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let (stopper, stopping) = watch::channel(false);
        let router = router::router(&self.app, self.settings.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(recheck::recheck(Arc::clone(&self.app), stopping.clone()));
        tasks.spawn(following::search(Arc::clone(&self.app), stopping.clone()));
        tasks.spawn(following::revocations(Arc::clone(&self.app), self.derived.clone(), stopping.clone()));
        tasks.spawn(following::tidy(Arc::clone(&self.app), stopping.clone()));
        tasks.spawn(snapshot::keep(Arc::clone(&self.app), self.cache.clone(), stopping.clone()));
        if !self.witnesses.is_empty() {
            let cosigners = Cosigners::new(self.witnesses, self.app.store.clone());
            tasks.spawn(following::cosigners(cosigners.follow(&self.app.log), stopping.clone()));
        }
        let shared = (Arc::clone(&self.app.policy), Arc::clone(&self.app.metrics));
        let acceptor = self.acceptor.map(|acceptor| acceptor.0);
        let serving = connections::serve(self.listener, acceptor, router, shared, stopping);
        tokio::pin!(serving);
        tokio::select! {
            () = &mut serving => {}
            () = stop => {
                tracing::info!("stopping: open requests are answered, and no new ones accepted");
                let _ = stopper.send(true);
                serving.await;
            }
        }
        let _ = stopper.send(true);
        while tasks.join_next().await.is_some() {}
        // What was acknowledged is durable; this waits for the writer to let go of the store.
        if let Ok(app) = Arc::try_unwrap(self.app) {
            app.log.close().await;
        }
    }
}

/// Puts the description of the registry, which the root key has signed, where clients find it, unless a newer one is there.
///
/// # Errors
/// Returns [`StartError`] if the store fails, or if it belongs to another registry.
pub async fn publish_description(store: &Store, keys: &RegistryKeys) -> Result<(), StartError> {
    loop {
        let stored = check_description(store, keys).await?;
        if stored.as_ref().is_some_and(|object| object.bytes == keys.description.bytes()) {
            return Ok(());
        }
        let bytes = Bytes::copy_from_slice(keys.description.bytes());
        let expected = stored.as_ref().map(|object| &object.etag);
        if matches!(store.update(paths::WELL_KNOWN, bytes, expected).await?, Updated::Done(_)) {
            return Ok(());
        }
    }
}

/// Reads the description in the store, and checks that it is not a later one than the one beside the keys.
///
/// # Errors
/// Returns [`StartError`] if the store fails, or if it belongs to another registry.
pub async fn check_description(store: &Store, keys: &RegistryKeys) -> Result<Option<Object>, StartError> {
    let own = keys.description.value();
    let stored = store.get(paths::WELL_KNOWN).await?;
    if let Some(object) = stored.as_ref().filter(|object| object.bytes != keys.description.bytes()) {
        let found = Signed::<WellKnown>::verify(&object.bytes, &own.root_key).map_err(StartError::OtherRegistry)?;
        if found.value().version > own.version {
            return Err(StartError::OldDescription { found: found.value().version, own: own.version });
        }
    }
    Ok(stored)
}
