//! The state of a granted package, for whoever runs it: to look at, to fill, to lock.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::call::KvCall;
use super::database::Database;
use super::dir::{Entry, StateError, Stored};
use super::fault::Fault;
use super::store::Store;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;

/// How long to wait for a call that is writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// The state that the calls of a granted package share: [`RunnablePackage::state`](crate::host::RunnablePackage::state).
#[derive(Debug, Clone)]
pub struct State(Arc<Store>);

/// The write lock of a state, until this is dropped: to every call it is another process that is writing.
#[derive(Debug)]
pub struct Held {
    /// Closing it gives the lock back.
    _database: Database,
}

impl State {
    pub(crate) fn new(store: &Arc<Store>) -> Self {
        Self(Arc::clone(store))
    }

    /// Its file, which need not be there.
    #[must_use]
    pub fn stored(&self) -> Stored {
        self.0.stored()
    }

    /// Gives every entry that has not expired by the host's clock, in the order of their keys.
    ///
    /// # Errors
    /// As [`Stored::for_each`].
    pub fn for_each(&self, each: impl FnMut(Entry<'_>)) -> Result<(), StateError> {
        self.stored().for_each(b"", self.now(), each)
    }

    /// The time that its entries expire by.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(self.0.now()).unwrap_or_default())
    }

    /// Writes entries as one call of the package would: all of them or none, within its quota. With a time over zero an
    /// entry is gone after it.
    ///
    /// # Errors
    /// [`StateError`], with what a tool would be told.
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
        call.commit().map_err(|reason| StateError { path: self.stored().path, reason: reason.sentence().to_owned() })
    }

    /// Takes the write lock, as a call in another process that writes; makes the state where there is none.
    ///
    /// # Errors
    /// [`StateError`] where it is not to be had within ten seconds.
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
        StateError { path: self.stored().path, reason }
    }
}
