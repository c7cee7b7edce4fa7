//! Starts or reaches a server, notices that it has ended, and tries it again when it is needed, with growing pauses.

use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use mpp_host::CancelHandle;
use mpp_host::causes::with_causes;
use mpp_host::wire::{ErrorKind, RpcError};
use serde_json::value::RawValue;

use super::LegacyServer;
use crate::legacy::connection::{Connection, End, Observer};
use crate::legacy::definition::Definition;
use crate::legacy::errors::{self, LegacyError, reason, stderr_note};
use crate::legacy::events::Event;
use crate::legacy::handshake::{self, NoSession, Session};
use crate::legacy::reach::Reach;

/// Longest pause before a server is started again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Pause between two looks at a server that is being started by another thread.
const LOOK: Duration = Duration::from_millis(50);

/// Pause between two readings of the list because of notifications.
const BETWEEN_LISTS: Duration = Duration::from_millis(500);

/// Whether the server runs.
#[derive(Default)]
pub(super) struct State {
    phase: Phase,
    /// Time before which the server is not started again.
    not_before: Option<Instant>,
    /// Starts and early ends in a row that failed.
    failures: u32,
    since: Option<Instant>,
    /// Why the server does not run, in a sentence.
    reason: String,
}

#[derive(Default)]
enum Phase {
    #[default]
    Stopped,
    Starting,
    Running(Arc<Session>),
    Closed,
}

/// Whether the list of the server is being read again.
#[derive(Default)]
pub(super) struct Relisting {
    is_running: bool,
    /// The connection on which the server has said that its list has changed since it was read last.
    wanted: Option<Arc<Connection>>,
}

impl Relisting {
    /// Returns the connection on which the list is to be read now; `None` ends the reading.
    fn next(&mut self) -> Option<Arc<Connection>> {
        let wanted = self.wanted.take();
        self.is_running = wanted.is_some();
        wanted
    }
}

impl State {
    /// Notes that the server does not run. Returns the pause before it may be started again.
    fn down(&mut self, reason: &str) -> Duration {
        if self.since.take().is_some_and(|since| since.elapsed() >= LONGEST_PAUSE) {
            self.failures = 0;
        }
        self.failures += 1;
        let pause = Duration::from_secs(1 << (self.failures - 1).min(6)).min(LONGEST_PAUSE);
        self.not_before = Some(Instant::now() + pause);
        self.phase = Phase::Stopped;
        reason.clone_into(&mut self.reason);
        pause
    }
}

impl LegacyServer {
    /// Returns the session with the running server. Starts the server, or waits until another thread has started it.
    pub(super) fn session(&self, cancel: Option<&CancelHandle>) -> Result<Arc<Session>, RpcError> {
        let unavailable = |reason: &str| errors::unavailable(&self.config.name, reason);
        let mut state = self.state();
        loop {
            let ended = match &state.phase {
                Phase::Running(session) => match session.connection.end_of() {
                    None => return Ok(Arc::clone(session)),
                    ended => ended,
                },
                Phase::Starting => {
                    if cancel.is_some_and(CancelHandle::is_cancelled) {
                        return Err(RpcError::new(ErrorKind::Cancelled, "the call was cancelled"));
                    }
                    (state, _) = self.started.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                Phase::Closed => return Err(unavailable("it is being ended")),
                Phase::Stopped => None,
            };
            if let Some(end) = ended {
                drop(state);
                self.has_ended(&end);
                state = self.state();
                continue;
            }
            let left = state.not_before.map(|time| time.saturating_duration_since(Instant::now())).unwrap_or_default();
            if left.is_zero() {
                break;
            }
            let seconds = left.as_secs() + 1;
            return Err(unavailable(&format!("{}; it can be tried again in {seconds} s", state.reason)));
        }
        state.phase = Phase::Starting;
        drop(state);
        let started = self.open(self.tools().pinned.initializes).and_then(|(session, definitions)| {
            match self.settle(&session, &definitions) {
                Ok(()) => Ok(session),
                Err(error) => {
                    session.connection.close();
                    Err(error)
                }
            }
        });
        self.note_start(started).map_err(|reason| unavailable(&reason))
    }

    fn note_start(&self, started: Result<Session, LegacyError>) -> Result<Arc<Session>, String> {
        let mut state = self.state();
        if matches!(state.phase, Phase::Closed) {
            drop(state);
            started.map(|session| session.connection.close()).ok();
            return Err("it is being ended".to_owned());
        }
        let noted = match started {
            Ok(session) => {
                let session = Arc::new(session);
                state.phase = Phase::Running(Arc::clone(&session));
                state.since = Some(Instant::now());
                Ok(session)
            }
            Err(error) => {
                let reason = with_causes(&error).to_string();
                let pause = state.down(&reason);
                Err((reason, pause))
            }
        };
        drop(state);
        self.started.notify_all();
        noted.map_err(|(reason, pause)| {
            self.report(Event::Down { server: self.config.name.clone(), reason: reason.clone(), pause });
            reason
        })
    }

    /// Starts the server and reads the definitions of its tools.
    pub(super) fn open(&self, initializes: Option<bool>) -> Result<(Session, Vec<Definition>), LegacyError> {
        let open = || Connection::open(&self.parts.reach, Box::new(Watcher(self.me.clone())));
        let patience = self.config.start_timeout;
        let session =
            handshake::session(&open, initializes, &self.client(), patience).map_err(|failed| self.unusable(failed))?;
        match session.list(patience) {
            Ok(list) => {
                let definitions = self.read(&list);
                Ok((session, definitions))
            }
            Err(failed) => {
                session.connection.close();
                Err(self.unusable(failed))
            }
        }
    }

    fn unusable(&self, failed: NoSession) -> LegacyError {
        let server = self.config.name.clone();
        let gate = &self.parts.gate;
        match failed {
            NoSession::Start(source) => match &self.parts.reach {
                Reach::Process(launch) => {
                    let program = launch.command.first().cloned().unwrap_or_default();
                    LegacyError::Start { server, program, source }
                }
                Reach::Url(_) => LegacyError::Connect { server, source },
            },
            NoSession::Request { method, failed, stderr } => {
                let reason = gate.text(&reason(method, &failed, self.config.start_timeout));
                LegacyError::Unusable { server, reason, stderr: gate.text(&stderr) }
            }
            NoSession::Protocol { reason, stderr } => {
                LegacyError::Unusable { server, reason: gate.text(&reason), stderr: gate.text(&stderr) }
            }
        }
    }

    /// Notes that the running server has ended. Only the first thread that notices it has an effect.
    fn has_ended(&self, end: &End) {
        let mut state = self.state();
        let Phase::Running(session) = &state.phase else { return };
        if session.connection.end_of().as_ref() != Some(end) {
            return;
        }
        if end.is_session {
            // A server may end a session whenever it likes, and open another one.
            state.phase = Phase::Stopped;
            return;
        }
        let what = self.parts.gate.text(&end.what);
        let pause = state.down(&format!("it {what}"));
        drop(state);
        let stderr = stderr_note(&self.parts.gate.text(&end.stderr));
        let reason = format!("the MCP server `{}` {what}{stderr}", self.config.name);
        self.report(Event::Down { server: self.config.name.clone(), reason, pause });
    }

    /// Starts the server, and returns whether it runs.
    pub(super) fn try_to_start(&self) -> bool {
        self.session(None).is_ok()
    }

    /// Starts the server in the background, however often that takes: nobody can call its tools before they are known.
    pub(super) fn start_later(&self) {
        let me = self.me.clone();
        let thread = std::thread::Builder::new().name("mpp-server-start".to_owned());
        // Without a thread, the server stays unavailable, which was reported.
        drop(thread.spawn(move || {
            while let Some(server) = me.upgrade() {
                if server.try_to_start() || server.is_closed() {
                    return;
                }
                drop(server);
                std::thread::sleep(LOOK * 10);
            }
        }));
    }

    fn is_closed(&self) -> bool {
        matches!(self.state().phase, Phase::Closed)
    }

    /// Ends the server, and waits until it has ended.
    pub(super) fn close(&self) {
        let phase = std::mem::replace(&mut self.state().phase, Phase::Closed);
        if let Phase::Running(session) = phase {
            session.connection.close();
        }
    }

    /// Reads the list of the server again, on a thread of its own: the reader must not wait for an answer that it reads itself. However
    /// often a server says that its list has changed, one thread reads it, with pauses.
    fn list_later(&self, connection: &Arc<Connection>) {
        let mut relisting = self.relisting();
        relisting.wanted = Some(Arc::clone(connection));
        if std::mem::replace(&mut relisting.is_running, true) {
            return;
        }
        drop(relisting);
        let me = self.me.clone();
        let list = move || {
            while let Some(server) = me.upgrade() {
                let Some(connection) = server.relisting().next() else { return };
                server.list_again(&connection);
                drop(server);
                std::thread::sleep(BETWEEN_LISTS);
            }
        };
        if std::thread::Builder::new().name("mpp-server-list".to_owned()).spawn(list).is_err() {
            // Without a thread, the list stays as it is until the next notification.
            *self.relisting() = Relisting::default();
        }
    }

    fn relisting(&self) -> MutexGuard<'_, Relisting> {
        self.relisting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the list of the running server again.
    fn list_again(&self, connection: &Arc<Connection>) {
        let Ok(session) = self.session(None) else { return };
        if !Arc::ptr_eq(&session.connection, connection) {
            return;
        }
        // A server that does not answer is noticed by the next call.
        if let Ok(list) = session.list(self.config.start_timeout) {
            let definitions = self.read(&list);
            if let Err(error) = self.settle(&session, &definitions) {
                let reason = with_causes(&error).to_string();
                self.report(Event::Down { server: self.config.name.clone(), reason, pause: Duration::ZERO });
            }
        }
    }
}

/// Tells a server about its connection.
struct Watcher(Weak<LegacyServer>);

impl Observer for Watcher {
    fn fault(&self, what: &'static str) {
        if let Some(server) = self.0.upgrade() {
            server.report(Event::Fault { server: server.config.name.clone(), what });
        }
    }

    fn notified(&self, connection: &Arc<Connection>, method: &str) {
        if method != "notifications/tools/list_changed" {
            return;
        }
        if let Some(server) = self.0.upgrade() {
            server.list_later(connection);
        }
    }

    fn ended(&self, end: &End) {
        if let Some(server) = self.0.upgrade() {
            server.has_ended(end);
        }
    }

    fn server(&self) -> String {
        self.0.upgrade().map(|server| server.config.name.clone()).unwrap_or_default()
    }

    fn text(&self, text: &str) -> String {
        // Nothing leaves without the filter.
        self.0.upgrade().map(|server| server.parts.gate.text(text)).unwrap_or_default()
    }

    fn message(&self, message: &RawValue) -> Box<RawValue> {
        let server = self.0.upgrade();
        server.map_or_else(|| RawValue::NULL.to_owned(), |server| server.parts.gate.message(message))
    }
}
