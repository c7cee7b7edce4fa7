//! A connection to the database of one state: opens it, checks its owner, and creates it if it is missing.
//!
//! Durability: WAL with `synchronous = NORMAL`. Committed transactions survive the end of the process, however it ends. A power
//! failure can lose the last transactions, but never a part of one. `FULL` would flush the disk for every call that writes.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::fault::Fault;
use super::files;
use crate::keys::PublicKey;
use crate::sandbox::cancel::Cancellation;

/// `MPPK` in ASCII, by which other programs can identify the file.
const APPLICATION: i32 = 0x4d50_504b;
/// The version of the schema.
const VERSION: i32 = 1;

/// The tables. `value` is the last column, so that the others can be read without the overflow pages of a long value.
const SCHEMA: &str = "
    CREATE TABLE about (package_id TEXT NOT NULL, publisher BLOB NOT NULL, used INTEGER NOT NULL);
    CREATE TABLE kv (key BLOB NOT NULL PRIMARY KEY, expires INTEGER, value BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX kv_expires ON kv (expires) WHERE expires IS NOT NULL;
";

/// Writes an entry. `mpp_replaces` receives the size of the entry that is replaced, which saves a query before the write.
const PUT: &str = "
    INSERT INTO kv (key, value, expires) VALUES (?1, ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires
    WHERE mpp_replaces(length(kv.key) + length(kv.value))
";

/// The package and publisher that a database belongs to. They are recorded in the database and checked when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) package_id: String,
    pub(super) publisher: PublicKey,
}

/// An open connection to a database.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) connection: Connection,
    /// Bytes of the entry that the last write replaced.
    replaced: Arc<AtomicU64>,
    patience: Patience,
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Database {
    /// Opens the owner's database in `dir`, and creates both if they are missing. Waits for locks for at most `patience`.
    pub(super) fn open_or_make(
        dir: &Path,
        owner: &Owner,
        patience: Duration,
        cancellation: &Cancellation,
    ) -> Result<Self, Fault> {
        let name = files::name(&owner.package_id, &owner.publisher);
        let made = files::open_dir(dir).and_then(|dir| files::make(&dir, &name).map(|()| dir.join(name)));
        let path = made.map_err(|error| Fault::Broken(unusable(&error)))?;
        let waiting = Patience::default();
        waiting.set(patience, cancellation);
        // If several connections open a new database at once, one of them creates its log. SQLite reports to the others that the
        // database is busy without calling their busy handlers, hence the retries here.
        let mut attempts = 0;
        loop {
            match Self::open_waiting(&path, &waiting).and_then(|database| database.belonging_to(owner)) {
                Err(Fault::Locked) if waiting.wait(attempts) => attempts = attempts.saturating_add(1),
                opened => return opened,
            }
        }
    }

    /// Returns the database if it belongs to `owner` or is new; a new one is initialised for `owner`.
    fn belonging_to(self, owner: &Owner) -> Result<Self, Fault> {
        let found = match self.owner()? {
            Some(found) => found,
            None => self.make(owner)?,
        };
        if found == *owner {
            return Ok(self);
        }
        Err(Fault::Broken(
            "the package's state belongs to another package or publisher; nothing was written".to_owned(),
        ))
    }

    /// Opens an existing database.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, Fault> {
        let waiting = Patience::default();
        waiting.set(patience, &Cancellation::default());
        Self::open_waiting(path, &waiting)
    }

    fn open_waiting(path: &Path, waiting: &Patience) -> Result<Self, Fault> {
        let identity = files::identity(path);
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_handler(Some({
            let waiting = waiting.clone();
            move |count| waiting.wait(count)
        }))?;
        let replaced = Arc::new(AtomicU64::new(0));
        connection.create_scalar_function("mpp_replaces", 1, FunctionFlags::SQLITE_DIRECTONLY, {
            let replaced = Arc::clone(&replaced);
            move |arguments| {
                replaced.store(u64::try_from(arguments.get::<i64>(0)?).unwrap_or_default(), Ordering::Relaxed);
                Ok(true)
            }
        })?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -1024; PRAGMA mmap_size = 0;
             PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304;",
        )?;
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(Fault::Broken("the package's state is on a file system that cannot share it".to_owned()));
        }
        Ok(Self { connection, replaced, patience: waiting.clone(), path: path.to_owned(), identity })
    }

    /// Returns whether the path still leads to the file that was opened.
    pub(super) fn is_current(&self) -> bool {
        self.identity.is_some() && files::identity(&self.path) == self.identity
    }

    /// Sets how long the next operations may wait for locks, all together, and the cancellation that ends the waiting earlier.
    pub(super) fn be_patient(&self, patience: Duration, cancellation: &Cancellation) {
        self.patience.set(patience, cancellation);
    }

    /// Returns the owner; `None` if the database is new.
    pub(super) fn owner(&self) -> Result<Option<Owner>, Fault> {
        let version: i32 = self.connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => return Ok(None),
            VERSION => {}
            _ => {
                return Err(Fault::Broken(
                    "the package's state was written by a newer version of this host".to_owned(),
                ));
            }
        }
        let row = self.connection.query_row("SELECT package_id, publisher FROM about", [], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let (package_id, publisher) = row?;
        let publisher = <[u8; 32]>::try_from(publisher).ok().and_then(|bytes| PublicKey::from_bytes(&bytes).ok());
        let publisher = publisher.ok_or_else(|| Fault::Broken("the package's state has no publisher".to_owned()))?;
        Ok(Some(Owner { package_id, publisher }))
    }

    /// Creates the tables unless another process has created them, and returns the owner.
    fn make(&self, owner: &Owner) -> Result<Owner, Fault> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let made = self.owner().and_then(|found| match found {
            Some(found) => Ok(found),
            None => {
                self.connection.execute_batch(SCHEMA)?;
                let row = (&owner.package_id, owner.publisher.as_bytes().as_slice());
                self.connection.execute("INSERT INTO about VALUES (?1, ?2, 0)", row)?;
                self.connection.pragma_update(None, "application_id", APPLICATION)?;
                self.connection.pragma_update(None, "user_version", VERSION)?;
                Ok(owner.clone())
            }
        });
        match made {
            Ok(found) => self.connection.execute_batch("COMMIT").map(|()| found).map_err(Fault::from),
            Err(fault) => {
                // If this fails, closing the connection, which follows, rolls back.
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(fault)
            }
        }
    }

    /// Inserts or replaces an entry, and returns the bytes of the entry that it replaced, expired or not.
    pub(super) fn put(&self, key: &[u8], value: &[u8], expires: Option<i64>) -> Result<u64, rusqlite::Error> {
        self.replaced.store(0, Ordering::Relaxed);
        self.run(PUT, (key, value, expires))?;
        Ok(self.replaced.load(Ordering::Relaxed))
    }

    /// Runs a statement that returns no rows, and returns the number of rows that it changed.
    pub(super) fn run(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<usize, rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }

    /// Runs a statement that returns at most one row.
    pub(super) fn row<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, rusqlite::Error> {
        self.connection.prepare_cached(sql)?.query_row(parameters, read).optional()
    }
}

fn unusable(error: &std::io::Error) -> String {
    let why = match error.kind() {
        std::io::ErrorKind::PermissionDenied => "its directory or file is not private to this user, or not writable",
        std::io::ErrorKind::StorageFull => "the disk is full",
        std::io::ErrorKind::ReadOnlyFilesystem => "its file system is read-only",
        _ => "its directory or file cannot be created",
    };
    format!("the package's state cannot be opened: {why}")
}

/// The remaining time that a connection may wait for locks.
#[derive(Debug, Clone, Default)]
struct Patience(Arc<Left>);

#[derive(Debug, Default)]
struct Left {
    /// Remaining microseconds.
    time: AtomicU64,
    /// The cancellation of the call that uses the connection now.
    cancellation: Mutex<Cancellation>,
}

impl Patience {
    fn set(&self, patience: Duration, cancellation: &Cancellation) {
        self.0.time.store(u64::try_from(patience.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.cancellation().clone_from(cancellation);
    }

    fn cancellation(&self) -> MutexGuard<'_, Cancellation> {
        self.0.cancellation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for a short time that grows with `count`; returns `false` if there is no time left or the call is cancelled.
    fn wait(&self, count: i32) -> bool {
        if self.cancellation().is_requested() {
            return false;
        }
        let left = self.0.time.load(Ordering::Relaxed);
        let step = (50_u64 << count.clamp(0, 7)).min(5_000).min(left);
        self.0.time.store(left - step, Ordering::Relaxed);
        std::thread::sleep(Duration::from_micros(step));
        step > 0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use super::{Cancellation, Database, Owner};
    use crate::keys::{KeyRole, SigningKey};

    #[test]
    fn many_callers_can_open_a_new_database_at_once() {
        let publisher = SigningKey::generate(KeyRole::Development).expect("a key").public();
        let owner = Owner { package_id: "com.example.many".to_owned(), publisher };
        let dir = tempfile::tempdir().expect("a directory");
        let threads = 8;
        for round in 0..50 {
            let dir = dir.path().join(round.to_string());
            let together = Barrier::new(threads);
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        together.wait();
                        let opened =
                            Database::open_or_make(&dir, &owner, Duration::from_secs(60), &Cancellation::default());
                        assert!(opened.is_ok(), "round {round}: {opened:?}");
                    });
                }
            });
        }
    }
}
