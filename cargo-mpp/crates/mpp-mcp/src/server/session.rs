//! What the express lane and the protocol library share about one session.

#![expect(deprecated, reason = "clients of earlier versions still read log messages")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{LoggingLevel, RequestId};

use crate::bridge::Level;

/// The least important log messages that a client wants. Cheap to clone; clones share the value.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogLevel(Arc<AtomicU8>);

impl LogLevel {
    pub(crate) fn set(&self, level: LoggingLevel) {
        // 0 stands for "no messages".
        let number = Level::ALL.iter().position(|known| *known == level_of(level)).unwrap_or_default() + 1;
        self.0.store(u8::try_from(number).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Returns the least important messages that are wanted; `None` if there are none.
    pub(crate) fn get(&self) -> Option<Level> {
        let number = usize::from(self.0.load(Ordering::Relaxed));
        number.checked_sub(1).and_then(|index| Level::ALL.get(index).copied())
    }

    /// Returns whether messages of packages are wanted: their log is plain text, which has the level `info`.
    pub(crate) fn admits_info(&self) -> bool {
        self.get().is_some_and(|least| Level::Info >= least)
    }
}

/// Returns a level of the protocol library as one of ours.
pub(crate) fn level_of(level: LoggingLevel) -> Level {
    match level {
        LoggingLevel::Debug => Level::Debug,
        LoggingLevel::Info => Level::Info,
        LoggingLevel::Notice => Level::Notice,
        LoggingLevel::Warning => Level::Warning,
        LoggingLevel::Error => Level::Error,
        LoggingLevel::Critical => Level::Critical,
        LoggingLevel::Alert => Level::Alert,
        LoggingLevel::Emergency => Level::Emergency,
    }
}

/// Returns a level as one of the protocol library.
pub(crate) fn logging_level(level: Level) -> LoggingLevel {
    match level {
        Level::Debug => LoggingLevel::Debug,
        Level::Info => LoggingLevel::Info,
        Level::Notice => LoggingLevel::Notice,
        Level::Warning => LoggingLevel::Warning,
        Level::Error => LoggingLevel::Error,
        Level::Critical => LoggingLevel::Critical,
        Level::Alert => LoggingLevel::Alert,
        Level::Emergency => LoggingLevel::Emergency,
    }
}

/// Arguments and results of requests that the protocol library handles, as JSON text: its own types do not keep every digit of a number.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawTexts {
    texts: Arc<Mutex<Texts>>,
}

#[derive(Debug, Default)]
struct Texts {
    /// By the ids' JSON text.
    arguments: HashMap<String, String>,
    results: HashMap<RequestId, String>,
}

impl RawTexts {
    pub(crate) fn put_arguments(&self, id: &str, arguments: &str) {
        self.texts().arguments.insert(id.to_owned(), arguments.to_owned());
    }

    pub(crate) fn take_arguments(&self, id: &RequestId) -> Option<String> {
        let id = serde_json::to_string(id).ok()?;
        self.texts().arguments.remove(&id)
    }

    pub(crate) fn put_result(&self, id: &RequestId, result: String) {
        self.texts().results.insert(id.clone(), result);
    }

    pub(crate) fn take_result(&self, id: &RequestId) -> Option<String> {
        self.texts().results.remove(id)
    }

    fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
