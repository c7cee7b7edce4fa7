//! What the threads of one connection share: the output, the requests in flight, and the state of the session.

use std::collections::HashMap;
use std::io::{self, IoSlice, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mpp_host::CancelHandle;
use mpp_host::wire::RpcError;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::bridge::{Answered, Era, Outcome};
use crate::server::{LogLevel, RawTexts};

/// Requests that may be in flight at once.
const IN_FLIGHT: usize = 1024;

/// The longest result that is copied to a line before it is written, in bytes.
const COPIED: usize = 16 * 1024;

/// One client on a pair of streams.
pub(super) struct Connection {
    output: Mutex<Box<dyn Write + Send>>,
    is_broken: AtomicBool,
    in_flight: Mutex<HashMap<String, InFlight>>,
    settled: Condvar,
    session: AtomicU8,
    /// Whether the protocol library has begun to serve, so that it takes notifications.
    pub(super) is_open: AtomicBool,
    /// The least important log messages that the client wants.
    pub(super) level: LogLevel,
    /// Arguments and results that pass by the protocol library as text.
    pub(super) texts: RawTexts,
    /// Whether a person can be asked at the client, in a session.
    pub(super) can_ask: AtomicBool,
    /// Questions of servers that the client has not answered, by the ids of the requests as JSON text.
    pub(super) questions: Mutex<HashMap<String, Question>>,
    /// Number of questions so far.
    pub(super) asked: AtomicU64,
}

/// A question that the client has not answered yet.
pub(super) struct Question {
    /// The id of the call during which it is asked, as JSON text.
    pub(super) call: String,
    /// Takes the answer.
    pub(super) answer: SyncSender<Value>,
}

/// A request that was not answered yet.
struct InFlight {
    /// Ends the call; `None` if the protocol library handles the request.
    cancel: Option<CancelHandle>,
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAccepted {
    /// A request with this id was not answered yet.
    Repeated,
    /// Too many requests were not answered yet.
    TooMany,
}

impl Connection {
    pub(super) fn new(output: Box<dyn Write + Send>) -> Self {
        Self {
            output: Mutex::new(output),
            is_broken: AtomicBool::new(false),
            in_flight: Mutex::default(),
            settled: Condvar::new(),
            session: AtomicU8::new(0),
            is_open: AtomicBool::new(false),
            level: LogLevel::default(),
            texts: RawTexts::default(),
            can_ask: AtomicBool::new(false),
            questions: Mutex::default(),
            asked: AtomicU64::new(1),
        }
    }

    /// Returns the era of the session that `initialize` opened; `None` if there is none.
    pub(super) fn session(&self) -> Option<Era> {
        match self.session.load(Ordering::Acquire) {
            0 => None,
            _ => Some(Era::Legacy),
        }
    }

    pub(super) fn open_session(&self) {
        self.session.store(1, Ordering::Release);
    }

    /// Notes a request. `cancel` ends it, if it is answered without the protocol library.
    pub(super) fn accept(&self, id: &str, cancel: Option<CancelHandle>) -> Result<(), NotAccepted> {
        let mut in_flight = lock(&self.in_flight);
        if in_flight.contains_key(id) {
            return Err(NotAccepted::Repeated);
        }
        if in_flight.len() >= IN_FLIGHT {
            return Err(NotAccepted::TooMany);
        }
        in_flight.insert(id.to_owned(), InFlight { cancel });
        Ok(())
    }

    /// Ends the call with this id, and returns whether there was one that the protocol library does not know.
    pub(super) fn cancel(&self, id: &str) -> bool {
        if let Some(InFlight { cancel: Some(cancel) }) = lock(&self.in_flight).get(id) {
            cancel.cancel();
            return true;
        }
        // The protocol library drops the response, so nothing else would settle the request.
        self.settle(id);
        false
    }

    /// Forgets a request, because it is answered or will not be.
    pub(super) fn settle(&self, id: &str) {
        let mut in_flight = lock(&self.in_flight);
        in_flight.remove(id);
        if in_flight.is_empty() {
            self.settled.notify_all();
        }
    }

    /// Ends all calls that the protocol library does not know.
    pub(super) fn cancel_all(&self) {
        for call in lock(&self.in_flight).values() {
            if let Some(cancel) = &call.cancel {
                cancel.cancel();
            }
        }
    }

    /// Waits until no request is in flight, at most for `patience`.
    pub(super) fn wait_until_settled(&self, patience: Duration) {
        let in_flight = lock(&self.in_flight);
        let is_waiting = |in_flight: &mut HashMap<String, InFlight>| {
            !in_flight.is_empty() && !self.is_broken.load(Ordering::Relaxed)
        };
        drop(self.settled.wait_timeout_while(in_flight, patience, is_waiting));
    }

    /// Answers a call, after the log messages that the client wants.
    pub(super) fn answer(&self, id: &str, answered: &Answered, logger: &str) {
        self.forget_questions(id);
        if !answered.log.is_empty() && self.level.admits_info() {
            for line in answered.log.lines().filter(|line| !line.trim().is_empty()) {
                self.write_line(log_message(line, logger));
            }
        }
        match &answered.outcome {
            Outcome::Result(result) => self.result(id, result),
            Outcome::Error(error) => self.failure(id, error),
            Outcome::Cancelled => self.settle(id),
        }
    }

    /// Answers a request with this result, JSON text.
    pub(super) fn result(&self, id: &str, result: &str) {
        let parts = [r#"{"jsonrpc":"2.0","id":"#, id, r#","result":"#, result, "}\n"];
        if result.len() <= COPIED {
            self.write(Some(id), |output| output.write_all(parts.concat().as_bytes()));
        } else {
            self.write(Some(id), |output| write_parts(output, &mut parts.map(|part| IoSlice::new(part.as_bytes()))));
        }
    }

    /// Answers a request with this error.
    pub(super) fn failure(&self, id: &str, error: &RpcError) {
        self.write_message(error_response(Some(id), error), Some(id));
    }

    /// Writes an error response to a message that was not accepted as a request. `id` is JSON text; `None` if it cannot be read.
    pub(super) fn refuse(&self, id: Option<&str>, error: &RpcError) {
        self.write_message(error_response(id, error), None);
    }

    /// Writes the response to a request.
    pub(super) fn write_response(&self, id: &str, message: String) {
        self.write_message(message, Some(id));
    }

    /// Writes one message that is not a response.
    pub(super) fn write_line(&self, message: String) {
        self.write_message(message, None);
    }

    /// Waits until what is being written is written.
    pub(super) fn drain(&self) {
        drop(lock(&self.output));
    }

    fn write_message(&self, message: String, answers: Option<&str>) {
        let mut line = message;
        line.push('\n');
        self.write(answers, |output| output.write_all(line.as_bytes()));
    }

    /// Writes a message. The request that it answers is settled before the client can see the answer and use the id again.
    fn write(&self, answers: Option<&str>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        let mut output = lock(&self.output);
        if let Some(id) = answers {
            self.settle(id);
        }
        let written = write(&mut **output).and_then(|()| output.flush());
        drop(output);
        if written.is_err() {
            // Nobody reads the answers.
            self.is_broken.store(true, Ordering::Relaxed);
            self.cancel_all();
            self.settled.notify_all();
        }
    }

    /// Returns whether the client no longer reads.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }
}

/// Writes all parts, without a copy of them if the stream can do that.
fn write_parts(output: &mut dyn Write, mut parts: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !parts.is_empty() {
        match output.write_vectored(parts) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut parts, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn error_response(id: Option<&str>, error: &RpcError) -> String {
    let object = serde_json::to_string(error).unwrap_or_default();
    format!(r#"{{"jsonrpc":"2.0","id":{},"error":{object}}}"#, id.unwrap_or("null"))
}

/// Returns a notification with a line that a tool logged.
fn log_message(log: &str, logger: &str) -> String {
    let params = serde_json::json!({ "level": "info", "logger": logger, "data": log });
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/message","params":{params}}}"#)
}

/// Returns the id that a `notifications/cancelled` names, as JSON text.
pub(super) fn cancelled_id(params: Option<&RawValue>) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Cancelled<'a> {
        #[serde(borrow, rename = "requestId")]
        request_id: &'a RawValue,
    }
    let cancelled: Cancelled<'_> = serde_json::from_str(params?.get()).ok()?;
    Some(cancelled.request_id.get().to_owned())
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
