//! The state of one package and publisher, as all calls of one process share it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use super::database::{Database, Owner};
use super::dir::{StateDir, Stored};
use super::fault::Fault;
use super::trouble::StateTrouble;
use crate::clock::Clock;
use crate::keys::PublicKey;
use crate::sandbox::cancel::Cancellation;
use crate::sandbox::permits::{Permit, Permits};

/// Connections that are kept open between calls.
const KEPT: usize = 4;

/// Where the state is, how much there may be, and connections to it. Nothing is opened before it is needed.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    owner: Owner,
    pub(super) max_bytes: u64,
    clock: Arc<dyn Clock>,
    /// For tests.
    pub(super) trouble: Option<StateTrouble>,
    /// Calls of this process that write take turns, without asking the file for its lock again and again.
    turns: Permits,
    idle: Mutex<Vec<Database>>,
}

impl Store {
    /// The state of `package_id` by `publisher` under `dir`.
    pub(crate) fn new(
        dir: &Path,
        package_id: &str,
        publisher: PublicKey,
        max_bytes: u64,
        clock: Arc<dyn Clock>,
        trouble: Option<StateTrouble>,
    ) -> Arc<Self> {
        Arc::new(Self {
            dir: dir.to_owned(),
            owner: Owner { package_id: package_id.to_owned(), publisher },
            max_bytes,
            clock,
            trouble,
            turns: Permits::new(1),
            idle: Mutex::default(),
        })
    }

    /// A connection, at most `patience` from now.
    pub(super) fn connect(&self, patience: Duration, cancellation: &Cancellation) -> Result<Database, Fault> {
        let patience = StateTrouble::patience(self.trouble, patience);
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                // A file that was removed or replaced is another state.
                Some(database) if !database.is_current() => {}
                Some(database) => {
                    database.be_patient(patience, cancellation);
                    return Ok(database);
                }
                None => return self.connect_anew(patience, cancellation),
            }
        }
    }

    /// A connection of one's own.
    pub(super) fn connect_anew(&self, patience: Duration, cancellation: &Cancellation) -> Result<Database, Fault> {
        Database::open_or_make(&self.dir, &self.owner, patience, cancellation)
    }

    /// Its file.
    pub(super) fn stored(&self) -> Stored {
        StateDir::new(&self.dir).of(&self.owner.package_id, &self.owner.publisher)
    }

    /// Gives a connection back; one that is still in a transaction is closed.
    pub(super) fn keep(&self, database: Database) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if database.connection.is_autocommit() && idle.len() < KEPT {
            idle.push(database);
        }
    }

    /// The turn to write, at most `patience` from now.
    pub(super) fn turn(&self, patience: Duration, cancellation: &Cancellation) -> Option<Permit> {
        self.turns.take(patience, cancellation)
    }

    /// Milliseconds since 1970, by the host's clock.
    pub(super) fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
