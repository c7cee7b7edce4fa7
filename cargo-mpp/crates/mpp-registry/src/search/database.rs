//! The SQLite database of the search index: one row for each package, and its words for full-text search.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, named_params, params};

use super::entry::{Change, Entry, taken_down};
use super::error::SearchError;
use super::query::{CapabilityFilter, Query};
use super::{Counts, Found, PAGE_SIZE};
use crate::protocol::Digest;
use crate::protocol::requests::{SearchPage, SearchResult};

/// Version of the tables. A database of another version is discarded.
const FORMAT: i64 = 1;
/// Connections for reading that are kept.
const MAX_IDLE: usize = 8;

const TABLES: &str = "
    CREATE TABLE registry (name TEXT NOT NULL, tree_size INTEGER NOT NULL);
    CREATE TABLE package (
        row INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        verified INTEGER NOT NULL,
        capabilities INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        versions INTEGER NOT NULL,
        result TEXT NOT NULL
    );
    CREATE INDEX package_updated ON package (updated DESC);
    CREATE INDEX package_name ON package (name);
    -- The size of the tree that the last applied index file of a package reflects, also of packages that cannot be found.
    CREATE TABLE applied (id TEXT PRIMARY KEY, tree_size INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE package_key (key TEXT NOT NULL, package INTEGER NOT NULL, PRIMARY KEY (key, package)) WITHOUT ROWID;
    CREATE INDEX key_of_package ON package_key (package);
    CREATE VIRTUAL TABLE words USING fts5 (
        id, name, description, tools, publisher, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
    );
    CREATE TABLE readme (archive_hash TEXT PRIMARY KEY, markdown TEXT) WITHOUT ROWID;
";

/// Weights of the columns of `words`: a word in the name or id says more about a package than one in a description.
const FOUND_BY_WORDS: &str = "
    WITH hits AS MATERIALIZED (
        SELECT rowid AS row, bm25(words, 8.0, 10.0, 4.0, 3.0, 2.0) AS score FROM words WHERE words MATCH :words
    )
    SELECT result, capabilities, count(*) OVER () FROM hits JOIN package USING (row)
    WHERE (NOT :verified OR verified) AND (:mask < 0 OR capabilities & :mask OR (:mask = 0 AND capabilities = 0))
      AND (:key IS NULL OR EXISTS (SELECT 1 FROM package_key WHERE key = :key AND package = package.row))
    ORDER BY (id = :exact OR name = :exact) DESC, score * (CASE WHEN verified THEN 1.25 ELSE 1.0 END), id
    LIMIT :limit OFFSET :offset";

const FOUND_BY_TIME: &str = "
    SELECT result, capabilities, count(*) OVER () FROM package
    WHERE (NOT :verified OR verified) AND (:mask < 0 OR capabilities & :mask OR (:mask = 0 AND capabilities = 0))
      AND (:key IS NULL OR EXISTS (SELECT 1 FROM package_key WHERE key = :key AND package = package.row))
    ORDER BY updated DESC, id
    LIMIT :limit OFFSET :offset";

/// An open database.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    writer: Mutex<Connection>,
    idle: Mutex<Vec<Connection>>,
}

impl Database {
    pub(super) fn open(cache: &Path, registry: &str) -> Result<Self, SearchError> {
        let path = cache.join("search.sqlite");
        std::fs::create_dir_all(cache).map_err(|source| SearchError::Replace { path: cache.to_owned(), source })?;
        let writer = match connect(&path).and_then(|connection| {
            let usable = is_usable(&connection, registry)?;
            Ok(usable.then_some(connection))
        }) {
            Ok(Some(connection)) => connection,
            // Damaged, of another format or of another registry.
            Ok(None) | Err(_) => {
                remove(&path)?;
                create(&path, registry).map_err(|source| SearchError::Open { path: path.clone(), source })?
            }
        };
        Ok(Self { path, writer: Mutex::new(writer), idle: Mutex::default() })
    }

    pub(super) fn tree_size(&self) -> Result<u64, SearchError> {
        self.read(|connection| Ok(connection.query_row("SELECT tree_size FROM registry", [], |row| number(row, 0))?))
    }

    pub(super) fn apply(&self, changes: &[Change], tree_size: u64) -> Result<(), SearchError> {
        let mut writer = lock(&self.writer);
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for change in changes {
            apply(&transaction, change)?;
        }
        transaction.execute("UPDATE registry SET tree_size = max(tree_size, ?1)", [stored(tree_size)])?;
        transaction.commit()?;
        Ok(())
    }

    pub(super) fn find(&self, query: &Query) -> Result<Found, SearchError> {
        let page = query.page.max(1);
        let words = query.expression();
        let offset = (page - 1).saturating_mul(PAGE_SIZE);
        let mask = query.capability.map_or(-1, CapabilityFilter::bit);
        let key = query.key.map(|key| key.to_base64());
        self.read(|connection| {
            let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?, number(row, 2)?));
            let rows: Vec<(String, i64, u64)> = match &words {
                Some(words) => connection
                    .prepare_cached(FOUND_BY_WORDS)?
                    .query_map(
                        named_params! {
                            ":words": words, ":exact": query.exact(), ":verified": query.verified, ":mask": mask,
                            ":key": key, ":limit": PAGE_SIZE, ":offset": offset
                        },
                        read,
                    )?
                    .collect::<Result<_, _>>()?,
                // Something was typed, but nothing of it is a word.
                None if !query.text.trim().is_empty() => Vec::new(),
                None => connection
                    .prepare_cached(FOUND_BY_TIME)?
                    .query_map(
                        named_params! {
                            ":verified": query.verified, ":mask": mask, ":key": key, ":limit": PAGE_SIZE,
                            ":offset": offset
                        },
                        read,
                    )?
                    .collect::<Result<_, _>>()?,
            };
            let total = rows.first().map_or(0, |(_, _, total)| *total);
            let touches = rows.iter().map(|(_, bits, _)| CapabilityFilter::of_bits(*bits)).collect();
            let results = rows.iter().map(|(result, ..)| serde_json::from_str(result));
            let results = results.collect::<Result<Vec<SearchResult>, _>>()?;
            let next = (u64::from(offset) + u64::from(PAGE_SIZE) < total).then(|| page.saturating_add(1));
            Ok(Found { page: SearchPage { format: 1, results, next }, touches, total })
        })
    }

    pub(super) fn counts(&self) -> Result<Counts, SearchError> {
        let sql =
            "SELECT count(*), coalesce(sum(versions), 0), (SELECT count(DISTINCT key) FROM package_key) FROM package";
        self.read(|connection| {
            Ok(connection.query_row(sql, [], |row| {
                Ok(Counts { packages: number(row, 0)?, versions: number(row, 1)?, publishers: number(row, 2)? })
            })?)
        })
    }

    pub(super) fn readme(&self, archive_hash: &Digest) -> Result<Option<Option<String>>, SearchError> {
        let sql = "SELECT markdown FROM readme WHERE archive_hash = ?1";
        self.read(|connection| Ok(connection.query_row(sql, [archive_hash.to_hex()], |row| row.get(0)).optional()?))
    }

    pub(super) fn keep_readme(&self, archive_hash: &Digest, markdown: Option<&str>) -> Result<(), SearchError> {
        let sql = "INSERT OR REPLACE INTO readme (archive_hash, markdown) VALUES (?1, ?2)";
        lock(&self.writer).execute(sql, params![archive_hash.to_hex(), markdown])?;
        Ok(())
    }

    /// Runs `work` with a connection for reading, of which there are as many as readers at the same time.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, SearchError>) -> Result<T, SearchError> {
        let idle = lock(&self.idle).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path).map_err(|source| SearchError::Open { path: self.path.clone(), source })?,
        };
        let result = work(&connection);
        let mut idle = lock(&self.idle);
        if idle.len() < MAX_IDLE {
            idle.push(connection);
        }
        result
    }
}

fn apply(transaction: &Transaction<'_>, change: &Change) -> Result<(), SearchError> {
    let (id, tree_size) = (change.index.package_id.as_str(), change.index.tree_size);
    let is_newer = transaction
        .prepare_cached(
            "INSERT INTO applied (id, tree_size) VALUES (?1, ?2)
             ON CONFLICT (id) DO UPDATE SET tree_size = excluded.tree_size WHERE tree_size <= excluded.tree_size",
        )?
        .execute(params![id, stored(tree_size)])?
        > 0;
    if !is_newer {
        return Ok(());
    }
    for archive_hash in taken_down(&change.index) {
        transaction.prepare_cached("DELETE FROM readme WHERE archive_hash = ?1")?.execute([archive_hash.to_hex()])?;
    }
    let old: Option<i64> = transaction
        .prepare_cached("DELETE FROM package WHERE id = ?1 RETURNING row")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    if let Some(row) = old {
        transaction.prepare_cached("DELETE FROM words WHERE rowid = ?1")?.execute([row])?;
        transaction.prepare_cached("DELETE FROM package_key WHERE package = ?1")?.execute([row])?;
    }
    let Some(entry) = Entry::of(change) else { return Ok(()) };
    let result = &entry.result;
    let row: i64 = transaction
        .prepare_cached(
            "INSERT INTO package (id, name, verified, capabilities, updated, versions, result)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING row",
        )?
        .query_row(
            params![
                id,
                result.name,
                result.domain_verified,
                entry.capabilities,
                stored(entry.updated),
                stored(entry.versions),
                serde_json::to_string(result)?
            ],
            |row| row.get(0),
        )?;
    transaction
        .prepare_cached(
            "INSERT INTO words (rowid, id, name, description, tools, publisher) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![row, id, result.name, result.description, entry.tools, result.publisher])?;
    for key in &entry.keys {
        transaction
            .prepare_cached("INSERT INTO package_key (key, package) VALUES (?1, ?2)")?
            .execute(params![key.to_base64(), row])?;
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "temp_store", "memory")?;
    Ok(connection)
}

fn create(path: &Path, registry: &str) -> Result<Connection, rusqlite::Error> {
    let mut connection = connect(path)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO registry (name, tree_size) VALUES (?1, 0)", [registry])?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()?;
    Ok(connection)
}

/// Returns whether a database has the tables of this release, is of this registry, and is not damaged.
fn is_usable(connection: &Connection, registry: &str) -> Result<bool, rusqlite::Error> {
    let format: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if format != FORMAT {
        return Ok(false);
    }
    let name: String = connection.query_row("SELECT name FROM registry", [], |row| row.get(0))?;
    let check: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    Ok(name == registry && check == "ok")
}

fn remove(path: &Path) -> Result<(), SearchError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let path = PathBuf::from(name);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(SearchError::Replace { path, source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// SQLite stores signed numbers only.
fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn number(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

/// A panic of another thread cannot leave a connection in a state that matters: its transaction is rolled back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
