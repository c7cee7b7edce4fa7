//! Files of the home directory: read with a limit, written atomically, private where they must be.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use mpp_host::atomic_file::StagedFile;
use mpp_host::codes::{Code, Coded};
use mpp_host::text::without_byte_order_mark;

use crate::codes;

/// An error of reading or writing a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// A file cannot be read.
    #[error("cannot read {what}")]
    Read {
        /// What the file is for, with an article.
        what: &'static str,
        /// The path of the file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file or directory cannot be written.
    #[error("cannot write the file")]
    Write {
        /// The path of the file or directory.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file that is never overwritten exists.
    #[error("the file already exists and is never overwritten")]
    Exists {
        /// The path of the file.
        path: PathBuf,
    },
}

impl FileError {
    /// A file that cannot be read; `what` describes it, with an article.
    #[must_use]
    pub fn read(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Read { what, path: path.to_owned(), source }
    }

    /// A file that cannot be written.
    #[must_use]
    pub fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.to_owned(), source }
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Read { path, .. } | Self::Write { path, .. } | Self::Exists { path } => path,
        }
    }
}

impl Coded for FileError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Read { .. } => &codes::C002,
            Self::Write { .. } => &codes::C003,
            Self::Exists { .. } => &codes::C004,
        }
    }
}

/// Who can read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Everyone whom the umask allows.
    Shared,
    /// Only the owner.
    Private,
}

impl Access {
    /// The permission bits, before the umask.
    #[must_use]
    pub fn mode(self) -> u32 {
        match self {
            Self::Shared => 0o666,
            Self::Private => 0o600,
        }
    }
}

/// Writes `bytes` to a file next to `path`, ready to be renamed.
fn stage(path: &Path, bytes: &[u8], access: Access) -> Result<StagedFile, FileError> {
    let staged = StagedFile::new(path, access.mode()).and_then(|mut file| file.write(bytes).map(|()| file));
    staged.map_err(|source| FileError::write(path, source))
}

/// Writes `bytes` to `path`, replacing an existing file in one step. The directory must exist.
///
/// # Errors
/// Returns [`FileError::Write`] if the file cannot be written.
pub fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    stage(path, bytes, access)?.persist().map_err(|source| FileError::write(path, source))
}

/// Writes `bytes` to `path`, which must not exist.
///
/// # Errors
/// Returns [`FileError::Exists`] if something is at `path`, and [`FileError::Write`] if the file cannot be written.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    stage(path, bytes, access)?.persist_new().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::write(path, error),
    })
}

/// Creates a directory and its missing parents; private ones have mode 0700.
///
/// # Errors
/// Returns [`FileError::Write`] if it cannot be created.
pub fn create_dir(path: &Path, access: Access) -> Result<(), FileError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(path).map_err(|source| match source.kind() {
        // A file is in the way. The error of the system, "file exists", would be that of a file that is not overwritten.
        ErrorKind::AlreadyExists => FileError::write(path, ErrorKind::NotADirectory.into()),
        _ => FileError::write(path, source),
    })
}

/// Reads at most `limit` bytes of a file as text; bytes that are not UTF-8 become replacement characters.
///
/// # Errors
/// Returns [`FileError::Read`] if the file cannot be read.
pub fn read_text(what: &'static str, path: &Path, limit: u64) -> Result<String, FileError> {
    File::open(path).and_then(|file| text_of(file, limit)).map_err(|source| FileError::read(what, path, source))
}

pub(crate) fn text_of(from: impl Read, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(limit).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(without_byte_order_mark(&bytes)).into_owned())
}

/// The files with this extension in a directory, sorted by name; none if the directory does not exist.
pub(crate) fn list(what: &'static str, dir: &Path, extension: &str) -> Result<Vec<PathBuf>, FileError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(FileError::read(what, dir, error)),
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    Ok(paths)
}

/// The contents of a file; `None` if it does not exist.
pub(crate) fn read_if_present(what: &'static str, path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::read(what, path, error)),
    }
}

/// Writes a value as a private, indented JSON file, and creates the private directory that it is in.
pub(crate) fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), FileError> {
    if let Some(dir) = path.parent() {
        create_dir(dir, Access::Private)?;
    }
    let mut json = serde_json::to_vec_pretty(value).map_err(|error| FileError::write(path, error.into()))?;
    json.push(b'\n');
    write(path, &json, Access::Private)
}

/// Removes a file.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    std::fs::remove_file(path).map_err(|source| FileError::write(path, source))
}
