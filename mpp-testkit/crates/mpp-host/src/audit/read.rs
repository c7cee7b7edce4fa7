//! Reads the records of a log, and whether the seal of each line is valid.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::AuditError;
use super::error::Trouble;
use super::line;
use super::record::Entry;
use super::seal::Seal;
use super::store::Store;

/// A record that was read from the log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The content of the record.
    #[serde(flatten)]
    pub entry: Entry,
    /// Whether the seal of the record's line is valid. [`super::verify`] also verifies the chain.
    pub is_sealed: bool,
}

/// Calls `each` with every record of the log in `dir`, oldest first. A log that does not exist has no records.
///
/// Lines that do not hold a record are skipped.
///
/// # Errors
/// Returns [`AuditError`] if the log cannot be read.
pub fn read(dir: &Path, mut each: impl FnMut(Listed)) -> Result<(), AuditError> {
    let mut read = || {
        let Some(reading) = Store::open_to_read(dir)? else { return Ok(()) };
        let Some(log) = &reading.log else { return Ok(()) };
        lines(log, |line| {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let is_sealed = || reading.seal.as_ref().is_some_and(|seal: &Seal| line::read(line, seal).is_some());
            if let Some(entry) = line::entry(line) {
                each(Listed { is_sealed: is_sealed(), entry });
            }
        })
    };
    read().map_err(|trouble: Trouble| trouble.in_dir(dir))
}

/// Calls `each` with every line, including its line break. A line that is too long for a record is passed in pieces.
pub(super) fn lines(log: impl Read, mut each: impl FnMut(&[u8])) -> Result<(), Trouble> {
    let mut log = BufReader::with_capacity(256 << 10, log);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut log).take(line::LONGEST as u64).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        each(&line);
    }
}
