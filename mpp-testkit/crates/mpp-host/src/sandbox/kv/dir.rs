//! Lists, reads, clears and removes the states under a directory, for the user of the machine.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::database::{Database, Owner};
use super::fault::{DAMAGED, Fault};
use super::files::{self, EXTENSION};
use crate::codes::{self, Code, Coded};
use crate::keys::{KeyId, KeyRole, PublicKey};

/// How long an operation waits for a call that is writing.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// Number of hex digits of the key's hash in a file name; a key id contains the first half of them.
const DIGITS: usize = 32;
const ID_DIGITS: usize = 16;

/// The directory that contains the states of packages, as set with [`HostBuilder::state_dir`](crate::HostBuilder::state_dir).
#[derive(Debug, Clone)]
pub struct StateDir(PathBuf);

/// The stored state of one package by one publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The id of the package.
    pub package_id: String,
    /// The hex digits that follow `pub_` or `dev_` in the id of the publisher's key.
    pub key_digits: String,
    /// The path of the database file.
    pub path: PathBuf,
}

/// One entry of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// The key. It can be any bytes, but usually is text.
    pub key: &'a [u8],
    /// The value. It can be any bytes.
    pub value: &'a [u8],
    /// When the entry expires; `None` if it does not.
    pub expires: Option<SystemTime>,
}

/// The error returned when a state cannot be read or changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct StateError {
    /// The path of the file or directory.
    pub path: PathBuf,
    /// The reason, in a sentence.
    pub reason: String,
    /// The operating system's error, if it refused access.
    pub(super) source: Option<io::Error>,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for StateError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

impl Coded for StateError {
    fn code(&self) -> &'static Code {
        &codes::R112
    }
}

impl StateError {
    pub(super) fn new(path: &Path, reason: impl Into<String>) -> Self {
        Self { path: path.to_owned(), reason: reason.into(), source: None }
    }

    fn io(path: &Path, reason: &str, source: io::Error) -> Self {
        Self { source: Some(source), ..Self::new(path, reason) }
    }

    /// Returns whether the file exists but is not a valid database.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.reason == DAMAGED
    }
}

impl StateDir {
    /// The states under `dir`, which does not have to exist.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self(dir.into())
    }

    /// Returns all states, sorted by package and key, without opening them.
    ///
    /// # Errors
    /// Returns [`StateError`] if the directory cannot be read.
    pub fn all(&self) -> Result<Vec<Stored>, StateError> {
        let failed = |error| StateError::io(&self.0, "the stored state cannot be read", error);
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut all = Vec::new();
        for entry in entries {
            all.extend(Stored::named(&entry.map_err(failed)?.path()));
        }
        all.sort_by(|a, b| (&a.package_id, &a.key_digits).cmp(&(&b.package_id, &b.key_digits)));
        Ok(all)
    }

    /// Returns the state of this package and publisher, whether it exists or not.
    #[must_use]
    pub fn of(&self, package_id: &str, publisher: &PublicKey) -> Stored {
        let path = self.0.join(files::name(package_id, publisher));
        let key_digits = files::digits(publisher)[..ID_DIGITS].to_owned();
        Stored { package_id: package_id.to_owned(), key_digits, path }
    }
}

impl Stored {
    /// Returns the id of the publisher's key, which has this role. The role is not stored.
    #[must_use]
    pub fn key_id(&self, role: KeyRole) -> KeyId {
        KeyId::of_digits(role, &self.key_digits)
    }

    fn named(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.strip_suffix(EXTENSION)?;
        let (package_id, digits) = name.rsplit_once('-')?;
        let is_hash = digits.len() == DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then(|| Self {
            package_id: package_id.to_owned(),
            key_digits: digits[..ID_DIGITS].to_owned(),
            path: path.to_owned(),
        })
    }

    /// Passes every entry whose key starts with `prefix` and that has not expired at `now` to `each`, in the order of the keys.
    ///
    /// All entries come from one snapshot. A state that does not exist has no entries.
    ///
    /// # Errors
    /// Returns [`StateError`] if the state cannot be read. Entries that `each` received before are valid.
    pub fn for_each(&self, prefix: &[u8], now: SystemTime, mut each: impl FnMut(Entry<'_>)) -> Result<(), StateError> {
        let Some((database, _)) = self.open()? else { return Ok(()) };
        let mut read = || -> Result<(), Fault> {
            let mut statement = database.connection.prepare(
                "SELECT key, value, expires FROM kv WHERE key >= ?1 AND (expires IS NULL OR expires > ?2) ORDER BY key",
            )?;
            let mut rows = statement.query((prefix, milliseconds(now)))?;
            while let Some(row) = rows.next()? {
                let (key, value) = (row.get_ref(0)?, row.get_ref(1)?);
                let (Ok(key), Ok(value)) = (key.as_blob(), value.as_blob()) else {
                    return Err(Fault::Broken("an entry is malformed".to_owned()));
                };
                if !key.starts_with(prefix) {
                    break;
                }
                let expires: Option<i64> = row.get(2)?;
                each(Entry { key, value, expires: expires.map(time) });
            }
            Ok(())
        };
        read().map_err(|fault| self.failed(fault))
    }

    /// Returns the result of `read` for the entry of this key; `None` if there is no entry or it has expired at `now`.
    ///
    /// # Errors
    /// Returns [`StateError`] if the state cannot be read.
    pub fn get<T>(
        &self,
        key: &[u8],
        now: SystemTime,
        read: impl FnOnce(Entry<'_>) -> T,
    ) -> Result<Option<T>, StateError> {
        let Some((database, _)) = self.open()? else { return Ok(None) };
        let found = database.row(
            "SELECT value, expires FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)",
            (key, milliseconds(now)),
            |row| {
                let value = row.get_ref(0)?.as_blob()?;
                Ok(read(Entry { key, value, expires: row.get::<_, Option<i64>>(1)?.map(time) }))
            },
        );
        found.map_err(|error| self.failed(error.into()))
    }

    /// Removes every entry and returns their number. It uses one transaction, which waits for calls that are writing.
    ///
    /// # Errors
    /// Returns [`StateError`] if the state cannot be changed. In this case nothing is removed.
    pub fn clear(&self) -> Result<u64, StateError> {
        let Some((database, _)) = self.open()? else { return Ok(0) };
        let clear = || -> Result<u64, rusqlite::Error> {
            database.connection.execute_batch("PRAGMA secure_delete = ON; BEGIN IMMEDIATE")?;
            let count = database.run("DELETE FROM kv", [])?;
            database.run("UPDATE about SET used = 0", [])?;
            database.connection.execute_batch("COMMIT")?;
            Ok(count as u64)
        };
        let count = clear().map_err(|error| self.failed(error.into()))?;
        // This shrinks the file unless another connection is using it; then a later call frees the space.
        let _ = database.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(count)
    }

    /// Removes the files of the state, whatever they contain. For a state that is damaged and not in use.
    ///
    /// # Errors
    /// Returns [`StateError`] if one of the files cannot be removed.
    pub fn remove(&self) -> Result<(), StateError> {
        for ending in ["-wal", "-shm", "-journal", ""] {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(StateError::io(Path::new(&path), "the stored state cannot be removed", error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn open(&self) -> Result<Option<(Database, Owner)>, StateError> {
        let is_there = files::exists(&self.path)
            .map_err(|error| StateError::io(&self.path, "the stored state cannot be used", error))?;
        if !is_there {
            return Ok(None);
        }
        // With `SQLITE_OPEN_NOFOLLOW`, SQLite rejects a path if any of its directories is a symbolic link.
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let opened =
            Database::open(&path, PATIENCE).and_then(|database| Ok(database.owner()?.map(|owner| (database, owner))));
        let opened = opened.map_err(|fault| self.failed(fault))?;
        match &opened {
            Some((_, owner)) if files::name(&owner.package_id, &owner.publisher) != self.file_name() => {
                let reason = "it is the state of another package or publisher: its file was renamed".to_owned();
                Err(StateError::new(&self.path, reason))
            }
            _ => Ok(opened),
        }
    }

    fn file_name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    pub(super) fn failed(&self, fault: Fault) -> StateError {
        let reason = match fault {
            Fault::Broken(reason) | Fault::Refused(_, reason) => reason,
            Fault::Locked | Fault::LostRace => {
                format!("a call has been writing for {} s; try again when it has ended", PATIENCE.as_secs())
            }
        };
        StateError::new(&self.path, reason)
    }
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::{StateDir, Stored};
    use crate::keys::{KeyRole, SigningKey};
    use std::path::Path;

    #[test]
    fn file_names_contain_the_package_id_and_the_key() {
        let key = SigningKey::from_seed(&[1; 32], KeyRole::Publisher).public();
        let stored = StateDir::new("/kv").of("com.example.my-tool", &key);
        assert_eq!(Stored::named(&stored.path).as_ref(), Some(&stored));
        assert_eq!(stored.package_id, "com.example.my-tool");
        assert_eq!(stored.key_id(KeyRole::Publisher), key.id(KeyRole::Publisher));
        assert_eq!(stored.key_id(KeyRole::Development), key.id(KeyRole::Development));
        for other in ["/kv/a.sqlite3", "/kv/a-00.sqlite3", "/kv/new-0123456789abcdef", "/kv/a-x.sqlite3-wal"] {
            assert_eq!(Stored::named(Path::new(other)), None, "{other}");
        }
    }
}
