//! One connection to a running server: requests by id, and the threads that write and read its streams.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mpp_host::CancelHandle;

use super::message::{self, Answer, Fault, Message};
use super::process::{Launch, Process};
use crate::stdio::lines::{Line, LineReader};

/// Pause between two looks at whether a call was cancelled. An answer ends the pause.
const LOOK: Duration = Duration::from_millis(20);

/// How long a process whose output has ended may take to end.
const AFTER_OUTPUT: Duration = Duration::from_millis(500);

/// Requests without an answer that are remembered, so that a late answer is not taken for a mistake.
const GIVEN_UP: usize = 1024;

/// What the owner of a connection is told, on a thread of the connection.
pub(super) trait Observer: Send + Sync + 'static {
    /// The server made a mistake of this kind for the first time on this connection.
    fn fault(&self, fault: Fault);
    /// The server sent a notification.
    fn notified(&self, connection: &Arc<Connection>, method: &str);
    /// The connection has ended by itself.
    fn ended(&self, connection: &Arc<Connection>, end: &End);
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct End {
    /// The exit status, in words.
    pub(super) status: String,
    /// The end of what the server wrote to stderr.
    pub(super) stderr: String,
}

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum NoResult {
    /// The server answered with an error.
    Error { code: i64, message: String },
    /// The answer cannot be read.
    Unreadable(Fault),
    /// There was no answer in time.
    TimedOut,
    /// The caller cancelled the request.
    Cancelled,
    /// The connection had ended before, so that the request was not sent.
    NotSent,
    /// The connection ended before the answer.
    Ended(End),
}

/// A connection. It ends with [`close`](Connection::close), or when the server's output ends.
pub(super) struct Connection {
    process: Process,
    /// Lines for the server; `None` when its input has been closed.
    lines: Mutex<Option<Sender<Vec<u8>>>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    waiting: HashMap<u64, SyncSender<Result<Answer, End>>>,
    /// Requests that nobody waits for any more.
    given_up: BTreeSet<u64>,
    faults: BTreeSet<Fault>,
    is_closing: bool,
    end: Option<End>,
}

impl Connection {
    /// Starts a server.
    pub(super) fn open(launch: &Launch, observer: impl Observer) -> std::io::Result<Arc<Self>> {
        let (process, stdin, stdout) = Process::start(launch)?;
        let (sender, receiver) = channel();
        let connection = Arc::new(Self { process, lines: Mutex::new(Some(sender)), state: Mutex::default() });
        std::thread::Builder::new().name("mpp-server-in".to_owned()).spawn(move || write_lines(stdin, &receiver))?;
        let reader = Arc::clone(&connection);
        std::thread::Builder::new()
            .name("mpp-server-out".to_owned())
            .spawn(move || reader.read_lines(stdout, &observer))?;
        Ok(connection)
    }

    /// Returns whether the server has ended, or is being ended.
    pub(super) fn has_ended(&self) -> bool {
        let state = lock(&self.state);
        state.is_closing || state.end.is_some()
    }

    /// Returns how the connection ended; `None` if it has not.
    pub(super) fn end_of(&self) -> Option<End> {
        lock(&self.state).end.clone()
    }

    /// Sends a request and waits for its answer. `params` is a JSON object as text.
    pub(super) fn request(
        &self,
        method: &str,
        params: &str,
        patience: Duration,
        cancel: Option<&CancelHandle>,
    ) -> Result<String, NoResult> {
        let (id, answer) = self.register()?;
        self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#));
        let until = Instant::now() + patience;
        let given_up = loop {
            let left = until.saturating_duration_since(Instant::now());
            match answer.recv_timeout(if cancel.is_some() { left.min(LOOK) } else { left }) {
                Ok(Ok(Answer::Result(result))) => return Ok(result),
                Ok(Ok(Answer::Error { code, message })) => return Err(NoResult::Error { code, message }),
                Ok(Ok(Answer::Unreadable(fault))) => return Err(NoResult::Unreadable(fault)),
                Ok(Err(end)) => return Err(NoResult::Ended(end)),
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

    /// Sends a request whose answer does not matter.
    pub(super) fn ask(&self, method: &str, params: &str) {
        if let Ok((id, _)) = self.register() {
            self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#));
            let mut state = lock(&self.state);
            state.waiting.remove(&id);
            state.given_up.insert(id);
        }
    }

    /// Sends a notification.
    pub(super) fn notify(&self, method: &str, params: &str) {
        self.send(&format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#));
    }

    /// Closes the server's input and ends it. Returns the exit status in words.
    pub(super) fn close(&self) -> String {
        lock(&self.state).is_closing = true;
        *lock(&self.lines) = None;
        in_words(self.process.end())
    }

    /// Returns the end of what the server wrote to stderr.
    pub(super) fn stderr(&self) -> String {
        self.process.stderr()
    }

    fn register(&self) -> Result<(u64, Receiver<Result<Answer, End>>), NoResult> {
        let (sender, receiver) = sync_channel(1);
        let mut state = lock(&self.state);
        if state.is_closing || state.end.is_some() {
            return Err(NoResult::NotSent);
        }
        state.last_id += 1;
        let id = state.last_id;
        state.waiting.insert(id, sender);
        Ok((id, receiver))
    }

    fn give_up(&self, id: u64, method: &str, reason: &str) {
        let mut state = lock(&self.state);
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
    }

    fn send(&self, line: &str) {
        let mut bytes = Vec::with_capacity(line.len() + 1);
        // A line break between the members of arguments is no part of them, and would end the message.
        bytes.extend(line.bytes().map(|byte| if byte == b'\n' || byte == b'\r' { b' ' } else { byte }));
        bytes.push(b'\n');
        if let Some(lines) = &*lock(&self.lines) {
            // Without a writer, the reader reports the end of the connection.
            let _ = lines.send(bytes);
        }
    }

    fn read_lines(self: &Arc<Self>, stdout: ChildStdout, observer: &impl Observer) {
        let mut reader = LineReader::new(stdout);
        while let Some(line) = reader.next() {
            let read = match &line {
                Line::Bytes(line) if line.iter().all(u8::is_ascii_whitespace) => continue,
                Line::Bytes(line) => message::read(line),
                Line::TooLong(head) => Err(message::Malformed { fault: Fault::TooLong, answers: message::id_in(head) }),
            };
            match read {
                Ok(Message::Answer(id, answer)) => self.answered(id, answer, observer),
                Ok(Message::Request(id, method)) => self.asked(&id, &method),
                Ok(Message::Notification(method)) => observer.notified(self, &method),
                Err(malformed) => {
                    self.fault(malformed.fault, observer);
                    let waiting = malformed.answers.and_then(|id| lock(&self.state).waiting.remove(&id));
                    if let Some(waiting) = waiting {
                        let _ = waiting.send(Ok(Answer::Unreadable(malformed.fault)));
                    }
                }
            }
        }
        self.output_ended(observer);
    }

    fn answered(&self, id: u64, answer: Answer, observer: &impl Observer) {
        let mut state = lock(&self.state);
        let waiting = state.waiting.remove(&id);
        let was_given_up = state.given_up.remove(&id);
        drop(state);
        match waiting {
            // A caller that does not wait any more does not read the answer.
            Some(waiting) => drop(waiting.send(Ok(answer))),
            None if was_given_up => {}
            None => self.fault(Fault::Stray, observer),
        }
    }

    /// Answers a request of the server, which can only check whether somebody is there.
    fn asked(&self, id: &str, method: &str) {
        if method == "ping" {
            return self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
        }
        let error = r#"{"code":-32601,"message":"this client has no such method"}"#;
        self.send(&format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#));
    }

    fn fault(&self, fault: Fault, observer: &impl Observer) {
        if lock(&self.state).faults.insert(fault) {
            observer.fault(fault);
        }
    }

    fn output_ended(self: &Arc<Self>, observer: &impl Observer) {
        *lock(&self.lines) = None;
        let status = in_words(self.process.end_after(AFTER_OUTPUT));
        let end = End { status, stderr: self.process.stderr() };
        let mut state = lock(&self.state);
        let waiting = std::mem::take(&mut state.waiting);
        state.end = Some(end.clone());
        let was_closing = state.is_closing;
        drop(state);
        if !was_closing {
            observer.ended(self, &end);
        }
        for waiting in waiting.into_values() {
            let _ = waiting.send(Err(end.clone()));
        }
    }
}

fn in_words(status: Option<std::process::ExitStatus>) -> String {
    status.map_or_else(|| "an unknown status".to_owned(), |status| status.to_string())
}

fn write_lines(mut stdin: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        // A server that does not read ends its output, or lets the requests time out.
        if stdin.write_all(&line).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
