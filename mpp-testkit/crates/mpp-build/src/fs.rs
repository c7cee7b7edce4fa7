//! Files that are either whole or not there.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `bytes` to `path`: beside it first, then renamed over it.
///
/// Missing directories are made. Whoever reads `path` sees the old file or the new one, never a part; when the disk is
/// full the old file stays and nothing new is left behind. The file gets the usual mode (0666 under the umask).
///
/// # Errors
/// Whatever the file system says.
///
/// ```
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("deep/er/file.txt");
/// mpp_build::fs::write_atomic(&path, b"whole")?;
/// assert_eq!(std::fs::read(&path)?, b"whole");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomic_with_mode(path, bytes, 0o666)
}

/// Like [`write_atomic`], with the mode given: 0o600 for what only its owner may read. The umask applies.
///
/// # Errors
/// Whatever the file system says.
pub fn write_atomic_with_mode(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = beside(path, mode)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// An empty file in the directory of `path`, which must be there: to be written, synced and put in its place. Dropped before
/// that, it is removed.
///
/// # Errors
/// Where `path` names no file, and whatever the file system says.
pub fn beside(path: &Path, mode: u32) -> io::Result<tempfile::NamedTempFile> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let prefix = format!(".{}.", name.to_string_lossy());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    set_mode(&mut builder, mode);
    builder.tempfile_in(parent)
}

/// Writes `bytes` to `path` unless it holds exactly these bytes already. Says whether it wrote.
///
/// # Errors
/// Whatever the file system says.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let same = fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|found| found == bytes);
    if !same {
        write_atomic(path, bytes)?;
    }
    Ok(!same)
}

#[cfg(unix)]
fn set_mode(builder: &mut tempfile::Builder<'_, '_>, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn set_mode(_: &mut tempfile::Builder<'_, '_>, _: u32) {}

#[cfg(test)]
mod tests {
    use super::{write_atomic, write_atomic_with_mode, write_if_changed};

    #[test]
    fn leaves_the_old_file_and_nothing_else_when_the_new_one_cannot_be_put_in_place() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("package.mpp");
        std::fs::create_dir(&path).expect("a directory in the way");
        write_atomic(&path, b"new").expect_err("a directory cannot be replaced by a file");
        let left: Vec<_> =
            std::fs::read_dir(dir.path()).expect("read").map(|e| e.expect("entry").file_name()).collect();
        assert_eq!(left, ["package.mpp"]);
        assert!(path.is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn sets_the_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("publisher.key");
        write_atomic_with_mode(&path, b"secret", 0o600).expect("write");
        assert_eq!(std::fs::metadata(&path).expect("stat").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn writes_only_what_changed() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("a");
        assert!(write_if_changed(&path, b"one").expect("write"));
        assert!(!write_if_changed(&path, b"one").expect("write"));
        assert!(write_if_changed(&path, b"two").expect("write"));
    }

    #[test]
    fn a_path_without_a_file_name_is_an_error() {
        write_atomic(std::path::Path::new("/"), b"").expect_err("no file name");
    }
}
