//! Repeats a recorded call without a network, and collects how it differs from the recording.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mpp_host::clock::Clock;
use mpp_host::host::{FilteredOutput, Grant};
use mpp_host::sandbox::kv::{State, StateError};
use mpp_host::sandbox::network::{Request, Response, Transport, TransportError};
use mpp_host::sandbox::{CallObserver, ObservedEntry};

use super::bytes::from_base64;
use super::departure::{self, Departure, RequestPart};
use super::document::{FileChange, Recording};
use super::http::RecordedExchange;
use super::recorder::outcome_text;
use super::secrets::Markers;
use super::sources::{Repeating, lock};
use super::state::Seen;

/// Repeats the call of a recording: the tool reads the same times, random bytes, responses and state again.
#[derive(Debug)]
pub struct CallReplay {
    recording: Recording,
    markers: Markers,
    stage: Arc<Stage>,
}

/// What a repeated call shows.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Repeated {
    /// Where the call differs from its recording; empty if it is the same.
    pub departures: Vec<Departure>,
    /// Number of recorded readings of the clocks, and of readings that this call made. Further readings are made up.
    pub times: (usize, usize),
    /// Number of recorded random bytes, and of those that this call used. Further bytes are made up.
    pub random_bytes: (usize, usize),
    /// Number of requests that this call sent.
    pub requests: usize,
    /// Number of entries of the state that this call changed.
    pub state_changes: usize,
}

impl CallReplay {
    /// Creates the replay of a recording. `variables` are the values that the package is given now.
    #[must_use]
    pub fn new(recording: Recording, variables: &[(String, String)]) -> Self {
        let markers = Markers::new(&recording.marker, variables);
        let random = from_base64(&recording.random).unwrap_or_default();
        let stage = Stage {
            sources: Arc::new(Repeating::new(&recording.clock, random)),
            markers: markers.clone(),
            recorded: recording.requests.clone(),
            played: Mutex::default(),
        };
        Self { recording, markers, stage: Arc::new(stage) }
    }

    /// Returns the markers of the recording, with the present values.
    #[must_use]
    pub fn markers(&self) -> &Markers {
        &self.markers
    }

    /// Returns the arguments of the call, as JSON text.
    #[must_use]
    pub fn arguments(&self) -> String {
        self.markers.reveal_text(&self.recording.arguments)
    }

    /// Attaches the replay to the grant whose next call is the repeated one. Its state is kept under `state_dir`, an empty directory.
    pub fn attach(&self, grant: Grant, state_dir: &Path) -> Grant {
        let now = self.recording.state.as_ref().map(|state| Duration::from_millis(state.now_ms));
        let start = Duration::from_nanos(u64::try_from(self.recording.clock.start_ns).unwrap_or_default());
        grant
            .guest_clock(Arc::clone(&self.stage.sources) as Arc<dyn Clock>)
            .guest_random_source(Arc::clone(&self.stage.sources) as Arc<dyn mpp_host::sandbox::RandomSource>)
            .http(Arc::clone(&self.stage) as Arc<dyn Transport>)
            .observer(Arc::clone(&self.stage) as Arc<dyn CallObserver>)
            .state_dir(state_dir)
            .state_clock(Arc::new(Still(now.unwrap_or(start))))
    }

    /// Puts the recorded entries into the state of the granted package.
    ///
    /// # Errors
    /// Returns an error if the state cannot be written, or the entries exceed the quota of the package.
    pub fn restore(&self, state: &State) -> Result<(), StateError> {
        let Some(recorded) = &self.recording.state else { return Ok(()) };
        let revealed: Vec<_> = recorded
            .entries
            .iter()
            .map(|item| {
                let expires = item.expires_ms.and_then(|at| u64::try_from(at).ok());
                let time = expires.map(|at| Duration::from_millis(at.saturating_sub(recorded.now_ms)));
                (item.key.revealed(&self.markers), item.value.revealed(&self.markers), time)
            })
            .collect();
        state.set(revealed.iter().map(|(key, value, time)| (key.as_slice(), value.as_slice(), *time)))
    }

    /// Compares the call with its recording. `files` are the changes of each writable path.
    #[must_use]
    pub fn finish(&self, output: &FilteredOutput, files: &[(String, Vec<FileChange>)]) -> Repeated {
        let Self { recording, markers, stage } = self;
        let played = lock(&stage.played);
        let outcome = markers.hide_text(&outcome_text(output));
        let mut departures = departure::of_outcome(&recording.outcome, &outcome, markers);
        departures.extend(departure::of_log(&recording.log, &markers.hide_text(output.log()), markers));
        departures.extend(played.departures.iter().cloned());
        let unsent = stage.recorded.iter().enumerate().filter(|(index, _)| !played.used.contains(index));
        departures.extend(unsent.map(|(index, exchange)| Departure::Request {
            number: index + 1,
            request: markers.shown(&exchange.line()),
            part: RequestPart::NotSent,
        }));
        let changes = played.seen.changes(markers);
        let recorded_changes = recording.state.as_ref().map(|state| state.changes.as_slice()).unwrap_or_default();
        departures.extend(departure::of_state(recorded_changes, &changes, markers));
        departures.extend(departure::of_files(&recording.files, files, markers));
        Repeated {
            departures,
            times: stage.sources.times(),
            random_bytes: stage.sources.random_bytes(),
            requests: played.sent,
            state_changes: changes.len(),
        }
    }
}

/// Answers requests from the recording.
#[derive(Debug)]
struct Stage {
    sources: Arc<Repeating>,
    markers: Markers,
    recorded: Vec<RecordedExchange>,
    played: Mutex<Played>,
}

#[derive(Debug, Default)]
struct Played {
    /// Number of requests so far.
    sent: usize,
    /// Indices of the recorded exchanges that have answered a request, in this order.
    used: Vec<usize>,
    departures: Vec<Departure>,
    seen: Seen,
}

impl Stage {
    /// Returns the index of the exchange that answers a request: an equal one, or else the first with its method and URL.
    fn find(&self, request: &RecordedExchange, used: &[usize]) -> Option<usize> {
        let unused = || self.recorded.iter().enumerate().filter(|(index, _)| !used.contains(index));
        let same_target = |known: &RecordedExchange| (&known.method, &known.url) == (&request.method, &request.url);
        let is_same = |known: &RecordedExchange| {
            same_target(known) && departure::of_request(0, known, request, &self.markers).is_empty()
        };
        let equal = unused().find(|(_, known)| is_same(known));
        equal.or_else(|| unused().find(|(_, known)| same_target(known))).map(|(index, _)| index)
    }
}

impl Transport for Stage {
    fn send(&self, request: Request) -> Result<Response, TransportError> {
        let nothing = Err(TransportError::Connection("this request is not in the recording".to_owned()));
        let found = RecordedExchange::new(&request, &nothing, &self.markers);
        let mut played = lock(&self.played);
        played.sent += 1;
        let number = played.sent;
        let request = self.markers.shown(&found.line());
        let Some(index) = self.find(&found, &played.used) else {
            played.departures.push(Departure::Request { number, request, part: RequestPart::NotRecorded });
            return nothing;
        };
        let known = &self.recorded[index];
        if played.used.last().is_some_and(|last| *last > index) {
            played.departures.push(Departure::Request { number, request, part: RequestPart::Order });
        }
        played.departures.extend(departure::of_request(number, known, &found, &self.markers));
        played.used.push(index);
        known.answer.again(&self.markers)
    }
}

impl CallObserver for Stage {
    fn started(&self) {
        self.sources.rewind();
        *lock(&self.played) = Played::default();
    }

    fn state_opened(&self, now: SystemTime, entries: Option<Vec<ObservedEntry>>) {
        lock(&self.played).seen = Seen { now: Some(now), before: entries, after: None };
    }

    fn state_committed(&self, entries: Option<Vec<ObservedEntry>>) {
        lock(&self.played).seen.after = Some(entries);
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct Still(Duration);

impl Clock for Still {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + self.0
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
