//! The entries of a state, as one transaction reads and writes them, and the limits of their keys and values.

use super::fault::Fault;
use super::limits::{LONGEST_KEY, LONGEST_PAGE, LONGEST_VALUE};
use super::transaction::Transaction;
use crate::sandbox::failure::Status;

/// Sorts after every valid key.
const AFTER_ALL: [u8; LONGEST_KEY + 1] = [0xff; LONGEST_KEY + 1];

/// A value, and its expiry in milliseconds since 1970.
pub(super) type Found = (Vec<u8>, Option<i64>);

/// Returns the entry of `key` if it has not expired.
pub(super) fn find(transaction: &Transaction, key: &[u8]) -> Result<Option<Found>, Fault> {
    let found = transaction.database()?.row(
        "SELECT value, expires FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)",
        (key, transaction.now),
        |row| Ok((bytes(row, 0)?.to_vec(), row.get(1)?)),
    )?;
    Ok(found)
}

/// Writes an entry, or refuses it if it does not fit the quota.
pub(super) fn put(
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
                "the package's state is full: {others} bytes of other entries and {new} of this one exceed the {max_bytes} that `kv.max_bytes` of its manifest allows; delete some entries"
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
pub(super) fn remove(transaction: &mut Transaction, key: &[u8]) -> Result<bool, Fault> {
    let removed = transaction.database()?.row(
        "DELETE FROM kv WHERE key = ?1 RETURNING length(key) + length(value), expires",
        [key],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)),
    )?;
    let Some((size, expires)) = removed else { return Ok(false) };
    transaction.shrink(u64::try_from(size).unwrap_or_default());
    Ok(expires.is_none_or(|expires| expires > transaction.now))
}

/// Passes the keys that start with `prefix` and sort after `after` to `each`, in order and at most `limit`, and returns their
/// number.
pub(super) fn list(
    transaction: &Transaction,
    prefix: &[u8],
    after: &[u8],
    limit: u32,
    mut each: impl FnMut(&[u8]),
) -> Result<i32, Fault> {
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

pub(super) fn expiry(now: i64, ttl_ms: u64) -> Option<i64> {
    (ttl_ms > 0).then(|| now.saturating_add(i64::try_from(ttl_ms).unwrap_or(i64::MAX)))
}

/// Parses a counter: decimal digits, preceded by `-` if it is negative.
pub(super) fn number(value: &[u8]) -> Result<i64, Fault> {
    std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
        Fault::refused(Status::Invalid, "the value is not a number, so it cannot be incremented; it was not changed")
    })
}

pub(super) fn check_key(key: &[u8]) -> Result<(), Fault> {
    match key.len() {
        0 => Err(Fault::refused(Status::Invalid, "a key has 1 byte or more")),
        1..=LONGEST_KEY => Ok(()),
        length => Err(too_long("key", length)),
    }
}

pub(super) fn check_page(prefix: &[u8], after: &[u8], limit: u32) -> Result<(), Fault> {
    for (what, bytes) in [("prefix", prefix), ("key to go on after", after)] {
        if bytes.len() > LONGEST_KEY {
            return Err(too_long(what, bytes.len()));
        }
    }
    if limit == 0 || limit as usize > LONGEST_PAGE {
        let sentence = format!("a page can have 1 to {LONGEST_PAGE} keys, not {limit}");
        return Err(Fault::refused(Status::Invalid, sentence));
    }
    Ok(())
}

fn too_long(what: &str, length: usize) -> Fault {
    Fault::refused(Status::TooLarge, format!("the {what} has {length} bytes; the limit is {LONGEST_KEY}"))
}

pub(super) fn check_value(key: &[u8], value: &[u8], max_bytes: u64) -> Result<(), Fault> {
    let refuse =
        |limit: String| Err(Fault::refused(Status::TooLarge, format!("the value has {} bytes; {limit}", value.len())));
    if value.len() > LONGEST_VALUE {
        return refuse(format!("the limit is {LONGEST_VALUE}"));
    }
    if (key.len() + value.len()) as u64 > max_bytes {
        return refuse(format!("together with its key, it exceeds the {max_bytes} that `kv.max_bytes` allows"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{end_of, number};

    #[test]
    fn the_end_of_a_prefix_is_the_next_prefix() {
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
