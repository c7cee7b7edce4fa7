//! Standard streams of a native process, through the standard library.

use std::fmt::Arguments;
use std::io::{ErrorKind, Read, Write};

pub(crate) type Failure = std::io::Error;

pub(crate) fn read(buffer: &mut [u8]) -> Result<usize, Failure> {
    loop {
        match std::io::stdin().lock().read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

pub(crate) fn write(line: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line)?;
    stdout.flush()
}

/// Writes one line to the log.
#[allow(clippy::print_stderr, reason = "stderr is the tool's log")]
pub(crate) fn log(line: Arguments<'_>) {
    eprintln!("{line}");
}
