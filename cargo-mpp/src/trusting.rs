//! Whose packages may run here: the user's own keys, and the publishers kept in `MPP_HOME/trust`, one file each.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mpp_host::clock::rfc3339;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyRole, PublicKey};
use mpp_host::trust::{TrustStore, TrustedPublisher};

use crate::atomic::{self, Mode};
use crate::error::Error;
use crate::keystore;
use crate::session::Session;

/// Everything that decides whose packages may run.
///
/// # Errors
/// Where a file of it cannot be read; nothing is trusted on the word of a damaged file.
pub(crate) fn store(session: &Session) -> Result<TrustStore, Error> {
    let mut store = TrustStore::new();
    for key in keystore::own_keys(session)? {
        store.add_own(key);
    }
    for publisher in publishers(session)? {
        store.add(publisher);
    }
    Ok(store)
}

/// The publishers that the user accepted, by file name.
///
/// # Errors
/// Where a file cannot be read.
pub(crate) fn publishers(session: &Session) -> Result<Vec<TrustedPublisher>, Error> {
    let dir = directory(session);
    let entries = match std::fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::read("the trusted publishers", &dir, error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// Remembers a publisher; one that is there already gets the new name, and the new prefixes besides the old ones.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn add(session: &Session, publisher: TrustedPublisher) -> Result<TrustedPublisher, Error> {
    let known =
        publishers(session)?.into_iter().find(|known| known.key == publisher.key && known.role == publisher.role);
    let publisher = match known {
        Some(mut known) => {
            known.name = publisher.name;
            let new: Vec<String> =
                publisher.prefixes.into_iter().filter(|prefix| !known.prefixes.contains(prefix)).collect();
            known.prefixes.extend(new);
            known
        }
        None => publisher,
    };
    let dir = directory(session);
    atomic::directory(&dir, Mode::Private)?;
    let mut json = serde_json::to_vec_pretty(&publisher).map_err(|error| Error::write(&dir, error.into()))?;
    json.push(b'\n');
    atomic::write(&file(session, &publisher), &json, Mode::Private)?;
    Ok(publisher)
}

/// The publisher of a package, accepted now for this package and no other.
pub(crate) fn accepted(package: &VerifiedPackage) -> TrustedPublisher {
    TrustedPublisher {
        key: *package.publisher_key(),
        role: package.key_id().role(),
        name: package.manifest().publisher.name.clone(),
        prefixes: vec![package.manifest().package_id.clone()],
        added: rfc3339(SystemTime::now()),
    }
}

/// A publisher of whom the key is known, accepted now.
pub(crate) fn accepted_key(key: PublicKey, name: String, prefixes: Vec<String>) -> TrustedPublisher {
    TrustedPublisher { key, role: KeyRole::Publisher, name, prefixes, added: rfc3339(SystemTime::now()) }
}

/// Forgets a publisher.
///
/// # Errors
/// Where the file cannot be removed.
pub(crate) fn remove(session: &Session, publisher: &TrustedPublisher) -> Result<(), Error> {
    let path = file(session, publisher);
    std::fs::remove_file(&path).map_err(|source| Error::write(&path, source))
}

/// Where publishers are kept, a file each.
pub(crate) fn directory(session: &Session) -> PathBuf {
    session.home().join("trust")
}

fn file(session: &Session, publisher: &TrustedPublisher) -> PathBuf {
    directory(session).join(format!("{}.json", publisher.key_id()))
}

fn read(path: &Path) -> Result<TrustedPublisher, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::read("a trusted publisher", path, source))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })
}
