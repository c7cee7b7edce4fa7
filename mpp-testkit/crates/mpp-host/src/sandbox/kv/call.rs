//! One call's access to the state: the functions that a tool can call, and the commit at the end of the call.

use std::sync::Arc;

use super::entries;
use super::fault::{Fault, LOCKED, LOST_RACE};
use super::store::Store;
use super::transaction::Transaction;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::failure::Status;

/// One call's access to the state of its package. All functions of the call share one transaction.
pub(crate) struct KvCall {
    store: Arc<Store>,
    /// Whether the first function takes the write lock, even if it only reads. Such a call cannot lose a race.
    exclusive: bool,
    /// Ends the waiting of the call when it is cancelled.
    cancellation: Cancellation,
    transaction: Option<Transaction>,
    rollback: Option<RollbackReason>,
    used: bool,
}

/// Why the state transaction of a call cannot be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RollbackReason {
    /// Another transaction wrote to the state after this one began to read, or is writing now.
    LostRace,
    /// The call could not take the write lock before its deadline.
    Locked,
    /// The database cannot be used. The text is a sentence for the tool.
    Broken(String),
}

impl RollbackReason {
    /// Describes the reason in a sentence.
    pub(crate) fn sentence(&self) -> &str {
        match self {
            Self::LostRace => LOST_RACE,
            Self::Locked => LOCKED,
            Self::Broken(reason) => reason,
        }
    }
}

impl KvCall {
    /// Creates the access of one call to `store`. `exclusive` is set for a call that is repeated because it lost a race.
    pub(crate) fn new(store: &Arc<Store>, exclusive: bool, cancellation: Cancellation) -> Self {
        Self { store: Arc::clone(store), exclusive, cancellation, transaction: None, rollback: None, used: false }
    }

    /// Returns whether the call has used any function.
    pub(crate) fn was_used(&self) -> bool {
        self.used
    }

    /// Returns whether a commit changes the state.
    pub(crate) fn has_changes(&self) -> bool {
        self.transaction.as_ref().is_some_and(Transaction::is_writing)
    }

    /// Returns why the call must fail; `None` if its transaction can be committed.
    pub(crate) fn rollback(&self) -> Option<&RollbackReason> {
        self.rollback.as_ref()
    }

    /// Commits the changes of the call. If `self` is dropped instead, they are rolled back.
    pub(crate) fn commit(mut self) -> Result<(), RollbackReason> {
        if let Some(reason) = self.rollback {
            return Err(reason);
        }
        match self.transaction.take().map(Transaction::commit) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(fault)) => Err(RollbackReason::of(fault)),
        }
    }

    /// Runs one function. After a failure that rolls the transaction back, every later function fails in the same way.
    pub(super) fn run<T>(&mut self, function: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.used = true;
        let result = match &self.rollback {
            None => function(self),
            Some(RollbackReason::LostRace) => Err(Fault::LostRace),
            Some(RollbackReason::Locked) => Err(Fault::Locked),
            Some(RollbackReason::Broken(reason)) => Err(Fault::Broken(reason.clone())),
        };
        match &result {
            Ok(_) | Err(Fault::Refused(..)) => {}
            Err(Fault::LostRace) => self.fail(RollbackReason::LostRace),
            Err(Fault::Locked) => self.fail(RollbackReason::Locked),
            Err(Fault::Broken(reason)) => self.fail(RollbackReason::Broken(reason.clone())),
        }
        result
    }

    /// Records the reason and drops the transaction, which releases the lock.
    fn fail(&mut self, reason: RollbackReason) {
        self.transaction = None;
        self.rollback.get_or_insert(reason);
    }

    fn reading(&mut self, deadline: Deadline) -> Result<&mut Transaction, Fault> {
        if self.exclusive {
            return self.writing(deadline);
        }
        let transaction = match self.transaction.take() {
            Some(transaction) => transaction,
            None => Transaction::read(&self.store, deadline, &self.cancellation)?,
        };
        Ok(self.transaction.insert(transaction))
    }

    fn writing(&mut self, deadline: Deadline) -> Result<&mut Transaction, Fault> {
        let transaction = match self.transaction.take() {
            Some(mut transaction) => {
                transaction.upgrade()?;
                transaction
            }
            None => Transaction::write(&self.store, deadline, &self.cancellation)?,
        };
        Ok(self.transaction.insert(transaction))
    }

    /// Returns the value of `key`.
    pub(super) fn get(&mut self, key: &[u8], deadline: Deadline) -> Result<Option<Vec<u8>>, Fault> {
        entries::check_key(key)?;
        Ok(entries::find(self.reading(deadline)?, key)?.map(|(value, _)| value))
    }

    /// Sets `key` to `value`. The entry expires after `ttl_ms` milliseconds, or never if `ttl_ms` is 0.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], ttl_ms: u64, deadline: Deadline) -> Result<(), Fault> {
        entries::check_key(key)?;
        let max_bytes = self.store.max_bytes;
        entries::check_value(key, value, max_bytes)?;
        let transaction = self.writing(deadline)?;
        entries::put(transaction, max_bytes, key, value, entries::expiry(transaction.now, ttl_ms))
    }

    /// Removes `key` and returns whether it was present.
    pub(super) fn delete(&mut self, key: &[u8], deadline: Deadline) -> Result<bool, Fault> {
        entries::check_key(key)?;
        entries::remove(self.writing(deadline)?, key)
    }

    /// Passes the keys that start with `prefix` and sort after `after` to `each`, in order and at most `limit`, and returns their number.
    pub(super) fn list(
        &mut self,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
        deadline: Deadline,
        each: impl FnMut(&[u8]),
    ) -> Result<i32, Fault> {
        entries::check_page(prefix, after, limit)?;
        entries::list(self.reading(deadline)?, prefix, after, limit, each)
    }

    /// Sets `key` to `value` if its current value is `expected`, and returns whether it was.
    ///
    /// `None` as `expected` means that the key is not present; `None` as `value` removes the key.
    pub(super) fn compare_and_swap(
        &mut self,
        key: &[u8],
        expected: Option<&[u8]>,
        value: Option<&[u8]>,
        ttl_ms: u64,
        deadline: Deadline,
    ) -> Result<bool, Fault> {
        entries::check_key(key)?;
        let max_bytes = self.store.max_bytes;
        if let Some(value) = value {
            entries::check_value(key, value, max_bytes)?;
        }
        let transaction = self.writing(deadline)?;
        let found = entries::find(transaction, key)?;
        if found.as_ref().map(|(value, _)| value.as_slice()) != expected {
            return Ok(false);
        }
        match value {
            Some(value) => entries::put(transaction, max_bytes, key, value, entries::expiry(transaction.now, ttl_ms))?,
            None => drop(entries::remove(transaction, key)?),
        }
        Ok(true)
    }

    /// Adds `by` to the number at `key` and returns the sum. A missing key counts as 0. The expiry of the entry does not change.
    pub(super) fn increment(&mut self, key: &[u8], by: i64, deadline: Deadline) -> Result<i64, Fault> {
        entries::check_key(key)?;
        let max_bytes = self.store.max_bytes;
        let transaction = self.writing(deadline)?;
        let (old, expires) = match entries::find(transaction, key)? {
            Some((value, expires)) => (entries::number(&value)?, expires),
            None => (0, None),
        };
        let sum = old.checked_add(by).ok_or_else(|| {
            Fault::refused(
                Status::Invalid,
                format!("the sum of {old} and {by} does not fit 64 bits; the counter was not changed"),
            )
        })?;
        let text = sum.to_string();
        entries::check_value(key, text.as_bytes(), max_bytes)?;
        entries::put(transaction, max_bytes, key, text.as_bytes(), expires)?;
        Ok(sum)
    }
}

impl RollbackReason {
    fn of(fault: Fault) -> Self {
        match fault {
            Fault::LostRace => Self::LostRace,
            Fault::Locked => Self::Locked,
            Fault::Refused(_, reason) | Fault::Broken(reason) => Self::Broken(reason),
        }
    }
}
