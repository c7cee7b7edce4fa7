//! A store for tests that fails, delays, loses answers, stalls, or dies after some operations.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use tokio::sync::Notify;

use super::Store;
use super::backend::{Backend, Created, ETag, Listed, Meta, Opened, Updated};
use super::error::StoreError;

/// What goes wrong, shared by a test and its store.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    operations: AtomicUsize,
    /// From this operation on, none ever ends.
    die_at: AtomicUsize,
    pub(crate) died: Notify,
    /// Of 100 operations, this many fail without effect, and this many have an effect and lose their answer.
    failing: AtomicUsize,
    lost: AtomicUsize,
    random: AtomicU64,
    /// Writes of paths that begin with this wait until they are released.
    stalled: std::sync::Mutex<Option<String>>,
    pub(crate) is_stalling: Notify,
    released: AtomicBool,
    release: Notify,
}

impl Faults {
    /// Nothing goes wrong.
    pub(crate) fn none() -> Arc<Self> {
        Arc::new(Self { die_at: AtomicUsize::new(usize::MAX), random: AtomicU64::new(1), ..Self::default() })
    }

    /// The store dies after this many operations.
    pub(crate) fn die_after(operations: usize) -> Arc<Self> {
        let faults = Self::none();
        faults.die_at.store(operations, Ordering::SeqCst);
        faults
    }

    /// Of 100 operations, `failing` fail, and `lost` lose their answers.
    pub(crate) fn unreliable(failing: usize, lost: usize, seed: u64) -> Arc<Self> {
        let faults = Self::none();
        faults.failing.store(failing, Ordering::SeqCst);
        faults.lost.store(lost, Ordering::SeqCst);
        faults.random.store(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, Ordering::SeqCst);
        faults
    }

    /// Writes of paths with this prefix wait from now on.
    pub(crate) fn stall(&self, prefix: &str) {
        self.released.store(false, Ordering::SeqCst);
        *self.stalled.lock().unwrap() = Some(prefix.to_owned());
    }

    /// Lets the waiting writes go on.
    pub(crate) fn release(&self) {
        *self.stalled.lock().unwrap() = None;
        self.released.store(true, Ordering::SeqCst);
        self.release.notify_waiters();
    }

    /// Returns the number of operations so far.
    pub(crate) fn operations(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    /// Returns a store in front of `store` in which these faults happen.
    pub(crate) fn store(self: &Arc<Self>, store: &Store) -> Store {
        Store::of(Faulty { faults: Arc::clone(self), inner: store.backend() })
    }

    fn percent(&self) -> usize {
        let next = |state: u64| {
            let state = state ^ (state << 13);
            let state = state ^ (state >> 7);
            state ^ (state << 17)
        };
        let state = self.random.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| Some(next(state)));
        usize::try_from(next(state.unwrap()) % 100).unwrap()
    }

    /// Returns whether the answer of the operation is to be lost.
    async fn before(&self, path: &str, is_write: bool) -> Result<bool, StoreError> {
        if self.operations.fetch_add(1, Ordering::SeqCst) >= self.die_at.load(Ordering::SeqCst) {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        let is_stalled = || self.stalled.lock().unwrap().as_deref().is_some_and(|prefix| path.starts_with(prefix));
        if is_write && is_stalled() {
            let released = self.release.notified();
            self.is_stalling.notify_one();
            if !self.released.load(Ordering::SeqCst) {
                released.await;
            }
        }
        let percent = self.percent();
        let failing = self.failing.load(Ordering::SeqCst);
        if percent < failing {
            return Err(failure(path));
        }
        Ok(percent < failing + self.lost.load(Ordering::SeqCst))
    }
}

fn failure(path: &str) -> StoreError {
    StoreError::Failed { operation: "use", path: path.to_owned(), source: "a fault of the test".into() }
}

struct Faulty {
    faults: Arc<Faults>,
    inner: Arc<dyn Backend>,
}

impl fmt::Debug for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

impl Faulty {
    async fn run<T>(
        &self,
        path: &str,
        is_write: bool,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let is_lost = self.faults.before(path, is_write).await?;
        let result = operation.await?;
        if is_lost { Err(failure(path)) } else { Ok(result) }
    }
}

impl Backend for Faulty {
    fn open<'a>(
        &'a self,
        path: &'a str,
        range: Option<Range<u64>>,
    ) -> BoxFuture<'a, Result<Option<Opened>, StoreError>> {
        Box::pin(self.run(path, false, self.inner.open(path, range)))
    }

    fn head<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Option<Meta>, StoreError>> {
        Box::pin(self.run(path, false, self.inner.head(path)))
    }

    fn create<'a>(&'a self, path: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<Created, StoreError>> {
        Box::pin(self.run(path, true, self.inner.create(path, bytes)))
    }

    fn update<'a>(
        &'a self,
        path: &'a str,
        bytes: Bytes,
        expected: Option<&'a ETag>,
    ) -> BoxFuture<'a, Result<Updated, StoreError>> {
        Box::pin(self.run(path, true, self.inner.update(path, bytes, expected)))
    }

    fn delete<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.run(path, true, self.inner.delete(path)))
    }

    fn list<'a>(&'a self, prefix: &'a str) -> BoxStream<'a, Result<Listed, StoreError>> {
        self.inner.list(prefix)
    }
}
