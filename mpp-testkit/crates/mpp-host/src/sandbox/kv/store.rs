//! The state of one package and publisher, shared by all calls of one process.

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
use crate::sandbox::observe::CallObserver;
use crate::sandbox::permits::{Permit, Permits};

/// Maximum number of connections that are kept open between calls.
const KEPT: usize = 4;

/// What a test kit adds to a state; by default nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct StoreHooks {
    /// The trouble that a test simulates.
    pub(crate) trouble: Option<StateTrouble>,
    /// Learns what calls read and change.
    pub(crate) observer: Option<Arc<dyn CallObserver>>,
}

/// The location, the quota and the open connections of a state. Nothing is opened before it is needed.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    owner: Owner,
    pub(super) max_bytes: u64,
    clock: Arc<dyn Clock>,
    /// The trouble that a test simulates.
    pub(super) trouble: Option<StateTrouble>,
    /// Learns what calls read and change.
    pub(super) observer: Option<Arc<dyn CallObserver>>,
    /// Lets writing calls of this process take turns, so that they do not poll the lock of the file.
    turns: Permits,
    idle: Mutex<Vec<Database>>,
}

impl Store {
    /// Creates the store of the state of `package_id` by `publisher` under `dir`.
    pub(crate) fn new(
        dir: &Path,
        package_id: &str,
        publisher: PublicKey,
        max_bytes: u64,
        clock: Arc<dyn Clock>,
        StoreHooks { trouble, observer }: StoreHooks,
    ) -> Arc<Self> {
        Arc::new(Self {
            dir: dir.to_owned(),
            owner: Owner { package_id: package_id.to_owned(), publisher },
            max_bytes,
            clock,
            trouble,
            observer,
            turns: Permits::new(1),
            idle: Mutex::default(),
        })
    }

    /// Returns an idle connection or opens one. Its operations wait for locks for at most `patience`, all together.
    pub(super) fn connect(&self, patience: Duration, cancellation: &Cancellation) -> Result<Database, Fault> {
        let patience = StateTrouble::patience(self.trouble, patience);
        loop {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            match idle {
                // The file was removed or replaced, so this connection belongs to a state that is no longer in use.
                Some(database) if !database.is_current() => {}
                Some(database) => {
                    database.be_patient(patience, cancellation);
                    return Ok(database);
                }
                None => return self.connect_anew(patience, cancellation),
            }
        }
    }

    /// Opens a new connection.
    pub(super) fn connect_anew(&self, patience: Duration, cancellation: &Cancellation) -> Result<Database, Fault> {
        Database::open_or_make(&self.dir, &self.owner, patience, cancellation)
    }

    /// Returns the state's entry in its directory.
    pub(super) fn stored(&self) -> Stored {
        StateDir::new(&self.dir).of(&self.owner.package_id, &self.owner.publisher)
    }

    /// Returns a connection for reuse. A connection that is still in a transaction is closed.
    pub(super) fn keep(&self, database: Database) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if database.connection.is_autocommit() && idle.len() < KEPT {
            idle.push(database);
        }
    }

    /// Waits at most `patience` for the turn to write.
    pub(super) fn turn(&self, patience: Duration, cancellation: &Cancellation) -> Option<Permit> {
        self.turns.take(patience, cancellation)
    }

    /// Returns the time of the host's clock, in milliseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        let since = self.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
