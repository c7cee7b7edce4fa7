//! What was sent, and what went wrong with it: kept until the call is over, because a tool may swallow any error.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mpp_host::sandbox::network::{Request, Response, TransportError};

use super::requests::Sent;

/// Requests and failures of one loaded tool, over all its calls and threads.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    sent: Vec<Sent>,
    failure: Option<(String, String)>,
}

impl Ledger {
    pub(super) fn add(&self, request: Request, answer: &Result<Response, TransportError>) {
        let outcome = match answer {
            Ok(response) => Ok(response.status),
            Err(error) => Err(error.to_string()),
        };
        self.lock().sent.push(Sent { request, outcome });
    }

    /// Keeps the first failure: the others most often follow from it.
    pub(super) fn fail(&self, message: impl Into<String>, help: impl Into<String>) {
        self.lock().failure.get_or_insert_with(|| (message.into(), help.into()));
    }

    pub(super) fn take_failure(&self) -> Option<(String, String)> {
        self.lock().failure.take()
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
