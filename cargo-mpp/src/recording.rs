//! Records the call of `mpp run --record`, and writes the file.

mod files;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_home::files::Access;
use mpp_home::{ChangeGrant, Decided, FileError};
use mpp_host::atomic_file::StagedFile;
use mpp_host::clock::SystemClock;
use mpp_host::host::FilteredOutput;
use mpp_recording::recording::{
    CallRecorder, FinishedCall, Markers, RecordedFile, RecordedPackage, RecordedPath, file_changes,
};

use crate::error::Error;
use crate::interrupt::{self, FileGuard};
use crate::session::Session;

pub(crate) use files::{Budget, restore, snapshot};

/// Length from which the value of a variable is recognized.
const RECOGNIZED: usize = 8;

/// A recording under way.
pub(crate) struct Recording {
    recorder: Arc<CallRecorder>,
    /// Created before the call, so that a call is not made whose recording cannot be written.
    staged: StagedFile,
    _removed_on_interrupt: FileGuard,
    path: PathBuf,
    variables: Vec<(String, String)>,
    places: Vec<Place>,
}

/// A mapped path, with what was there before the call.
struct Place {
    guest: String,
    host: PathBuf,
    writable: bool,
    /// `None` if it is too large, or cannot be read.
    before: Option<Vec<RecordedFile>>,
}

impl Recording {
    /// Begins a recording in the file `path`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written.
    pub(crate) fn begin(session: &Session, path: &Path, decided: &Decided) -> Result<Self, Error> {
        let path = session.resolve(path);
        let failed = |source| FileError::write(&path, source);
        if path.is_dir() {
            return Err(failed(std::io::ErrorKind::IsADirectory.into()).into());
        }
        let staged = StagedFile::new(&path, Access::Private.mode()).map_err(failed)?;
        let removed = interrupt::remove_on_interrupt(staged.path());
        let variables = decided.mappings().env.clone();
        let markers = Markers::generate(&variables);
        let writable = &decided.manifest().capabilities.filesystem.write;
        let mut budget = Budget::default();
        let place = |(guest, host): &(String, PathBuf)| Place {
            guest: guest.clone(),
            host: host.clone(),
            writable: writable.contains(guest),
            before: snapshot(host, &markers, &mut budget),
        };
        let places = decided.mappings().dirs.iter().map(place).collect();
        let recorder = Arc::new(CallRecorder::new(Arc::new(SystemClock::new()), markers));
        Ok(Self { recorder, staged, _removed_on_interrupt: removed, path, variables, places })
    }

    /// Returns the hooks of the recording.
    pub(crate) fn hooks(&self) -> ChangeGrant {
        let recorder = Arc::clone(&self.recorder);
        Box::new(move |grant| recorder.attach(grant))
    }

    /// Writes the recording of the call, and returns a note about it.
    ///
    /// # Errors
    /// Returns an error if it cannot be written.
    pub(crate) fn finish(
        mut self,
        session: &Session,
        package: RecordedPackage,
        (tool, arguments): (&str, &str),
        output: &FilteredOutput,
    ) -> Result<String, FileError> {
        let failed = |source| FileError::write(&self.path, source);
        let mut call = FinishedCall::new(package, tool, arguments, output);
        call.variables = self.variables.iter().map(|(name, _)| name.clone()).collect();
        let used = output.report().accesses.paths.as_ref();
        let mut budget = Budget::default();
        for place in self.places {
            if used.is_some_and(|used| !used.contains(&place.guest)) {
                continue;
            }
            let after = match place.writable {
                true => snapshot(&place.host, self.recorder.markers(), &mut budget),
                false => place.before.clone(),
            };
            match (place.before, after) {
                (Some(before), Some(after)) => {
                    let changes = file_changes(&before, &after);
                    call.files.push(RecordedPath::new(place.guest, place.writable, before, changes));
                }
                _ => call.files_left_out.push(place.guest),
            }
        }
        let recording = self.recorder.finish(call);
        let text = recording.to_text().map_err(|error| failed(error.into()))?;
        self.staged.write(text.as_bytes()).map_err(failed)?;
        self.staged.persist().map_err(failed)?;
        let mut note = format!(
            "recorded in `{}`, unfiltered: it holds what servers, state and files gave to the tool, before the privacy filter",
            session.shown(&self.path)
        );
        let short = self.variables.iter().filter(|(_, value)| value.trim().len() < RECOGNIZED);
        let short: Vec<_> = short.filter(|(_, value)| !value.is_empty()).map(|(name, _)| format!("`{name}`")).collect();
        if !short.is_empty() {
            note.push_str(&format!(
                "\nvalues shorter than {RECOGNIZED} bytes are not recognized and may be in it: {}",
                short.join(", ")
            ));
        }
        if !recording.incomplete.is_empty() {
            note.push_str(&format!(
                "\nnot in it, because it is too large or cannot be read: {}",
                recording.incomplete.join(", ")
            ));
        }
        Ok(note)
    }
}
