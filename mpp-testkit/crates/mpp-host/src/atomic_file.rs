//! Writes files atomically: a reader sees the old contents or the new contents, and never a part of them.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A new file next to its target, which it replaces when it is complete. If it is dropped before that, it is removed.
///
/// ```
/// use mpp_host::atomic_file::StagedFile;
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("publisher.key");
/// let mut file = StagedFile::new(&path, 0o600)?;
/// file.write(b"secret")?;
/// file.persist_new()?;
/// let again = StagedFile::new(&path, 0o600)?.persist_new();
/// assert_eq!(again.map_err(|error| error.kind()), Err(std::io::ErrorKind::AlreadyExists));
/// assert_eq!(std::fs::read(&path)?, b"secret");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct StagedFile {
    file: NamedTempFile,
    target: PathBuf,
}

impl StagedFile {
    /// Creates an empty file in the directory of `target`, which must exist, with this mode under the umask.
    ///
    /// # Errors
    /// Returns an error if `target` has no file name, if it is a device or a pipe, which a file must not replace, or if the file cannot be
    /// created.
    pub fn new(target: &Path, mode: u32) -> io::Result<Self> {
        if fs::metadata(target).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
            let reason = "it is a device or a pipe, which a file must not replace";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path has no file name"))?;
        let prefix = format!(".{}.", name.to_string_lossy());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        set_mode(&mut builder, mode);
        Ok(Self { file: builder.tempfile_in(parent)?, target: target.to_owned() })
    }

    /// Appends `bytes` and waits until they are on the disk.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written or synced.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.as_file().sync_all()
    }

    /// The path of the staged file, for a program that removes it when it is interrupted.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Returns another handle of the staged file, which stays valid after the file was renamed.
    ///
    /// # Errors
    /// Returns an error if the handle cannot be duplicated.
    pub fn handle(&self) -> io::Result<fs::File> {
        self.file.as_file().try_clone()
    }

    /// Renames the file to its target and replaces a file that is there.
    ///
    /// # Errors
    /// Returns an error if the file cannot be renamed; the target is unchanged then.
    pub fn persist(self) -> io::Result<()> {
        self.file.persist(&self.target).map(drop).map_err(|error| error.error)
    }

    /// Renames the file to its target unless something is there.
    ///
    /// # Errors
    /// Returns [`io::ErrorKind::AlreadyExists`] if the target exists, or the error of the rename.
    pub fn persist_new(self) -> io::Result<()> {
        self.file.persist_noclobber(&self.target).map(drop).map_err(|error| error.error)
    }
}

/// Writes `bytes` to `path` with the usual mode (0666 under the umask) and creates missing directories.
///
/// # Errors
/// Returns an error if a directory or the file cannot be written; an existing file is unchanged then.
///
/// ```
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("deep/er/file.txt");
/// mpp_host::atomic_file::write(&path, b"whole")?;
/// assert_eq!(std::fs::read(&path)?, b"whole");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = StagedFile::new(path, 0o666)?;
    file.write(bytes)?;
    file.persist()
}

/// Writes `bytes` to `path` unless the file has exactly these contents. Returns whether it wrote.
///
/// # Errors
/// Returns the errors of [`write()`].
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let same = fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|found| found == bytes);
    if !same {
        write(path, bytes)?;
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
    use super::{StagedFile, write, write_if_changed};

    #[test]
    fn leaves_the_target_and_no_other_file_if_it_cannot_be_replaced() {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("package.mpp");
        std::fs::create_dir(&path).expect("a directory in the way");
        write(&path, b"new").expect_err("a directory cannot be replaced by a file");
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
        StagedFile::new(&path, 0o600).expect("created").persist().expect("renamed");
        assert_eq!(std::fs::metadata(&path).expect("stat").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_dropped_file_is_removed() {
        let dir = tempfile::tempdir().expect("temp dir");
        let staged = StagedFile::new(&dir.path().join("a"), 0o600).expect("created");
        assert!(staged.path().exists());
        drop(staged);
        assert_eq!(std::fs::read_dir(dir.path()).expect("read").count(), 0);
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
    fn refuses_a_path_without_a_file_name() {
        let error = write(std::path::Path::new("/"), b"").expect_err("no file name");
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    }
}
