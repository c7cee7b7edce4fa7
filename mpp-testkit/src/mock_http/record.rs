//! Records exchanges with real servers as a fixture.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use mpp_host::sandbox::network::Request;

use super::Answer;
use crate::fixtures::{Entry, document};
use crate::masks::Masks;

/// Asks to record all fixtures of a test run anew.
const VARIABLE: &str = "MPP_TEST_RECORD";

/// Whether the environment asks to record.
pub(super) fn is_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// What one loaded tool was answered so far.
pub(crate) struct Recorder {
    path: PathBuf,
    masks: Masks,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    entries: Vec<Entry>,
    is_written: bool,
}

impl Recorder {
    pub(super) fn new(path: PathBuf, masks: Masks) -> Self {
        Self { path, masks, kept: Mutex::default() }
    }

    pub(super) fn add(&self, request: &Request, answer: &Answer) {
        let Some(entry) = Entry::recorded(request, answer, &self.masks) else { return };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entries.push(entry);
        kept.is_written = false;
    }

    /// Writes the file, whole, where there is anything new. The error is a sentence.
    pub(super) fn write(&self) -> Result<(), String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_written || kept.entries.is_empty() {
            return Ok(());
        }
        let text = document(&kept.entries);
        mpp_host::atomic_file::write(&self.path, text.as_bytes())
            .map_err(|error| format!("the recording `{}` cannot be written: {error}", self.path.display()))?;
        kept.is_written = true;
        Ok(())
    }
}
