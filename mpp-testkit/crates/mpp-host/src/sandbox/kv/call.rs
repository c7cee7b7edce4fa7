//! The state as one call sees it: what each function does, and how the call ends.

use std::sync::Arc;

use super::fault::{Fault, LOCKED, LOST_RACE};
use super::limits::{LONGEST_KEY, LONGEST_PAGE, LONGEST_VALUE};
use super::store::Store;
use super::transaction::Transaction;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::failure::Status;

/// Greater than every key there can be.
const AFTER_ALL: [u8; LONGEST_KEY + 1] = [0xff; LONGEST_KEY + 1];

/// One call's access to the state.
pub(crate) struct KvCall {
    store: Arc<Store>,
    /// Whether the write lock is taken by the first function, whatever it is: such a call loses no race.
    exclusive: bool,
    /// Ends what the call waits for.
    cancellation: Cancellation,
    transaction: Option<Transaction>,
    rollback: Option<RollbackReason>,
    used: bool,
}

/// Why the state transaction of a call cannot be committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RollbackReason {
    /// Somebody else wrote what it has read.
    LostRace,
    /// The lock was not to be had in its time.
    Locked,
    /// The database cannot be used; a sentence.
    Broken(String),
}

impl RollbackReason {
    /// What happened, in a sentence.
    pub(crate) fn sentence(&self) -> &str {
        match self {
            Self::LostRace => LOST_RACE,
            Self::Locked => LOCKED,
            Self::Broken(reason) => reason,
        }
    }
}

impl KvCall {
    /// Access to `store`; `exclusive` for a call that is made again because it lost a race.
    pub(crate) fn new(store: &Arc<Store>, exclusive: bool, cancellation: Cancellation) -> Self {
        Self { store: Arc::clone(store), exclusive, cancellation, transaction: None, rollback: None, used: false }
    }

    /// Whether any function was called.
    pub(crate) fn was_used(&self) -> bool {
        self.used
    }

    /// Why the call must fail; `None` where its transaction can be committed.
    pub(crate) fn rollback(&self) -> Option<&RollbackReason> {
        self.rollback.as_ref()
    }

    /// Makes what the call did last. Dropped without this, nothing of it remains.
    pub(crate) fn commit(mut self) -> Result<(), RollbackReason> {
        if let Some(reason) = self.rollback {
            return Err(reason);
        }
        match self.transaction.take().map(Transaction::commit) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(fault)) => Err(RollbackReason::of(fault)),
        }
    }

    /// Runs one function. After a failure that rolls the transaction back, every function fails in the same way.
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

    /// The lock is for others now.
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

    /// The value of `key`.
    pub(super) fn get(&mut self, key: &[u8], deadline: Deadline) -> Result<Option<Vec<u8>>, Fault> {
        check_key(key)?;
        Ok(find(self.reading(deadline)?, key)?.map(|(value, _)| value))
    }

    /// Writes `value`; with `ttl_ms` over 0 it is gone after so many milliseconds.
    pub(super) fn set(&mut self, key: &[u8], value: &[u8], ttl_ms: u64, deadline: Deadline) -> Result<(), Fault> {
        check_key(key)?;
        let max_bytes = self.store.max_bytes;
        check_value(key, value, max_bytes)?;
        let transaction = self.writing(deadline)?;
        put(transaction, max_bytes, key, value, expiry(transaction.now, ttl_ms))
    }

    /// Removes `key`; whether it was there.
    pub(super) fn delete(&mut self, key: &[u8], deadline: Deadline) -> Result<bool, Fault> {
        check_key(key)?;
        remove(self.writing(deadline)?, key)
    }

    /// Keys that start with `prefix` and come after `after`, in order, at most `limit`.
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
        // What comes right after a key is that key and a zero byte.
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

    /// Writes `value` (nothing removes the key) where `expected` (nothing for no key) is what is there; whether it was.
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

    /// Adds `by` to the number at `key`, which is 0 where there is none; the sum. It expires when it did before.
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

/// A value and when it expires.
type Found = (Vec<u8>, Option<i64>);

/// What is there, where it has not expired.
fn find(transaction: &Transaction, key: &[u8]) -> Result<Option<Found>, Fault> {
    let found = transaction.database()?.row(
        "SELECT value, expires FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)",
        (key, transaction.now),
        |row| Ok((bytes(row, 0)?.to_vec(), row.get(1)?)),
    )?;
    Ok(found)
}

/// Writes an entry within the quota.
fn put(
    transaction: &mut Transaction,
    max_bytes: u64,
    key: &[u8],
    value: &[u8],
    expires: Option<i64>,
) -> Result<(), Fault> {
    let new = (key.len() + value.len()) as u64;
    // Far from the quota there is room, whatever the entry replaces; near it, that decides.
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

/// Removes an entry; whether there was one that had not expired.
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

/// Bytes of an entry, expired or not; none where there is no such entry.
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

/// The first key after all that start with `prefix`; none where there is no such key.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

fn expiry(now: i64, ttl_ms: u64) -> Option<i64> {
    (ttl_ms > 0).then(|| now.saturating_add(i64::try_from(ttl_ms).unwrap_or(i64::MAX)))
}

/// A counter: decimal digits with a `-` in front where it is negative, as this host writes them.
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
