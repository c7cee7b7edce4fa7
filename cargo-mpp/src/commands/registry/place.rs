//! Where a registry is: its directory, and the store with everything that it serves.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mpp_home::FileError;
use mpp_host::clock::{Clock, SystemClock};
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::HttpOptions;
use mpp_registry::log::Options;
use mpp_registry::server::{DerivedFiles, KeysDir, KeysError, PolicyError, RegistryKeys, StartError};
use mpp_registry::state::State;
use mpp_registry::store::{Store, StoreError};

use crate::cli::RegistryPlaceArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::session::Session;

impl Explain for KeysError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}
impl Explain for PolicyError {
    fn place(&self) -> Option<String> {
        Some(self.path.display().to_string())
    }
}
impl Explain for StartError {
    fn advice(&self) -> String {
        codes::help(self.code())
    }
}
impl Explain for StoreError {}
impl Explain for mpp_registry::log::WriterError {}
impl Explain for mpp_registry::log::CopyError {}

/// The error returned when the threads of the program cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("the threads of the program cannot be started")]
pub(super) struct NoRuntime(#[source] std::io::Error);

impl Coded for NoRuntime {
    fn code(&self) -> &'static Code {
        &codes::C070
    }
}

impl Explain for NoRuntime {}

/// The place of a registry.
#[derive(Debug)]
pub(super) struct Place {
    dir: PathBuf,
    store: String,
}

impl Place {
    /// Returns the place that the arguments name.
    pub(super) fn new(session: &Session, args: &RegistryPlaceArgs) -> Self {
        let dir = session.resolve(&args.dir);
        let store = args.store.clone().unwrap_or_else(|| dir.join("store").display().to_string());
        Self { dir, store }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn keys(&self) -> KeysDir {
        keys(&self.dir)
    }

    pub(super) fn cache(&self) -> PathBuf {
        self.dir.join("cache")
    }

    /// Opens the store for writing.
    pub(super) fn open(&self, session: &Session) -> Result<Store, StoreError> {
        open(session, &self.store)
    }

    /// Opens the store for reading.
    pub(super) fn open_to_read(&self, session: &Session) -> Result<Store, StoreError> {
        open_to_read(session, &self.store)
    }
}

/// Returns the directory with the keys of a registry.
pub(super) fn keys(dir: &Path) -> KeysDir {
    KeysDir::new(dir.join("keys"))
}

/// Opens a directory, or a bucket of an object store, for writing.
pub(super) fn open(session: &Session, store: &str) -> Result<Store, StoreError> {
    bucket(session, store).unwrap_or_else(|| Store::directory(&session.resolve(Path::new(store))))
}

/// Opens a directory without locking it, or a bucket of an object store.
pub(super) fn open_to_read(session: &Session, store: &str) -> Result<Store, StoreError> {
    bucket(session, store).unwrap_or_else(|| Store::directory_to_read(&session.resolve(Path::new(store))))
}

fn bucket(session: &Session, store: &str) -> Option<Result<Store, StoreError>> {
    let (bucket, prefix) = store.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    Some(Store::s3(bucket, prefix.trim_end_matches('/'), session.variables()))
}

/// Returns what the log of a registry is opened with.
pub(super) fn log_options(store: Store, dir: &KeysDir, keys: &RegistryKeys) -> Result<Options<State>, Error> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    Ok(Options {
        derive: Arc::new(DerivedFiles::new(store.clone(), keys.log.clone(), Arc::clone(&clock))),
        store,
        keys: keys.log_keys(dir.memory_path())?,
        clock,
        genesis: keys.genesis(),
        empty: State::new(keys.origin().clone()),
        cached: None,
        poll: Duration::from_secs(1),
    })
}

/// Returns how another registry is reached, with the certificates in `ca` besides those of the system.
pub(super) fn http_options(session: &Session, ca: Option<&Path>) -> Result<HttpOptions, FileError> {
    let mut options = HttpOptions::default();
    if let Some(file) = ca {
        let path = session.resolve(file);
        let pem = std::fs::read(&path).map_err(|source| FileError::read("the certificates", &path, source))?;
        options.certificates = Some(pem);
    }
    Ok(options)
}

/// Runs a future to its end.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, NoRuntime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(NoRuntime)?;
    Ok(runtime.block_on(work))
}
