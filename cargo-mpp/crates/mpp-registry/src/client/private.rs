//! Files and directories that only the user can access.

use std::path::Path;

use mpp_host::atomic_file::StagedFile;

use super::error::ClientError;

/// Creates a directory that only the user can access, and its missing parents.
pub(crate) fn create_private(dir: &Path) -> Result<(), ClientError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| ClientError::file(dir, error))
}

/// Writes a private file in one step.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ClientError> {
    let staged = StagedFile::new(path, 0o600).and_then(|mut file| file.write(bytes).and_then(|()| file.persist()));
    staged.map_err(|error| ClientError::file(path, error))
}
