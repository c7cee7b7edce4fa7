//! The client behind a call, as a server that runs the call can reach it: progress, log messages, and questions to the person.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::mpsc;

/// Messages that wait for the client. Further progress and log messages are dropped, so that a server cannot fill the memory.
const WAITING: usize = 256;

/// Pause between two looks at whether a question is still of interest. An answer ends the pause.
const LOOK: Duration = Duration::from_millis(50);

/// The severity of a log message, as in RFC 5424.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// For debugging.
    Debug,
    /// Normal operation.
    Info,
    /// Normal, but significant.
    Notice,
    /// May become an error.
    Warning,
    /// An operation failed.
    Error,
    /// A part of the server failed.
    Critical,
    /// Action must be taken at once.
    Alert,
    /// The server cannot be used.
    Emergency,
}

impl Level {
    /// Every level, the least important first.
    pub const ALL: [Self; 8] = [
        Self::Debug,
        Self::Info,
        Self::Notice,
        Self::Warning,
        Self::Error,
        Self::Critical,
        Self::Alert,
        Self::Emergency,
    ];

    /// Returns the name of the level in the protocol.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
            Self::Alert => "alert",
            Self::Emergency => "emergency",
        }
    }

    /// Returns the level with this name in the protocol.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

/// What a server says to the client while it runs a call. Every text has passed the privacy filter.
#[derive(Debug)]
#[non_exhaustive]
pub enum Said {
    /// How far the call is.
    Progress {
        /// Increases with each message.
        progress: f64,
        /// The value at the end, if it is known.
        total: Option<f64>,
        /// What the server is doing, in words.
        message: Option<String>,
    },
    /// A log message.
    Log {
        /// The severity.
        level: Level,
        /// Name of the part that logs.
        logger: Option<String>,
        /// The message, usually text.
        data: Value,
    },
    /// A question to the person at the client: the parameters of `elicitation/create`. The answer is the result of that request.
    Ask {
        /// The parameters.
        params: Value,
        /// Takes the answer. Without an answer, the question counts as cancelled.
        answer: SyncSender<Value>,
    },
}

/// A client that receives what a server says while it runs a call. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Audience {
    client: u64,
    wants_progress: bool,
    level: Option<Level>,
    can_answer: bool,
    said: Ear,
}

/// What takes what is said.
#[derive(Clone)]
enum Ear {
    Channel(mpsc::Sender<Said>),
    Direct(Arc<dyn Fn(Said) + Send + Sync>),
}

impl fmt::Debug for Ear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ear")
    }
}

impl Audience {
    /// Creates an audience that wants neither progress nor log messages and cannot be asked, and what it receives. Calls of one client
    /// have the same number.
    #[must_use]
    pub fn new(client: u64) -> (Self, mpsc::Receiver<Said>) {
        let (said, receiver) = mpsc::channel(WAITING);
        (Self::of(client, Ear::Channel(said)), receiver)
    }

    /// Creates an audience that wants neither progress nor log messages and cannot be asked. `hear` is called on the thread that has
    /// something to say.
    pub(crate) fn direct(client: u64, hear: impl Fn(Said) + Send + Sync + 'static) -> Self {
        Self::of(client, Ear::Direct(Arc::new(hear)))
    }

    /// Creates an audience that hears nothing.
    pub(crate) fn mute(client: u64) -> Self {
        Self::direct(client, drop)
    }

    fn of(client: u64, said: Ear) -> Self {
        Self { client, wants_progress: false, level: None, can_answer: false, said }
    }

    /// Returns a number that no client has yet.
    #[must_use]
    pub fn new_client() -> u64 {
        static LAST: AtomicU64 = AtomicU64::new(0);
        LAST.fetch_add(1, Ordering::Relaxed)
    }

    /// Sets whether the client wants to know how far the call is.
    #[must_use]
    pub fn progress(mut self, is_wanted: bool) -> Self {
        self.wants_progress = is_wanted;
        self
    }

    /// Sets the least important log messages that the client wants; `None` for no messages.
    #[must_use]
    pub fn log_level(mut self, level: Option<Level>) -> Self {
        self.level = level;
        self
    }

    /// Sets whether the client can ask a person.
    #[must_use]
    pub fn questions(mut self, can_answer: bool) -> Self {
        self.can_answer = can_answer;
        self
    }

    pub(crate) fn client(&self) -> u64 {
        self.client
    }

    pub(crate) fn wants_progress(&self) -> bool {
        self.wants_progress
    }

    pub(crate) fn level(&self) -> Option<Level> {
        self.level
    }

    pub(crate) fn can_answer(&self) -> bool {
        self.can_answer
    }

    /// Tells the client something, if there is room for it.
    pub(crate) fn tell(&self, said: Said) {
        // A client that has gone hears nothing.
        match &self.said {
            Ear::Channel(sender) => drop(sender.try_send(said)),
            Ear::Direct(hear) => hear(said),
        }
    }

    /// Asks the person at the client, and blocks until there is an answer. `None` if nobody can be asked, nobody answers within
    /// `patience`, or `is_over` says that the answer is no longer of interest. Must not be called on a thread of an async runtime.
    pub(crate) fn ask(&self, params: Value, patience: Duration, is_over: &dyn Fn() -> bool) -> Option<Value> {
        if !self.can_answer {
            return None;
        }
        let (answer, answered) = sync_channel(1);
        let question = Said::Ask { params, answer };
        match &self.said {
            Ear::Channel(sender) => sender.blocking_send(question).ok()?,
            Ear::Direct(hear) => hear(question),
        }
        let until = Instant::now() + patience;
        loop {
            match answered.recv_timeout(LOOK) {
                Ok(answer) => return Some(answer),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) if is_over() || Instant::now() >= until => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_client_that_does_not_read_fills_a_bounded_space() {
        let (audience, mut said) = Audience::new(1);
        for number in 0..WAITING * 2 {
            audience.tell(Said::Progress { progress: number as f64, total: None, message: None });
        }
        let received = std::iter::from_fn(|| said.try_recv().ok()).count();
        assert_eq!(received, WAITING);
    }

    #[test]
    fn a_question_without_an_answer_ends() {
        let (mute, mut said) = Audience::new(1);
        assert_eq!(mute.ask(Value::Null, Duration::from_secs(60), &|| false), None);
        assert!(said.try_recv().is_err(), "a client that cannot answer is not asked");

        let (audience, mut said) = Audience::new(1);
        let audience = audience.questions(true);
        assert_eq!(audience.ask(Value::Null, Duration::ZERO, &|| false), None, "too late");
        assert_eq!(audience.ask(Value::Null, Duration::from_secs(60), &|| true), None, "over");
        let asked = std::thread::spawn(move || audience.ask("who".into(), Duration::from_secs(60), &|| false));
        let answer = loop {
            match said.blocking_recv() {
                Some(Said::Ask { params, answer }) if params == "who" => break answer,
                Some(_) => {}
                None => panic!("the question is lost"),
            }
        };
        answer.send("me".into()).unwrap();
        assert_eq!(asked.join().unwrap(), Some("me".into()));
    }

    #[test]
    fn levels_have_names_and_an_order() {
        assert!(Level::ALL.is_sorted());
        assert!(Level::ALL.into_iter().all(|level| Level::parse(level.as_str()) == Some(level)));
        assert_eq!(Level::parse("Info"), None);
    }
}
