//! Packages that were downloaded from a registry, and wait for the user to trust their publisher or to approve them.
//!
//! They are listed, so that a user names one of them by its id and version, and not by the path of its file.

use std::path::{Path, PathBuf};

use mpp_home::files::{self, Access};
use mpp_registry::client::{LockFile, LockedPackage, PackageSpec};

use crate::error::Error;
use crate::installed;
use crate::session::Session;

/// Returns the name of a package for commands that look at it or accept it.
pub(crate) fn name(locked: &LockedPackage) -> String {
    format!("{}@{}", locked.package_id, locked.version)
}

/// Reads the list.
///
/// # Errors
/// Returns an error if the file exists and cannot be read.
pub(crate) fn read(session: &Session) -> Result<LockFile, Error> {
    installed::read_lock(&session.home().waiting_file())
}

/// Adds a package whose installation waits, in place of another version of it.
///
/// # Errors
/// Returns an error if the list cannot be read or written.
pub(crate) fn add(session: &Session, locked: &LockedPackage) -> Result<(), Error> {
    let mut list = read(session)?;
    if list.find(&locked.package_id) == Some(locked) {
        return Ok(());
    }
    let before = list.put(locked.clone()).map(|before| before.archive_hash);
    write(session, &list)?;
    let is_used =
        |hash| installed::read(session).is_ok_and(|list| list.packages.iter().any(|one| one.archive_hash == hash));
    match before.filter(|before| *before != locked.archive_hash && !is_used(*before)) {
        Some(before) => Ok(installed::packages(session).remove(&before)?),
        None => Ok(()),
    }
}

/// Removes a package that was installed.
///
/// # Errors
/// Returns an error if the list cannot be read or written.
pub(crate) fn remove(session: &Session, installed: &LockedPackage) -> Result<(), Error> {
    let mut list = read(session)?;
    match list.take(&installed.package_id) {
        Some(_) => write(session, &list),
        None => Ok(()),
    }
}

/// Returns the file of the package that `given` names: by its id and this very version, or by a requirement if no version of it is
/// installed.
///
/// # Errors
/// Returns an error if a list cannot be read.
pub(crate) fn find(session: &Session, given: &Path) -> Result<Option<PathBuf>, Error> {
    let Some(text) = given.to_str().filter(|text| PackageSpec::looks_like_one(text)) else { return Ok(None) };
    let Ok(spec) = text.parse::<PackageSpec>() else { return Ok(None) };
    let list = read(session)?;
    let Some(locked) = list.find(&spec.package_id) else { return Ok(None) };
    let is_meant = text == name(locked)
        || spec.requirement.matches(&locked.version) && installed::read(session)?.find(&spec.package_id).is_none();
    Ok(is_meant.then(|| installed::packages(session).path(&locked.archive_hash)))
}

fn write(session: &Session, list: &LockFile) -> Result<(), Error> {
    let dir = session.home().packages_dir();
    files::create_dir(&dir, Access::Private)?;
    Ok(files::write(&session.home().waiting_file(), list.to_text().as_bytes(), Access::Private)?)
}
