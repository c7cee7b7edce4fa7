//! What was accepted of each package, kept in `MPP_HOME/trust/approved`: one file for each package and key.

use std::path::{Path, PathBuf};

use mpp_host::keys::PublicKey;
use mpp_host::policy::Approval;

use crate::atomic::{self, Mode};
use crate::error::Error;
use crate::session::Session;
use crate::trusting;

/// What was accepted of the package by this key.
///
/// # Errors
/// Where the file cannot be read; a damaged one accepts nothing.
pub(crate) fn load(session: &Session, package_id: &str, key: &PublicKey) -> Result<Option<Approval>, Error> {
    let path = file(session, package_id, key);
    match std::fs::read(&path) {
        Ok(bytes) => parse(&path, &bytes).map(|approval| Some(approval).filter(|known| known.is_for(package_id, key))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::read("what you approved", &path, error)),
    }
}

/// Everything that was accepted of packages by this key, by package.
///
/// # Errors
/// Where a file cannot be read.
pub(crate) fn by_key(session: &Session, key: &PublicKey) -> Result<Vec<Approval>, Error> {
    let dir = directory(session);
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::read("what you approved", &dir, error)),
    };
    let mut found = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|extension| extension == "json") {
            let bytes = std::fs::read(&path).map_err(|error| Error::read("what you approved", &path, error))?;
            found.push(parse(&path, &bytes)?);
        }
    }
    found.retain(|approval| approval.key == *key);
    found.sort_by(|a, b| a.package_id.cmp(&b.package_id));
    Ok(found)
}

/// Remembers it, in the place of what was accepted before.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn save(session: &Session, approval: &Approval) -> Result<(), Error> {
    let dir = directory(session);
    atomic::directory(&dir, Mode::Private)?;
    let mut json = serde_json::to_vec_pretty(approval).map_err(|error| Error::write(&dir, error.into()))?;
    json.push(b'\n');
    atomic::write(&file(session, &approval.package_id, &approval.key), &json, Mode::Private)
}

/// Forgets all that was accepted of packages by this key.
///
/// # Errors
/// Where a file cannot be removed.
pub(crate) fn forget(session: &Session, key: &PublicKey) -> Result<(), Error> {
    for approval in by_key(session, key)? {
        let path = file(session, &approval.package_id, key);
        std::fs::remove_file(&path).map_err(|source| Error::write(&path, source))?;
    }
    Ok(())
}

fn directory(session: &Session) -> PathBuf {
    trusting::directory(session).join("approved")
}

/// Named by the package and the key's id; the key in the file decides.
fn file(session: &Session, package_id: &str, key: &PublicKey) -> PathBuf {
    let id = key.id(mpp_host::keys::KeyRole::Publisher);
    directory(session).join(format!("{package_id}.{}.json", id.as_str().trim_start_matches("pub_")))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Approval, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })
}
