//! What the express lane and the protocol library share about one session.

#![expect(deprecated, reason = "clients of earlier versions still read log messages")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::model::{LoggingLevel, RequestId};

/// The least important log messages that a client wants. Cheap to clone; clones share the value.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogLevel(Arc<AtomicU8>);

/// What tools log has the level `info`, because their log is plain text.
const INFO: u8 = 2;

impl LogLevel {
    pub(crate) fn set(&self, level: LoggingLevel) {
        // In the order of their importance; 0 stands for "no messages".
        let number = match level {
            LoggingLevel::Debug => 1,
            LoggingLevel::Info => INFO,
            _ => 3,
        };
        self.0.store(number, Ordering::Relaxed);
    }

    /// Returns whether messages of tools are wanted.
    pub(crate) fn admits_info(&self) -> bool {
        (1..=INFO).contains(&self.0.load(Ordering::Relaxed))
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
