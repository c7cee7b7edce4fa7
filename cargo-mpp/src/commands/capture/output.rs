//! The file of a capture.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use mpp_home::FileError;
use mpp_home::files::Access;
use mpp_host::atomic_file::StagedFile;

/// A file that is written beside its place, for its owner only: messages hold whatever the tools return. If it is dropped before it is
/// kept, nothing is left of it.
pub(super) struct Output {
    path: PathBuf,
    /// `None` if the place is not that of a file, for example a device: then it is written to directly.
    staged: Option<StagedFile>,
}

impl Output {
    /// Creates the file, and returns it together with its place.
    pub(super) fn create(path: &Path) -> Result<(File, Self), FileError> {
        let failed = |source| FileError::write(path, source);
        if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(path).map_err(failed)?;
            return Ok((file, Self { path: path.to_owned(), staged: None }));
        }
        let staged = StagedFile::new(path, Access::Private.mode()).map_err(failed)?;
        let file = staged.handle().map_err(failed)?;
        Ok((file, Self { path: path.to_owned(), staged: Some(staged) }))
    }

    /// Puts the file in its place, where it replaces an earlier capture.
    pub(super) fn keep(self) -> Result<(), FileError> {
        let Self { path, staged } = self;
        let Some(staged) = staged else { return Ok(()) };
        staged.persist().map_err(|source| FileError::write(&path, source))
    }
}
