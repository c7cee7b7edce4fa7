//! The transaction of one invocation: a snapshot until the first write, the write lock from then on.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::ErrorCode;

use super::database::Database;
use super::fault::Fault;
use super::store::Store;
use super::trouble::StateTrouble;
use crate::clock::Deadline;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::permits::Permit;

/// Expired entries that one statement removes.
const PURGED_AT_ONCE: i64 = 256;

/// An open transaction. Dropped, it is rolled back.
#[derive(Debug)]
pub(super) struct Transaction {
    store: Arc<Store>,
    /// `None` only while it is dropped.
    database: Option<Database>,
    writing: Option<Writing>,
    /// The time of everything in it.
    pub(super) now: i64,
}

#[derive(Debug)]
struct Writing {
    _turn: Permit,
    /// Bytes of all keys and values.
    used: u64,
    /// Those that stand in the database.
    stored: u64,
    /// Those that only count as used.
    taken: u64,
    /// Rows that this connection had changed before.
    changes: i64,
}

impl Transaction {
    /// A snapshot of what is there when it is first read.
    pub(super) fn read(store: &Arc<Store>, deadline: Deadline, cancellation: &Cancellation) -> Result<Self, Fault> {
        let database = store.connect(deadline.remaining(), cancellation)?;
        database.run("BEGIN", [])?;
        Ok(Self::new(store, database))
    }

    /// The write lock, and what is there then.
    pub(super) fn write(store: &Arc<Store>, deadline: Deadline, cancellation: &Cancellation) -> Result<Self, Fault> {
        let turn = store.turn(deadline.remaining(), cancellation).ok_or(Fault::Locked)?;
        let database = store.connect(deadline.remaining(), cancellation)?;
        database.run("BEGIN IMMEDIATE", [])?;
        let mut transaction = Self::new(store, database);
        transaction.start_writing(turn)?;
        Ok(transaction)
    }

    fn new(store: &Arc<Store>, database: Database) -> Self {
        Self { now: store.now(), store: Arc::clone(store), database: Some(database), writing: None }
    }

    /// Takes the write lock, where it is still to be taken: not after somebody else has written, or while somebody does.
    pub(super) fn upgrade(&mut self) -> Result<(), Fault> {
        if self.writing.is_some() {
            return Ok(());
        }
        let turn = self.store.turn(Duration::ZERO, &Cancellation::default()).ok_or(Fault::LostRace)?;
        // No key is empty: this writes nothing. SQLite takes the lock for it, and refuses where the snapshot is not the latest.
        match self.database()?.run("DELETE FROM kv WHERE key = x''", []) {
            Ok(_) => self.start_writing(turn),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Err(Fault::LostRace),
            Err(error) => Err(error.into()),
        }
    }

    fn start_writing(&mut self, turn: Permit) -> Result<(), Fault> {
        let now = self.now;
        let about = self.database()?.row(
            "SELECT used, EXISTS (SELECT 1 FROM kv WHERE expires <= ?1) FROM about",
            [now],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )?;
        let (used, has_expired) =
            about.ok_or_else(|| Fault::Broken("the package's state lacks its own description".to_owned()))?;
        let used = u64::try_from(used).unwrap_or_default();
        let taken = StateTrouble::taken(self.store.trouble, used, self.store.max_bytes);
        let changes = self.changes()?;
        self.writing = Some(Writing { _turn: turn, used, stored: used, taken, changes });
        if has_expired { self.purge() } else { Ok(()) }
    }

    /// Removes entries that have expired: some of them, so that no call pays for all.
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

    /// Removes everything that has expired; whether there was anything.
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

    /// Bytes of all keys and values, those of expired entries that were not removed yet among them.
    pub(super) fn used(&self) -> u64 {
        self.writing.as_ref().map_or(0, |writing| writing.used.saturating_add(writing.taken))
    }

    /// Rows that this connection has changed so far; it is asked for where it matters only.
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

    /// Makes it last.
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
        self.database()?.run("COMMIT", [])?;
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
            // SQLite has rolled back by itself after some failures; a connection that cannot is closed, which rolls back.
            if !database.connection.is_autocommit() {
                let _ = database.run("ROLLBACK", []);
            }
            self.finish();
        }
        // The turn is given back after the lock.
    }
}
