//! The state of a granted package, for programs that run the package: they can read it, write it and lock it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::call::KvCall;
use super::database::Database;
use super::dir::{Entry, StateError, Stored};
use super::fault::Fault;
use super::store::Store;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;

/// How long an operation waits for a call that is writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state that the calls of a granted package share, returned by
/// [`RunnablePackage::state`](crate::host::RunnablePackage::state).
#[derive(Debug, Clone)]
pub struct State(Arc<Store>);

/// The write lock of a state, held until this value is dropped. To calls it looks as if another process were writing.
#[derive(Debug)]
pub struct Held {
    /// Closing the connection releases the lock.
    _database: Database,
}

impl State {
    pub(crate) fn new(store: &Arc<Store>) -> Self {
        Self(Arc::clone(store))
    }

    /// Returns the stored state, whose file does not have to exist.
    #[must_use]
    pub fn stored(&self) -> Stored {
        self.0.stored()
    }

    /// Passes every entry that has not expired by the host's clock to `each`, in the order of the keys.
    ///
    /// # Errors
    /// Returns [`StateError`] if the state cannot be read. Entries that `each` received before are valid.
    pub fn for_each(&self, each: impl FnMut(Entry<'_>)) -> Result<(), StateError> {
        self.stored().for_each(b"", self.now(), each)
    }

    /// Returns the time of the host's clock, which decides whether an entry has expired.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0.now()).unwrap_or_default())
    }

    /// Writes entries (key, value, time to live) as one call of the package would: all of them or none, within its quota.
    ///
    /// An entry without a time to live does not expire.
    ///
    /// # Errors
    /// Returns [`StateError`] with the message that a tool would receive.
    pub fn set<'a>(
        &self,
        entries: impl IntoIterator<Item = (&'a [u8], &'a [u8], Option<Duration>)>,
    ) -> Result<(), StateError> {
        let deadline = Deadline::after(PATIENCE);
        let mut call = KvCall::new(&self.0, true, Cancellation::default());
        for (key, value, time) in entries {
            let time = time.map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1));
            call.set(key, value, time, deadline).map_err(|fault| self.failed(fault))?;
        }
        call.commit().map_err(|reason| StateError::new(&self.stored().path, reason.sentence()))
    }

    /// Takes the write lock, as a writing call in another process would. Creates the state if it does not exist.
    ///
    /// # Errors
    /// Returns [`StateError`] if the state cannot be opened, or the lock cannot be taken within ten seconds.
    pub fn hold(&self) -> Result<Held, StateError> {
        let hold = || -> Result<Held, Fault> {
            let database = self.0.connect_anew(PATIENCE, &Cancellation::default())?;
            database.run("BEGIN IMMEDIATE", [])?;
            Ok(Held { _database: database })
        };
        hold().map_err(|fault| self.failed(fault))
    }

    fn failed(&self, fault: Fault) -> StateError {
        let (_, reason) = fault.into();
        StateError::new(&self.stored().path, reason)
    }
}
