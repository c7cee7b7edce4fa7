//! Reads the calls in a log, and whether the seal of each line is valid.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::Path;

use super::AuditError;
use super::error::Trouble;
use super::line;
use super::listed::Listed;
use super::store::{Reading, Store};

/// Calls `each` with every call in the log of `dir`, oldest first. A log that does not exist has no calls.
///
/// A call with an outcome is listed with its outcome; its *started* record is not listed. Lines that do not hold a record
/// are skipped.
///
/// # Errors
/// Returns [`AuditError`] if the log cannot be read.
pub fn read(dir: &Path, mut each: impl FnMut(Listed)) -> Result<(), AuditError> {
    let mut read = || {
        let Some(reading) = Store::open_to_read(dir)? else { return Ok(()) };
        let Some(mut log) = reading.log.as_ref() else { return Ok(()) };
        let interrupted = interrupted(log, &reading)?;
        log.rewind()?;
        let mut number = 0;
        lines(log, |line| {
            number += 1;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let Some(record) = line::record(line) else { return };
            if record.ended().is_some() || interrupted.contains(&number) {
                each(Listed { is_sealed: is_sealed(line, &reading), record });
            }
        })
    };
    read().map_err(|trouble: Trouble| trouble.in_dir(dir))
}

/// Returns the lines, counted from 1, of *started* records without an outcome. Only a line with a valid seal is an outcome.
fn interrupted(log: &File, reading: &Reading) -> Result<HashSet<u64>, Trouble> {
    let mut open: HashMap<String, u64> = HashMap::new();
    let mut number = 0;
    lines(log, |line| {
        number += 1;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let Some(call) = line::call(line) else { return };
        if call.is_started() {
            open.insert(call.id.into_owned(), number);
        } else if open.contains_key(&*call.id) && is_sealed(line, reading) {
            open.remove(&*call.id);
        }
    })?;
    Ok(open.into_values().collect())
}

fn is_sealed(line: &[u8], reading: &Reading) -> bool {
    reading.seal.as_ref().is_some_and(|seal| line::read(line, seal).is_some())
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
