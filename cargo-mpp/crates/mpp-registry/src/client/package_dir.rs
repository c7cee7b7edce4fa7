//! The packages on this machine, each named by the hash of its archive.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::error::ClientError;
use super::private::{create_private, write};
use crate::protocol::Digest;

/// A directory of packages: `sha256/ab/cd/abcd….mpp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageDir {
    dir: PathBuf,
}

impl PackageDir {
    /// The packages in this directory.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Returns the path of the package with this hash, whether it exists or not.
    #[must_use]
    pub fn path(&self, archive_hash: &Digest) -> PathBuf {
        let hex = archive_hash.to_hex();
        self.dir.join("sha256").join(&hex[..2]).join(&hex[2..4]).join(format!("{hex}.mpp"))
    }

    /// Returns the bytes of a package; `None` if it is not there, or if the file has another hash.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read.
    pub fn read(&self, archive_hash: &Digest) -> Result<Option<Vec<u8>>, ClientError> {
        let path = self.path(archive_hash);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes).filter(|bytes| Digest::of(bytes) == *archive_hash)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClientError::file(&path, error)),
        }
    }

    /// Removes a package, if it is there, and what is left of an interrupted download of it.
    ///
    /// # Errors
    /// Returns an error if the file cannot be removed.
    pub fn remove(&self, archive_hash: &Digest) -> Result<(), ClientError> {
        let path = self.path(archive_hash);
        for path in [path.with_extension("part"), path.with_extension("etag"), path] {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(ClientError::file(&path, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Stores a package in one step. Its hash has been checked.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub fn put(&self, archive_hash: &Digest, bytes: &[u8]) -> Result<(), ClientError> {
        self.create(archive_hash)?;
        write(&self.path(archive_hash), bytes)
    }

    /// Creates the directory of a package.
    pub(crate) fn create(&self, archive_hash: &Digest) -> Result<(), ClientError> {
        self.path(archive_hash).parent().map_or(Ok(()), |dir: &Path| create_private(dir))
    }
}
