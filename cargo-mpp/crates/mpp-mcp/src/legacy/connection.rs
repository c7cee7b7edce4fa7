//! One connection to a server: requests by id, and what the server says in between.

mod http;
mod params;
mod pipe;
mod relay;

use std::collections::{BTreeSet, HashMap};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use mpp_host::CancelHandle;
use serde_json::value::RawValue;

use self::http::Http;
use self::pipe::Pipe;
use super::message::{self, Answer, Fault, Medium, Message};
use super::reach::Reach;
use crate::bridge::Audience;

pub(super) use params::header_parameters;
pub(super) use relay::{PATIENCE as ASKING, answer_of};

/// Pause between two looks at whether a call was cancelled. An answer ends the pause.
const LOOK: Duration = Duration::from_millis(20);

/// Requests without an answer that are remembered, so that a late answer is not taken for a mistake.
const GIVEN_UP: usize = 1024;

/// What the owner of a connection is told, on a thread of the connection.
pub(super) trait Observer: Send + Sync + 'static {
    /// The server made a mistake of this kind for the first time on this connection. `what` is the end of a sentence about the server.
    fn fault(&self, what: &'static str);
    /// The server sent a notification.
    fn notified(&self, connection: &Arc<Connection>, method: &str);
    /// The connection has ended by itself.
    fn ended(&self, end: &End);
    /// Returns the name of the server.
    fn server(&self) -> String;
    /// Returns a text of the server as a client may see it.
    fn text(&self, text: &str) -> String;
    /// Returns a message of the server as a client may see it.
    fn message(&self, message: &RawValue) -> Box<RawValue>;
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// What happened, as the end of a sentence about the server.
    pub(super) what: String,
    /// The end of what the server wrote to stderr.
    pub(super) stderr: String,
    /// Whether only the session has ended, so that the server can be asked for another one at once.
    pub(super) is_session: bool,
}

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NoResult {
    /// The server answered with an error.
    Error { code: i64, message: String },
    /// The answer cannot be read: what is wrong, and the end of a sentence about the server.
    Unreadable(Fault, &'static str),
    /// There was no answer in time.
    TimedOut,
    /// The caller cancelled the request.
    Cancelled,
    /// The connection had ended before, so that the request was not sent.
    NotSent,
    /// The server could not be reached, so that the request was not sent: the end of a sentence about the server.
    Unreachable(String),
    /// The server does not know the session any more, so that it did nothing.
    Lost,
    /// The server answered with an HTTP status other than success: the status, and what it says about it.
    Status(u16, String),
    /// The answer broke off: the end of a sentence about the server.
    Broken(String),
    /// The connection ended before the answer.
    Ended(End),
}

/// A request to a server.
pub(super) struct Request<'a> {
    method: &'a str,
    params: &'a str,
    patience: Duration,
    cancel: Option<&'a CancelHandle>,
    /// The name of the called tool, and headers with arguments of the call.
    tool: Option<(&'a str, Vec<(String, String)>)>,
    audience: Option<&'a Audience>,
    progress: Option<u64>,
}

impl<'a> Request<'a> {
    /// Creates a request that is answered within `patience`. `params` is a JSON object as text.
    pub(super) fn new(method: &'a str, params: &'a str, patience: Duration) -> Self {
        Self { method, params, patience, cancel: None, tool: None, audience: None, progress: None }
    }

    /// Sets what ends the request.
    pub(super) fn cancel(mut self, cancel: &'a CancelHandle) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// Sets the tool that is called, and headers with arguments of the call.
    pub(super) fn tool(mut self, name: &'a str, headers: Vec<(String, String)>) -> Self {
        self.tool = Some((name, headers));
        self
    }

    /// Sets who receives what the server says until it answers. `progress` is the progress token of the request.
    pub(super) fn audience(mut self, audience: Option<&'a Audience>, progress: Option<u64>) -> Self {
        (self.audience, self.progress) = (audience, progress);
        self
    }
}

/// A message for the server.
struct Outgoing<'a> {
    /// The id, if the message is a request.
    id: Option<u64>,
    /// The method; empty for an answer.
    method: &'a str,
    tool: Option<(&'a str, Vec<(String, String)>)>,
    /// Whether the answer to the request is a stream that stays open.
    listens: bool,
    text: &'a str,
}

/// A connection. It ends with [`close`](Connection::close), or by itself.
pub(super) struct Connection {
    me: Weak<Self>,
    link: Link,
    observer: Box<dyn Observer>,
    state: Mutex<State>,
}

enum Link {
    Pipe(Pipe),
    Http(Box<Http>),
}

#[derive(Default)]
struct State {
    last_id: u64,
    waiting: HashMap<u64, Waiting>,
    /// Requests that nobody waits for any more.
    given_up: BTreeSet<u64>,
    faults: BTreeSet<Fault>,
    /// Questions of the server that are being asked.
    asking: usize,
    is_closing: bool,
    end: Option<End>,
}

/// A request that was not answered yet.
struct Waiting {
    reply: SyncSender<Result<String, NoResult>>,
    audience: Option<Audience>,
    progress: Option<u64>,
    /// Whether the request is a call of a tool.
    is_call: bool,
    /// Questions that a person has not answered yet, and since when.
    asking: Option<(usize, Instant)>,
    /// How long questions took that were answered.
    asked: Duration,
}

impl Connection {
    /// Starts a server, or prepares to reach it.
    pub(super) fn open(reach: &Reach, observer: Box<dyn Observer>) -> std::io::Result<Arc<Self>> {
        let connection =
            |link| Arc::new_cyclic(|me| Self { me: Weak::clone(me), link, observer, state: Mutex::default() });
        match reach {
            Reach::Url(endpoint) => Ok(connection(Link::Http(Box::new(Http::new(endpoint)?)))),
            Reach::Process(launch) => {
                let (pipe, streams) = Pipe::start(launch)?;
                let connection = connection(Link::Pipe(pipe));
                streams.read(&connection)?;
                Ok(connection)
            }
        }
    }

    /// Returns whether the server has ended, or is being ended.
    pub(super) fn has_ended(&self) -> bool {
        let state = self.state();
        state.is_closing || state.end.is_some()
    }

    /// Returns how the connection ended; `None` if it has not.
    pub(super) fn end_of(&self) -> Option<End> {
        self.state().end.clone()
    }

    /// Sends a request and waits for the result, JSON text as the server sent it. While a person answers a question of the server, the
    /// time does not count.
    pub(super) fn request(&self, request: Request<'_>) -> Result<String, NoResult> {
        let Request { method, params, patience, cancel, tool, audience, progress } = request;
        let is_call = tool.is_some();
        let (id, answer) = self.register(audience.cloned(), progress, is_call)?;
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#);
        self.send(Outgoing { id: Some(id), method, tool, listens: false, text: &text });
        let until = Instant::now() + patience;
        let given_up = loop {
            let left = self.left(id, until);
            match answer.recv_timeout(if cancel.is_some() || audience.is_some() { left.min(LOOK) } else { left }) {
                Ok(result) => return result,
                Err(RecvTimeoutError::Disconnected) => return Err(NoResult::NotSent),
                Err(RecvTimeoutError::Timeout) if cancel.is_some_and(CancelHandle::is_cancelled) => {
                    break NoResult::Cancelled;
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => break NoResult::TimedOut,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        self.give_up(id, method, if given_up == NoResult::Cancelled { "cancelled" } else { "timed out" });
        Err(given_up)
    }

    /// Sends a request whose answer is a stream of notifications.
    pub(super) fn listen(&self, method: &str, params: &str) {
        self.send_unawaited(method, params, true);
    }

    /// Sends a request whose answer does not matter.
    pub(super) fn request_later(&self, method: &str, params: &str) {
        self.send_unawaited(method, params, false);
    }

    fn send_unawaited(&self, method: &str, params: &str, listens: bool) {
        let Ok((id, _)) = self.register(None, None, false) else { return };
        let mut state = self.state();
        state.waiting.remove(&id);
        state.given_up.insert(id);
        drop(state);
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#);
        self.send(Outgoing { id: Some(id), method, tool: None, listens, text: &text });
    }

    /// Sends a notification.
    pub(super) fn notify(&self, method: &str, params: &str) {
        let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        self.send(Outgoing { id: None, method, tool: None, listens: false, text: &text });
    }

    /// Sets the version of the protocol of the messages that follow; `None` before it is negotiated.
    pub(super) fn speaks(&self, version: Option<&str>) {
        if let Link::Http(http) = &self.link {
            http.speaks(version);
        }
    }

    /// Begins to receive what the server sends by itself, in a session that `initialize` has opened.
    pub(super) fn opened(&self) {
        if let (Link::Http(http), Some(me)) = (&self.link, self.me.upgrade()) {
            http.receive(&me);
        }
    }

    /// Ends the connection, and the server if it is a process. Returns how it ended, as the end of a sentence about the server.
    pub(super) fn close(&self) -> String {
        self.state().is_closing = true;
        match &self.link {
            Link::Pipe(pipe) => pipe.close(),
            Link::Http(http) => {
                http.close();
                "was left".to_owned()
            }
        }
    }

    /// Returns the end of what the server wrote to stderr.
    pub(super) fn stderr(&self) -> String {
        match &self.link {
            Link::Pipe(pipe) => pipe.stderr(),
            Link::Http(_) => String::new(),
        }
    }

    fn medium(&self) -> Medium {
        match &self.link {
            Link::Pipe(_) => Medium::Stdout,
            Link::Http(_) => Medium::Http,
        }
    }

    fn register(
        &self,
        audience: Option<Audience>,
        progress: Option<u64>,
        is_call: bool,
    ) -> Result<(u64, Receiver<Result<String, NoResult>>), NoResult> {
        let (reply, receiver) = sync_channel(1);
        let mut state = self.state();
        if state.is_closing || state.end.is_some() {
            return Err(NoResult::NotSent);
        }
        state.last_id += 1;
        let id = state.last_id;
        let waiting = Waiting { reply, audience, progress, is_call, asking: None, asked: Duration::ZERO };
        state.waiting.insert(id, waiting);
        Ok((id, receiver))
    }

    /// Returns how much time a request has left.
    fn left(&self, id: u64, until: Instant) -> Duration {
        match self.state().waiting.get(&id) {
            Some(Waiting { asking: Some(_), .. }) => LOOK,
            Some(Waiting { asked, .. }) => (until + *asked).saturating_duration_since(Instant::now()),
            None => until.saturating_duration_since(Instant::now()),
        }
    }

    fn give_up(&self, id: u64, method: &str, reason: &str) {
        let mut state = self.state();
        let was_waiting = state.waiting.remove(&id).is_some();
        state.given_up.insert(id);
        if state.given_up.len() > GIVEN_UP {
            state.given_up.pop_first();
        }
        drop(state);
        // The protocol does not let a client cancel the handshake.
        if was_waiting && method != "initialize" {
            self.notify("notifications/cancelled", &format!(r#"{{"requestId":{id},"reason":"{reason}"}}"#));
        }
        if let Link::Http(http) = &self.link {
            http.abandon(id);
        }
    }

    /// Returns whether the server does not read what it is sent.
    fn is_behind(&self) -> bool {
        match &self.link {
            Link::Pipe(pipe) => pipe.is_behind(),
            Link::Http(http) => http.is_behind(),
        }
    }

    fn send(&self, outgoing: Outgoing<'_>) {
        match &self.link {
            Link::Pipe(pipe) => pipe.send(outgoing.text),
            Link::Http(http) => {
                if let Some(me) = self.me.upgrade() {
                    http.send(&me, outgoing);
                }
            }
        }
    }

    /// Takes a message that arrived, on the stream of the request `on` if it has one of its own.
    fn received(self: &Arc<Self>, message: &[u8], on: Option<u64>) {
        match message::read(message) {
            Ok(Message::Answer(id, answer)) => self.answered(id, answer),
            Ok(Message::Request(id, method, params)) => self.asked(&id, &method, &params, on),
            Ok(Message::Notification(method, params)) => {
                self.say(&method, &params, on);
                self.observer.notified(self, &method);
            }
            Err(malformed) => self.malformed(malformed),
        }
    }

    /// Takes a message that is the whole answer to a request.
    fn received_answer(self: &Arc<Self>, message: &[u8], id: u64) {
        match message::read(message) {
            Err(message::Malformed { fault, .. }) => {
                self.malformed(message::Malformed { fault, answers: Some(id) });
            }
            Ok(_) => self.received(message, Some(id)),
        }
    }

    /// Takes the start of a message that is too long.
    fn too_long(&self, head: &[u8], on: Option<u64>) {
        self.malformed(message::Malformed { fault: Fault::TooLong, answers: message::id_in(head).or(on) });
    }

    fn malformed(&self, malformed: message::Malformed) {
        let message::Malformed { fault, answers } = malformed;
        self.fault(fault);
        if let Some(id) = answers {
            self.settle(id, Err(NoResult::Unreadable(fault, fault.words(self.medium()))));
        }
    }

    /// Ends the wait for a request, if somebody waits.
    fn settle(&self, id: u64, result: Result<String, NoResult>) {
        let waiting = self.state().waiting.remove(&id);
        if let Some(waiting) = waiting {
            // A caller that does not wait any more does not read the answer.
            let _ = waiting.reply.send(result);
        }
    }

    fn is_waiting(&self, id: u64) -> bool {
        self.state().waiting.contains_key(&id)
    }

    fn answered(&self, id: u64, answer: Answer) {
        let result = match answer {
            Answer::Result(result) => Ok(result),
            Answer::Error { code, message } => Err(NoResult::Error { code, message }),
        };
        let mut state = self.state();
        let waiting = state.waiting.remove(&id);
        let was_given_up = state.given_up.remove(&id);
        drop(state);
        match waiting {
            // A caller that does not wait any more does not read the answer.
            Some(waiting) => drop(waiting.reply.send(result)),
            None if was_given_up => {}
            None => self.fault(Fault::Stray),
        }
    }

    fn fault(&self, fault: Fault) {
        if self.state().faults.insert(fault) {
            self.observer.fault(fault.words(self.medium()));
        }
    }

    /// Notes that the connection has ended by itself. Nothing can be sent any more; what is under way over HTTP can still be answered.
    fn has_come_to(&self, end: End) {
        let mut state = self.state();
        if state.end.is_some() {
            return;
        }
        state.end = Some(end.clone());
        let was_closing = state.is_closing;
        let waiting = match &self.link {
            Link::Pipe(_) => std::mem::take(&mut state.waiting),
            Link::Http(_) => HashMap::new(),
        };
        drop(state);
        if let Link::Http(http) = &self.link {
            http.leave();
        }
        if !was_closing {
            self.observer.ended(&end);
        }
        for waiting in waiting.into_values() {
            let _ = waiting.reply.send(Err(NoResult::Ended(end.clone())));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
