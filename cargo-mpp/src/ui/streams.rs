//! The streams of the process as files, without buffers and locks, for passing on bytes as they come.

use std::fs::File;
use std::io;

/// Returns stdin of this process.
///
/// # Errors
/// Returns an error if it is closed.
pub(crate) fn stdin() -> io::Result<File> {
    file(&io::stdin())
}

/// Returns stdout of this process.
///
/// # Errors
/// Returns an error if it is closed.
pub(crate) fn stdout() -> io::Result<File> {
    file(&io::stdout())
}

/// Returns stderr of this process.
///
/// # Errors
/// Returns an error if it is closed.
pub(crate) fn stderr() -> io::Result<File> {
    file(&io::stderr())
}

#[cfg(unix)]
fn file(stream: &impl std::os::fd::AsFd) -> io::Result<File> {
    stream.as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn file(stream: &impl std::os::windows::io::AsHandle) -> io::Result<File> {
    stream.as_handle().try_clone_to_owned().map(File::from)
}
