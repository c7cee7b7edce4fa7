//! Calls that wait until the client has answered a question of the server that runs them.
//!
//! A client that speaks 2026-07-28 is asked by an answer to its call, and calls again with what the person said. Until then, the first
//! call is kept here, still running.

use std::collections::HashMap;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mpp_host::CancelHandle;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::asked::AskedCall;
use crate::bridge::{Answered, Said};

/// How long a question can be answered. The server's own wait for the answer ends at the same time.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// Calls that can wait at once.
const MOST: usize = 64;

/// A call that runs on a thread of the bridge. Dropping it cancels the call.
pub(super) struct Running {
    pub(super) answered: oneshot::Receiver<Answered>,
    /// What a server says while it runs the call; `None` when that has ended.
    pub(super) said: Option<mpsc::Receiver<Said>>,
    pub(super) cancel: CancelHandle,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Without an effect on a call that has ended.
        self.cancel.cancel();
    }
}

/// A call that waits for an answer of the person.
pub(super) struct HeldCall {
    pub(super) call: AskedCall,
    pub(super) running: Running,
    /// Takes the answer.
    pub(super) answer: SyncSender<Value>,
}

/// The calls that wait. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub(super) struct Held {
    calls: Arc<Mutex<HashMap<String, HeldCall>>>,
}

impl Held {
    /// Keeps a call, for a while, and returns the handle that the answer must bring. Drops the call if too many are waiting, or if the
    /// system has no randomness. Must be called on a thread of the async runtime.
    pub(super) fn keep(&self, call: HeldCall) -> Option<String> {
        let handle = super::asked::handle()?;
        let mut calls = self.calls();
        if calls.len() >= MOST {
            return None;
        }
        calls.insert(handle.clone(), call);
        drop(calls);
        let (held, expired) = (self.clone(), handle.clone());
        tokio::spawn(async move {
            tokio::time::sleep(LIFE).await;
            drop(held.calls().remove(&expired));
        });
        Some(handle)
    }

    /// Returns the call that waits under this handle, if it is the same call.
    pub(super) fn take(&self, handle: &str, call: &AskedCall) -> Option<HeldCall> {
        let mut calls = self.calls();
        if calls.get(handle).is_none_or(|held| held.call != *call) {
            return None;
        }
        calls.remove(handle)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<String, HeldCall>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
