//! Records one call: attached to a grant, it notes what the call is given and what it sends.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use mpp_host::clock::Clock;
use mpp_host::host::{FilteredOutput, Grant};
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_host::sandbox::{CallObserver, ObservedEntry};

use super::bytes::to_base64;
use super::document::{RecordedPackage, RecordedPath, Recording, WARNING};
use super::error::VERSION;
use super::http::RecordedExchange;
use super::secrets::Markers;
use super::sources::{Noted, NotingSource, RecordedTimes, differences, lock, since_1970};
use super::state::Seen;

/// Maximum size of all bodies in a recording.
const MOST_BODIES: usize = 256 * 1024 * 1024;

/// Records one call. The call behaves as without it: the network, the clocks, the random bytes and the state are the real ones.
#[derive(Debug)]
pub struct CallRecorder {
    markers: Markers,
    clock: Arc<dyn Clock>,
    start: SystemTime,
    noted: Arc<Mutex<Noted>>,
    witness: Arc<Witness>,
}

/// What a front end knows about a recorded call when it has ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct FinishedCall<'a> {
    /// The package.
    pub package: RecordedPackage,
    /// The tool.
    pub tool: &'a str,
    /// The arguments, as JSON text.
    pub arguments: &'a str,
    /// Names of the variables that the package was given.
    pub variables: Vec<String>,
    /// The declared paths.
    pub files: Vec<RecordedPath>,
    /// Declared paths whose contents are not kept, because they are too large or cannot be read.
    pub files_left_out: Vec<String>,
    /// The output of the call.
    pub output: &'a FilteredOutput,
}

impl<'a> FinishedCall<'a> {
    /// Describes a call without files.
    #[must_use]
    pub fn new(package: RecordedPackage, tool: &'a str, arguments: &'a str, output: &'a FilteredOutput) -> Self {
        let (variables, files, files_left_out) = (Vec::new(), Vec::new(), Vec::new());
        Self { package, tool, arguments, variables, files, files_left_out, output }
    }
}

impl CallRecorder {
    /// Creates a recorder. `clock` is the clock that the tool reads, and `markers` hide the values of its variables.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, markers: Markers) -> Self {
        let witness = Witness { markers: markers.clone(), noted: Arc::default(), kept: Mutex::default() };
        let noted = Arc::clone(&witness.noted);
        Self { start: clock.now(), clock, markers, noted, witness: Arc::new(witness) }
    }

    /// Returns the markers of the recording.
    #[must_use]
    pub fn markers(&self) -> &Markers {
        &self.markers
    }

    /// Attaches the recorder to the grant whose next call is recorded.
    pub fn attach(&self, grant: Grant) -> Grant {
        let source = || NotingSource { clock: Arc::clone(&self.clock), noted: Arc::clone(&self.noted) };
        grant
            .guest_clock(Arc::new(source()))
            .guest_random_source(Arc::new(source()))
            .http(Arc::clone(&self.witness) as Arc<dyn Transport>)
            .observer(Arc::clone(&self.witness) as Arc<dyn CallObserver>)
    }

    /// Returns the recording of the call.
    #[must_use]
    pub fn finish(&self, call: FinishedCall<'_>) -> Recording {
        let (noted, kept) = (lock(&self.noted), lock(&self.witness.kept));
        let markers = &self.markers;
        let mut incomplete = Vec::new();
        let mut note = |is_incomplete: bool, what: &str| {
            if is_incomplete {
                incomplete.push(what.to_owned());
            }
        };
        note(noted.times_overflow, "clock");
        note(noted.random_overflow, "random");
        note(kept.bodies > MOST_BODIES, "requests");
        note(kept.seen.is_incomplete(), "state");
        call.files_left_out.iter().for_each(|path| note(true, path));
        Recording {
            mpp_recording: VERSION,
            warning: WARNING.to_owned(),
            marker: markers.word().to_owned(),
            package: call.package,
            tool: call.tool.to_owned(),
            arguments: markers.hide_text(call.arguments),
            variables: call.variables,
            clock: RecordedTimes {
                start_ns: since_1970(self.start),
                wall_ns: differences(&noted.wall),
                monotonic_ns: differences(&noted.monotonic),
            },
            random: to_base64(&noted.random),
            requests: kept.exchanges.clone(),
            state: kept.seen.recorded(markers),
            files: call.files,
            outcome: markers.hide_text(&outcome_text(call.output)),
            log: markers.hide_text(call.output.log()),
            incomplete,
        }
    }
}

/// Returns the outcome of a call as JSON text: `{"result": …}` or `{"error": …}`.
pub(super) fn outcome_text(output: &FilteredOutput) -> String {
    let name = if output.outcome().is_ok() { "result" } else { "error" };
    format!("{{\"{name}\":{}}}", output.json())
}

/// Sees the exchanges and the state of the call.
#[derive(Debug)]
struct Witness {
    markers: Markers,
    noted: Arc<Mutex<Noted>>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    exchanges: Vec<RecordedExchange>,
    bodies: usize,
    seen: Seen,
}

impl Transport for Witness {
    fn send(&self, _: Request) -> Result<Response, TransportError> {
        // The host calls `carry`.
        Err(TransportError::Connection("the recorder has no network of its own".to_owned()))
    }

    fn carry(
        &self,
        request: Request,
        wire: &dyn Fn() -> Result<Response, TransportError>,
    ) -> Result<Response, TransportError> {
        let answer = wire();
        let mut kept = lock(&self.kept);
        kept.bodies += request.body.len() + answer.as_ref().map_or(0, |response| response.body.len());
        if kept.bodies <= MOST_BODIES {
            kept.exchanges.push(RecordedExchange::new(&request, &answer, &self.markers));
        }
        answer
    }
}

impl CallObserver for Witness {
    fn started(&self) {
        // A call that runs again has sent no request before.
        *lock(&self.noted) = Noted::default();
        *lock(&self.kept) = Kept::default();
    }

    fn state_opened(&self, now: SystemTime, entries: Option<Vec<ObservedEntry>>) {
        lock(&self.kept).seen = Seen { now: Some(now), before: entries, after: None };
    }

    fn state_committed(&self, entries: Option<Vec<ObservedEntry>>) {
        lock(&self.kept).seen.after = Some(entries);
    }
}
