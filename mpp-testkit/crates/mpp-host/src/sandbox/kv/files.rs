//! The files of the databases. The directory and the files are accessible only to the user who runs the host.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::keys::PublicKey;
use crate::package::{hex, sha256};

/// The extension of every database file.
pub(super) const EXTENSION: &str = ".sqlite3";

/// Returns the file name of a package's and publisher's database: `<package_id>-<32 hex digits of the key's SHA-256>.sqlite3`.
///
/// A package id consists of letters, digits, `-` and `.`, and has at most 200 bytes. The name therefore stays below the limit of
/// file systems, 255 bytes, also with the suffixes that SQLite adds. The complete key is recorded in the database.
pub(super) fn name(package_id: &str, publisher: &PublicKey) -> String {
    format!("{package_id}-{}{EXTENSION}", digits(publisher))
}

/// Returns the first 32 hex digits of the key's SHA-256. The first half of them is part of the key id.
pub(super) fn digits(publisher: &PublicKey) -> String {
    hex(&sha256(publisher.as_bytes())[..16])
}

/// Creates the directory if it is missing, and returns its canonical path.
///
/// # Errors
/// Returns an error if other users can access the directory, or it belongs to another user.
pub(super) fn open_dir(dir: &Path) -> io::Result<PathBuf> {
    match DirBuilder::new().recursive(true).mode(0o700).create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let dir = dir.canonicalize()?;
    let metadata = dir.symlink_metadata()?;
    let is_ours = metadata.is_dir() && metadata.uid() == rustix::process::geteuid().as_raw();
    if is_ours && metadata.permissions().mode() & 0o077 == 0 { Ok(dir) } else { Err(not_ours()) }
}

/// Creates an empty file with mode 0600 unless it exists. SQLite gives its own files beside it the same mode.
///
/// The file is created under another name and then linked. If the file itself were opened and closed here, this process would
/// lose the POSIX locks that its other connections hold on it.
pub(super) fn make(dir: &Path, name: &str) -> io::Result<()> {
    let path = dir.join(name);
    if exists(&path)? {
        return Ok(());
    }
    let mut random = [0; 8];
    crate::random::fill(&mut random)?;
    let beside = dir.join(format!("new-{:016x}", u64::from_le_bytes(random)));
    drop(File::options().write(true).create_new(true).mode(0o600).open(&beside)?);
    let linked = std::fs::hard_link(&beside, &path);
    let removed = std::fs::remove_file(&beside);
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => removed,
    }
}

/// Returns whether the database exists.
///
/// # Errors
/// Returns an error if it is not a regular file that belongs to this user and is accessible to no other user.
pub(super) fn exists(path: &Path) -> io::Result<bool> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let is_ours = metadata.is_file() && metadata.uid() == rustix::process::geteuid().as_raw();
    if is_ours && metadata.permissions().mode() & 0o077 == 0 { Ok(true) } else { Err(not_ours()) }
}

/// Returns the device and inode, which tell a file from another one of the same name.
pub(super) fn identity(path: &Path) -> Option<(u64, u64)> {
    path.symlink_metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

fn not_ours() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "other users can access it, or this user does not own it")
}

#[cfg(test)]
mod tests {
    use super::{exists, make, name, open_dir};
    use crate::keys::{KeyRole, SigningKey};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_longest_name_leaves_room_for_the_endings_of_sqlite() {
        let key = SigningKey::from_seed(&[1; 32], KeyRole::Publisher).public();
        assert!(name(&"a".repeat(200), &key).len() + "-journal".len() <= 255);
        let other = SigningKey::from_seed(&[2; 32], KeyRole::Publisher).public();
        assert_ne!(name("a.b", &key), name("a.b", &other));
    }

    #[test]
    fn only_the_owner_can_access_the_directory_and_its_files() {
        let root = tempfile::tempdir().expect("a directory");
        let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
        let dir = open_dir(&root.path().join("deep/kv")).expect("made");
        assert_eq!(mode(&dir), 0o700);
        make(&dir, "a").expect("made");
        make(&dir, "a").expect("there already");
        assert_eq!(mode(&dir.join("a")), 0o600);
        assert_eq!(std::fs::read_dir(&dir).expect("a list").count(), 1);

        std::fs::set_permissions(dir.join("a"), std::fs::Permissions::from_mode(0o644)).expect("set");
        assert!(exists(&dir.join("a")).is_err());
        std::os::unix::fs::symlink("/etc/passwd", dir.join("b")).expect("a link");
        assert!(exists(&dir.join("b")).is_err());
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o750)).expect("set");
        assert!(open_dir(&dir).is_err());
    }
}
