//! Moves the state of a package to another key, for a user who signs with a new one.

use super::database::{Database, Owner};
use super::dir::{PATIENCE, StateError, Stored};
use super::fault::Fault;
use crate::keys::PublicKey;
use crate::sandbox::cancel::Cancellation;

/// The result of moving a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateMove {
    /// The entries now belong to the other key.
    Moved {
        /// Number of entries.
        entries: u64,
    },
    /// The package already has other entries under the other key, so nothing was changed.
    TargetHasState,
}

impl Stored {
    /// Moves every entry to the state of the same package by `publisher`, which is created if it does not exist.
    ///
    /// Calls that write to either state wait meanwhile. If the process is ended in the middle, the entries are still under the
    /// old key, and perhaps under both; moving them again completes the move.
    ///
    /// # Errors
    /// Returns [`StateError`] if one of the two states cannot be read or changed.
    pub fn move_to(&self, publisher: &PublicKey) -> Result<StateMove, StateError> {
        let Some((source, owner)) = self.open()? else { return Ok(StateMove::Moved { entries: 0 }) };
        if owner.publisher == *publisher {
            return Ok(StateMove::Moved { entries: 0 });
        }
        let dir = self.path.parent().unwrap_or(&self.path);
        let owner = Owner { publisher: *publisher, ..owner };
        let target = Database::open_or_make(dir, &owner, PATIENCE, &Cancellation::default());
        target.and_then(|target| transfer(&source, &target)).map_err(|fault| self.failed(fault))
    }
}

/// Connections that are dropped roll back what they have not committed.
fn transfer(source: &Database, target: &Database) -> Result<StateMove, Fault> {
    source.connection.execute_batch("BEGIN IMMEDIATE")?;
    target.connection.execute_batch("BEGIN IMMEDIATE")?;
    let entries = rows(source)?;
    if entries.is_empty() {
        return Ok(StateMove::Moved { entries: 0 });
    }
    let existing = rows(target)?;
    if !existing.is_empty() && existing != entries {
        return Ok(StateMove::TargetHasState);
    }
    for (key, expires, value) in &entries {
        target.run("INSERT OR REPLACE INTO kv (key, expires, value) VALUES (?1, ?2, ?3)", (key, expires, value))?;
    }
    let used: i64 = source.connection.query_row("SELECT used FROM about", [], |row| row.get(0))?;
    target.run("UPDATE about SET used = ?1", (used,))?;
    target.connection.execute_batch("COMMIT")?;
    source.run("DELETE FROM kv", [])?;
    source.run("UPDATE about SET used = 0", [])?;
    source.connection.execute_batch("COMMIT")?;
    Ok(StateMove::Moved { entries: entries.len() as u64 })
}

type Row = (Vec<u8>, Option<i64>, Vec<u8>);

fn rows(database: &Database) -> Result<Vec<Row>, rusqlite::Error> {
    let mut statement = database.connection.prepare("SELECT key, expires, value FROM kv ORDER BY key")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::StateMove;
    use crate::keys::{KeyRole, PublicKey, SigningKey};
    use crate::sandbox::cancel::Cancellation;
    use crate::sandbox::kv::database::{Database, Owner};
    use crate::sandbox::kv::{StateDir, Stored};

    fn key(seed: u8) -> PublicKey {
        SigningKey::from_seed(&[seed; 32], KeyRole::Publisher).public()
    }

    fn write(dir: &std::path::Path, publisher: PublicKey, entries: &[(&str, &str)]) {
        let owner = Owner { package_id: "com.example.a".to_owned(), publisher };
        let database = Database::open_or_make(dir, &owner, Duration::ZERO, &Cancellation::default()).expect("opened");
        for (key, value) in entries {
            let row = (key.as_bytes(), value.as_bytes());
            database.run("INSERT INTO kv (key, value) VALUES (?1, ?2)", row).expect("written");
        }
        database.run("UPDATE about SET used = 7", []).expect("written");
    }

    fn read(stored: &Stored) -> Vec<String> {
        let mut found = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        stored
            .for_each(b"", UNIX_EPOCH, |entry| found.push(format!("{}={}", text(entry.key), text(entry.value))))
            .expect("read");
        found
    }

    #[test]
    fn moves_every_entry_and_its_size() {
        let dir = tempfile::tempdir().expect("temp dir");
        let dir = dir.path().join("kv");
        write(&dir, key(1), &[("a", "1"), ("b", "2")]);
        let states = StateDir::new(&dir);
        let (old, new) = (states.of("com.example.a", &key(1)), states.of("com.example.a", &key(2)));
        assert_eq!(old.move_to(&key(2)).expect("moved"), StateMove::Moved { entries: 2 });
        assert_eq!((read(&old), read(&new)), (vec![], vec!["a=1".to_owned(), "b=2".to_owned()]));
        let (database, owner) = new.open().expect("opened").expect("there");
        let used: i64 = database.connection.query_row("SELECT used FROM about", [], |row| row.get(0)).expect("read");
        assert_eq!((used, owner.publisher), (7, key(2)));
        assert_eq!(
            old.move_to(&key(2)).expect("moved"),
            StateMove::Moved { entries: 0 },
            "again: there is nothing left to move"
        );
        assert_eq!(read(&new).len(), 2);
    }

    #[test]
    fn keeps_both_states_if_the_target_has_other_entries() {
        let dir = tempfile::tempdir().expect("temp dir");
        let dir = dir.path().join("kv");
        write(&dir, key(1), &[("a", "1")]);
        write(&dir, key(2), &[("a", "2")]);
        let states = StateDir::new(&dir);
        let (old, new) = (states.of("com.example.a", &key(1)), states.of("com.example.a", &key(2)));
        assert_eq!(old.move_to(&key(2)).expect("moved"), StateMove::TargetHasState);
        assert_eq!((read(&old), read(&new)), (vec!["a=1".to_owned()], vec!["a=2".to_owned()]));
    }

    #[test]
    fn completes_a_move_that_was_interrupted_between_its_two_commits() {
        let dir = tempfile::tempdir().expect("temp dir");
        let dir = dir.path().join("kv");
        write(&dir, key(1), &[("a", "1")]);
        write(&dir, key(2), &[("a", "1")]);
        let states = StateDir::new(&dir);
        let (old, new) = (states.of("com.example.a", &key(1)), states.of("com.example.a", &key(2)));
        assert_eq!(old.move_to(&key(2)).expect("moved"), StateMove::Moved { entries: 1 });
        assert_eq!((read(&old), read(&new)), (vec![], vec!["a=1".to_owned()]));
    }
}
