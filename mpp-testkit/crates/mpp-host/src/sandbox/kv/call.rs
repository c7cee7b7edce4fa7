//! One call's access to the state: the functions that a tool can call, and the commit at the end of the call.

use std::sync::Arc;

use super::fault::{Fault, LOCKED, LOST_RACE};
use super::limits::{LONGEST_KEY, LONGEST_PAGE, LONGEST_VALUE};
use super::store::Store;
use super::transaction::Transaction;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::failure::Status;

/// Sorts after every valid key.
const AFTER_ALL: [u8; LONGEST_KEY + 1] = [0xff; LONGEST_KEY + 1];

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
        check_key(key)?;
        Ok(find(self.reading(deadline)?, key)?.map(|(value, _)| value))
    }

    /// Sets `key` to `value`. The entry expires after `ttl_ms` milliseconds, or never if `ttl_ms` is 0.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], ttl_ms: u64, deadline: Deadline) -> Result<(), Fault> {
        check_key(key)?;
        let max_bytes = self.store.max_bytes;
        check_value(key, value, max_bytes)?;
        let transaction = self.writing(deadline)?;
        put(transaction, max_bytes, key, value, expiry(transaction.now, ttl_ms))
    }

    /// Removes `key` and returns whether it was present.
    pub(super) fn delete(&mut self, key: &[u8], deadline: Deadline) -> Result<bool, Fault> {
        check_key(key)?;
        remove(self.writing(deadline)?, key)
    }

    /// Passes the keys that start with `prefix` and sort after `after` to `each`, in order and at most `limit`, and returns their number.
    pub(super) fn list(
        &mut self,
        prefix: &[u8],
        after: &[u8],
        limit: u32,
        deadline: Deadline,
        mut each: impl FnMut(&[u8]),
    ) -> Result<i32, Fault> {
        for (what, bytes) in [("prefix", prefix), ("key to go on after", after)] {
            if bytes.len() > LONGEST_KEY {
                return Err(too_long(what, bytes.len()));
            }
        }
        if limit == 0 || limit as usize > LONGEST_PAGE {
            let sentence = format!("a page has 1 to {LONGEST_PAGE} keys, not {limit}");
            return Err(Fault::refused(Status::Invalid, sentence));
        }
        let transaction = self.reading(deadline)?;
        // The smallest key after `after` is `after` followed by a zero byte.
        let next = (!after.is_empty()).then(|| [after, &[0]].concat());
        let from = next.as_deref().map_or(prefix, |next| next.max(prefix));
        let end = end_of(prefix);
        let mut statement = transaction.database()?.connection.prepare_cached(
            "SELECT key FROM kv WHERE key >= ?1 AND key < ?2 AND (expires IS NULL OR expires > ?3) ORDER BY key LIMIT ?4",
        )?;
        let mut rows = statement.query((from, end.as_deref().unwrap_or(&AFTER_ALL), transaction.now, limit))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            each(bytes(row, 0)?);
            count += 1;
        }
        Ok(count)
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
        check_key(key)?;
        let max_bytes = self.store.max_bytes;
        if let Some(value) = value {
            check_value(key, value, max_bytes)?;
        }
        let transaction = self.writing(deadline)?;
        let found = find(transaction, key)?;
        if found.as_ref().map(|(value, _)| value.as_slice()) != expected {
            return Ok(false);
        }
        match value {
            Some(value) => put(transaction, max_bytes, key, value, expiry(transaction.now, ttl_ms))?,
            None => drop(remove(transaction, key)?),
        }
        Ok(true)
    }

    /// Adds `by` to the number at `key` and returns the sum. A missing key counts as 0. The expiry of the entry does not change.
    pub(super) fn increment(&mut self, key: &[u8], by: i64, deadline: Deadline) -> Result<i64, Fault> {
        check_key(key)?;
        let max_bytes = self.store.max_bytes;
        let transaction = self.writing(deadline)?;
        let (old, expires) = match find(transaction, key)? {
            Some((value, expires)) => (number(&value)?, expires),
            None => (0, None),
        };
        let sum = old.checked_add(by).ok_or_else(|| {
            Fault::refused(
                Status::Invalid,
                format!("{old} and {by} together do not fit 64 bits; the counter is as it was"),
            )
        })?;
        let text = sum.to_string();
        check_value(key, text.as_bytes(), max_bytes)?;
        put(transaction, max_bytes, key, text.as_bytes(), expires)?;
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

/// A value, and its expiry in milliseconds since 1970.
type Found = (Vec<u8>, Option<i64>);

/// Returns the entry of `key` if it has not expired.
fn find(transaction: &Transaction, key: &[u8]) -> Result<Option<Found>, Fault> {
    let found = transaction.database()?.row(
        "SELECT value, expires FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)",
        (key, transaction.now),
        |row| Ok((bytes(row, 0)?.to_vec(), row.get(1)?)),
    )?;
    Ok(found)
}

/// Writes an entry, or refuses it if it does not fit the quota.
fn put(
    transaction: &mut Transaction,
    max_bytes: u64,
    key: &[u8],
    value: &[u8],
    expires: Option<i64>,
) -> Result<(), Fault> {
    let new = (key.len() + value.len()) as u64;
    // The size of the entry that is replaced only matters near the quota, so that it is not queried otherwise.
    while transaction.used().saturating_add(new) > max_bytes {
        let others = transaction.used().saturating_sub(size(transaction, key)?);
        if others.saturating_add(new) <= max_bytes {
            break;
        }
        if !transaction.purge_all()? {
            let sentence = format!(
                "the package's state is full: {others} bytes of other entries and {new} of this one are more than the \
                 {max_bytes} that `kv.max_bytes` of its manifest allows; delete something"
            );
            return Err(Fault::refused(Status::Full, sentence));
        }
    }
    let old = transaction.database()?.put(key, value, expires)?;
    transaction.shrink(old);
    transaction.grow(new);
    Ok(())
}

/// Removes an entry, and returns whether there was one that had not expired.
fn remove(transaction: &mut Transaction, key: &[u8]) -> Result<bool, Fault> {
    let removed = transaction.database()?.row(
        "DELETE FROM kv WHERE key = ?1 RETURNING length(key) + length(value), expires",
        [key],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
    )?;
    let Some((size, expires)) = removed else { return Ok(false) };
    transaction.shrink(u64::try_from(size).unwrap_or_default());
    Ok(expires.is_none_or(|expires| expires > transaction.now))
}

/// Returns the bytes of an entry, expired or not; 0 if there is no such entry.
fn size(transaction: &Transaction, key: &[u8]) -> Result<u64, Fault> {
    let size =
        transaction
            .database()?
            .row("SELECT length(key) + length(value) FROM kv WHERE key = ?1", [key], |row| row.get::<_, i64>(0))?;
    Ok(size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default())
}

fn bytes<'a>(row: &'a rusqlite::Row<'_>, column: usize) -> rusqlite::Result<&'a [u8]> {
    Ok(row.get_ref(column)?.as_blob()?)
}

/// Returns the first key after all keys that start with `prefix`; `None` if there is no such key.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn expiry(now: i64, ttl_ms: u64) -> Option<i64> {
    (ttl_ms > 0).then(|| now.saturating_add(i64::try_from(ttl_ms).unwrap_or(i64::MAX)))
}

/// Parses a counter: decimal digits, preceded by `-` if it is negative.
fn number(value: &[u8]) -> Result<i64, Fault> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Fault::refused(Status::Invalid, "the value is no number, so that it cannot be added to; it is as it was")
    })
}

fn check_key(key: &[u8]) -> Result<(), Fault> {
    match key.len() {
        0 => Err(Fault::refused(Status::Invalid, "a key has 1 byte or more")),
        1..=LONGEST_KEY => Ok(()),
        length => Err(too_long("key", length)),
    }
}

fn too_long(what: &str, length: usize) -> Fault {
    Fault::refused(Status::TooLarge, format!("the {what} has {length} bytes; the longest may have {LONGEST_KEY}"))
}

fn check_value(key: &[u8], value: &[u8], max_bytes: u64) -> Result<(), Fault> {
    let refuse =
        |limit: String| Err(Fault::refused(Status::TooLarge, format!("the value has {} bytes; {limit}", value.len())));
    if value.len() > LONGEST_VALUE {
        return refuse(format!("the longest may have {LONGEST_VALUE}"));
    }
    if (key.len() + value.len()) as u64 > max_bytes {
        return refuse(format!("with its key it is more than all of the {max_bytes} that `kv.max_bytes` allows"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{end_of, number};

    #[test]
    fn a_prefix_ends_before_the_next_one() {
        assert_eq!(end_of(b"a/").as_deref(), Some(b"a0".as_slice()));
        assert_eq!(end_of(b"a\xff\xff").as_deref(), Some(b"b".as_slice()));
        assert_eq!(end_of(b"\xff"), None);
        assert_eq!(end_of(b""), None);
    }

    #[test]
    fn numbers_are_decimal_text() {
        assert_eq!(number(b"-12").ok(), Some(-12));
        for other in [b"".as_slice(), b"1.5", b" 1", b"9223372036854775808", b"\xff"] {
            assert!(number(other).is_err(), "{other:?}");
        }
    }
}
