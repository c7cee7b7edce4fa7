//! Whose packages may run here: the user's own keys, and the publishers kept in `MPP_HOME/trust`, one file each.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::{KeyId, KeyRole, PublicKey};
use mpp_host::trust::{TrustStore, TrustedPublisher};

use crate::atomic::{self, Mode};
use crate::error::Error;
use crate::keystore;
use crate::session::Session;
use crate::timestamp::rfc3339;

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
pub(crate) fn add(
    session: &Session,
    key: PublicKey,
    name: &str,
    prefixes: &[String],
) -> Result<TrustedPublisher, Error> {
    let known = publishers(session)?.into_iter().find(|publisher| publisher.key == key);
    let publisher = match known {
        Some(mut known) => {
            name.clone_into(&mut known.name);
            known
                .prefixes
                .extend(prefixes.iter().filter(|prefix| !known.prefixes.contains(prefix)).cloned().collect::<Vec<_>>());
            known
        }
        None => TrustedPublisher {
            key,
            name: name.to_owned(),
            prefixes: prefixes.to_vec(),
            added: rfc3339(SystemTime::now()),
        },
    };
    let dir = directory(session);
    atomic::directory(&dir, Mode::Private)?;
    let mut json = serde_json::to_vec_pretty(&publisher).map_err(|error| Error::write(&dir, error.into()))?;
    json.push(b'\n');
    atomic::write(&file(session, &publisher), &json, Mode::Private)?;
    Ok(publisher)
}

/// Forgets a publisher.
///
/// # Errors
/// Where the file cannot be removed.
pub(crate) fn remove(session: &Session, publisher: &TrustedPublisher) -> Result<(), Error> {
    let path = file(session, publisher);
    std::fs::remove_file(&path).map_err(|source| Error::write(&path, source))
}

/// The name of a publisher's key for people.
pub(crate) fn id(publisher: &TrustedPublisher) -> KeyId {
    publisher.key.id(KeyRole::Publisher)
}

/// The prefix that is asked about with a package: its own id, and nothing else of that publisher's.
pub(crate) fn prefix_of(package: &VerifiedPackage) -> String {
    package.manifest().package_id.clone()
}

fn directory(session: &Session) -> PathBuf {
    session.home().join("trust")
}

fn file(session: &Session, publisher: &TrustedPublisher) -> PathBuf {
    directory(session).join(format!("{}.json", id(publisher)))
}

fn read(path: &Path) -> Result<TrustedPublisher, Error> {
    let bytes = std::fs::read(path).map_err(|source| Error::read("a trusted publisher", path, source))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })
}
