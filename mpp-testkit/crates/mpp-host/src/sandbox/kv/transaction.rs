//! The transaction of one call: it reads a snapshot until the first write, and holds the write lock from then on.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rusqlite::ErrorCode;

use super::database::Database;
use super::fault::Fault;
use super::store::Store;
use super::trouble::StateTrouble;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::observe::{MOST_OBSERVED, ObservedEntry};
use crate::sandbox::permits::Permit;

/// Maximum number of expired entries that one statement removes.
const PURGED_AT_ONCE: i64 = 256;

/// An open transaction. It is rolled back if it is dropped without a commit.
#[derive(Debug)]
pub(super) struct Transaction {
    store: Arc<Store>,
    /// `None` only while the transaction is being dropped.
    database: Option<Database>,
    writing: Option<Writing>,
    /// The time of all operations in the transaction, in milliseconds since 1970.
    pub(super) now: i64,
}

#[derive(Debug)]
struct Writing {
    _turn: Permit,
    /// Bytes of all keys and values, with the changes of this transaction.
    used: u64,
    /// The value of `used` that is recorded in the database.
    stored: u64,
    /// Bytes that a test counts as used in addition.
    taken: u64,
    /// Number of rows that this connection had changed before.
    changes: i64,
}

impl Transaction {
    /// Starts a transaction that reads a snapshot of the state, taken at the first read.
    pub(super) fn read(store: &Arc<Store>, deadline: Deadline, cancellation: &Cancellation) -> Result<Self, Fault> {
        let database = store.connect(deadline.remaining(), cancellation)?;
        database.run("BEGIN", [])?;
        Self::new(store, database).observed()
    }

    /// Starts a transaction that holds the write lock.
    pub(super) fn write(store: &Arc<Store>, deadline: Deadline, cancellation: &Cancellation) -> Result<Self, Fault> {
        let turn = store.turn(deadline.remaining(), cancellation).ok_or(Fault::Locked)?;
        let database = store.connect(deadline.remaining(), cancellation)?;
        database.run("BEGIN IMMEDIATE", [])?;
        let mut transaction = Self::new(store, database).observed()?;
        transaction.start_writing(turn)?;
        Ok(transaction)
    }

    fn new(store: &Arc<Store>, database: Database) -> Self {
        Self { now: store.now(), store: Arc::clone(store), database: Some(database), writing: None }
    }

    /// Shows an observer what the call reads from now on.
    fn observed(self) -> Result<Self, Fault> {
        if let Some(observer) = &self.store.observer {
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(self.now).unwrap_or_default());
            observer.state_opened(now, self.entries()?);
        }
        Ok(self)
    }

    /// Returns all entries that have not expired; `None` if they are too large to be shown to an observer.
    fn entries(&self) -> Result<Option<Vec<ObservedEntry>>, Fault> {
        let mut statement = self
            .database()?
            .connection
            .prepare_cached("SELECT key, value, expires FROM kv WHERE expires IS NULL OR expires > ?1 ORDER BY key")?;
        let mut rows = statement.query([self.now])?;
        let (mut entries, mut size) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let entry = ObservedEntry { key: row.get(0)?, value: row.get(1)?, expires_ms: row.get(2)? };
            size += (entry.key.len() + entry.value.len()) as u64;
            if size > MOST_OBSERVED {
                return Ok(None);
            }
            entries.push(entry);
        }
        Ok(Some(entries))
    }

    /// Takes the write lock unless the transaction already holds it.
    ///
    /// # Errors
    /// Returns [`Fault::LostRace`] if another transaction has written since the snapshot, or is writing.
    pub(super) fn upgrade(&mut self) -> Result<(), Fault> {
        if self.writing.is_some() {
            return Ok(());
        }
        let turn = self.store.turn(Duration::ZERO, &Cancellation::default()).ok_or(Fault::LostRace)?;
        // No key is empty, so that this deletes nothing. SQLite still takes the write lock for it, and fails if the snapshot is not
        // the latest.
        match self.database()?.run("DELETE FROM kv WHERE key = x''", []) {
            Ok(_) => self.start_writing(turn),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(Fault::LostRace),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns whether the transaction holds the write lock, so that a commit may change something.
    pub(super) fn is_writing(&self) -> bool {
        self.writing.is_some()
    }

    fn start_writing(&mut self, turn: Permit) -> Result<(), Fault> {
        let now = self.now;
        let about = self.database()?.row(
            "SELECT used, EXISTS (SELECT 1 FROM kv WHERE expires <= ?1) FROM about",
            [now],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )?;
        let (used, has_expired) =
            about.ok_or_else(|| Fault::Broken("the package's state has no description".to_owned()))?;
        let used = u64::try_from(used).unwrap_or_default();
        let taken = StateTrouble::taken(self.store.trouble, used, self.store.max_bytes);
        let changes = self.changes()?;
        self.writing = Some(Writing { _turn: turn, used, stored: used, taken, changes });
        if has_expired { self.purge() } else { Ok(()) }
    }

    /// Removes some of the expired entries. The number is limited so that a single call does not have to remove all of them.
    fn purge(&mut self) -> Result<(), Fault> {
        let now = self.now;
        let database = self.database()?;
        let mut statement = database.connection.prepare_cached(
            "DELETE FROM kv WHERE key IN (SELECT key FROM kv WHERE expires <= ?1 ORDER BY expires LIMIT ?2)
             RETURNING length(key) + length(value)",
        )?;
        let sizes = statement.query_map((now, PURGED_AT_ONCE), |row| row.get::<_, i64>(0))?;
        let mut freed = 0;
        for size in sizes {
            freed += u64::try_from(size?).unwrap_or_default();
        }
        drop(statement);
        self.shrink(freed);
        Ok(())
    }

    /// Removes all expired entries, and returns whether there were any.
    pub(super) fn purge_all(&mut self) -> Result<bool, Fault> {
        let before = self.used();
        loop {
            let used = self.used();
            self.purge()?;
            if self.used() == used {
                return Ok(used != before);
            }
        }
    }

    pub(super) fn database(&self) -> Result<&Database, Fault> {
        self.database.as_ref().ok_or_else(|| Fault::Broken("the package's state is closed".to_owned()))
    }

    /// Returns the bytes of all keys and values, including expired entries that are not yet removed.
    pub(super) fn used(&self) -> u64 {
        self.writing.as_ref().map_or(0, |writing| writing.used.saturating_add(writing.taken))
    }

    /// Returns the number of rows that this connection has changed, or 0 unless a test simulates a full disk.
    fn changes(&self) -> Result<i64, Fault> {
        if self.store.trouble != Some(StateTrouble::DiskFull) {
            return Ok(0);
        }
        Ok(self.database()?.row("SELECT total_changes()", [], |row| row.get(0))?.unwrap_or_default())
    }

    pub(super) fn grow(&mut self, bytes: u64) {
        if let Some(writing) = &mut self.writing {
            writing.used = writing.used.saturating_add(bytes);
        }
    }

    pub(super) fn shrink(&mut self, bytes: u64) {
        if let Some(writing) = &mut self.writing {
            writing.used = writing.used.saturating_sub(bytes);
        }
    }

    /// Commits the transaction.
    pub(super) fn commit(mut self) -> Result<(), Fault> {
        if let Some(Writing { used, stored, changes, .. }) = self.writing {
            if self.changes()? != changes {
                return Err(StateTrouble::disk_full());
            }
            if used != stored {
                let used = i64::try_from(used).unwrap_or(i64::MAX);
                self.database()?.run("UPDATE about SET used = ?1", [used])?;
            }
        }
        let left = self.store.observer.as_ref().map(|_| self.entries()).transpose()?;
        self.database()?.run("COMMIT", [])?;
        if let (Some(observer), Some(left)) = (&self.store.observer, left) {
            observer.state_committed(left);
        }
        self.finish();
        Ok(())
    }

    fn finish(&mut self) {
        if let Some(database) = self.database.take() {
            self.store.keep(database);
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(database) = &self.database {
            // SQLite has already rolled back after some failures. If the rollback fails, the connection is closed, which rolls back.
            if !database.connection.is_autocommit() {
                let _ = database.run("ROLLBACK", []);
            }
            self.finish();
        }
        // The turn is released after the lock.
    }
}
