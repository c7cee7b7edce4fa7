//! Writing files whole or not at all: beside the target, then renamed.

use std::path::Path;

use mpp_host::atomic_file::StagedFile;

use crate::error::Error;
use crate::interrupt;

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everybody that the umask lets.
    Shared,
    /// The owner alone.
    Private,
}

/// Writes `bytes` to `path`; an existing file is replaced in one step.
///
/// # Errors
/// Where the directory cannot be made or the file cannot be written; nothing is left behind then.
pub(crate) fn write(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), Error> {
    let staged = stage(path, bytes, mode)?;
    let _guard = interrupt::remove_on_interrupt(staged.path());
    staged.persist().map_err(|failed| Error::write(path, failed))
}

/// Writes `bytes` to `path`, which must not exist.
///
/// # Errors
/// As [`write`], and [`Error::Exists`] where something is there already.
pub(crate) fn create(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), Error> {
    let staged = stage(path, bytes, mode)?;
    let _guard = interrupt::remove_on_interrupt(staged.path());
    staged.persist_new().map_err(|failed| match failed.kind() {
        std::io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        _ => Error::write(path, failed),
    })
}

/// Makes a directory, and the ones above it; `Private` ones are the owner's alone.
///
/// # Errors
/// Where it cannot be made.
pub(crate) fn directory(path: &Path, mode: Mode) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if mode == Mode::Private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(path).map_err(|source| Error::write(path, source))
}

/// The bytes in a file beside `path`; it goes when the program is interrupted.
fn stage(path: &Path, bytes: &[u8], mode: Mode) -> Result<StagedFile, Error> {
    let failed = |source| Error::write(path, source);
    let mut file = StagedFile::new(path, if mode == Mode::Private { 0o600 } else { 0o666 }).map_err(failed)?;
    let _guard = interrupt::remove_on_interrupt(file.path());
    file.write(bytes).map_err(failed)?;
    Ok(file)
}
