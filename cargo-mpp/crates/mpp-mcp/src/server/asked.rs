//! Questions about calls that were sent to clients and are not answered yet.
//!
//! A client that speaks 2026-07-28 answers a question by calling again. The state that it sends back is a handle; what it stands for
//! stays here, so that nothing in it can be changed, and each answer counts once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mpp_host::package::json::canonical;
use sha2::{Digest as _, Sha256};

/// How long a question can be answered.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// Questions that can be open at once. The oldest one is dropped for a new one.
const OPEN: usize = 1024;

/// The call that a question is about: the package, the tool and the arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AskedCall([u8; 32]);

impl AskedCall {
    /// The order of keys in `arguments`, a JSON object as text, is not part of the call.
    pub(super) fn new(fingerprint: &str, tool: &str, arguments: &str) -> Self {
        let mut digest = Sha256::new();
        for part in [fingerprint, tool, &canonical(arguments)] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }
}

/// The open questions of a server.
#[derive(Debug, Default)]
pub(super) struct Asked {
    open: Mutex<HashMap<String, (AskedCall, Instant)>>,
}

impl Asked {
    /// Notes a question, and returns the handle that its answer must bring; `None` if the system has no randomness.
    pub(super) fn ask(&self, call: AskedCall, now: Instant) -> Option<String> {
        let handle = handle()?;
        let mut open = self.open();
        open.retain(|_, (_, asked)| now.duration_since(*asked) < LIFE);
        if open.len() >= OPEN
            && let Some(oldest) = open.iter().min_by_key(|(_, (_, asked))| *asked).map(|(handle, _)| handle.clone())
        {
            open.remove(&oldest);
        }
        open.insert(handle.clone(), (call, now));
        Some(handle)
    }

    /// Takes the question with this handle, and returns whether it was about this call and is not too old.
    pub(super) fn take(&self, handle: &str, call: &AskedCall, now: Instant) -> bool {
        let taken = self.open().remove(handle);
        taken.is_some_and(|(asked, since)| asked == *call && now.duration_since(since) < LIFE)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<String, (AskedCall, Instant)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a handle that cannot be guessed; `None` if the system has no randomness.
pub(super) fn handle() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_answer_counts_once_and_only_for_its_call() {
        let (asked, now) = (Asked::default(), Instant::now());
        let call = AskedCall::new("hash", "delete", r#"{"id":1}"#);
        let handle = asked.ask(call.clone(), now).unwrap();
        let other = AskedCall::new("hash", "delete", r#"{"id":2}"#);
        assert!(!asked.take("unknown", &call, now));
        let for_other = asked.ask(call.clone(), now).unwrap();
        assert!(!asked.take(&for_other, &other, now));
        assert!(asked.take(&handle, &call, now));
        assert!(!asked.take(&handle, &call, now), "a second time");
    }

    #[test]
    fn an_answer_counts_for_the_same_arguments_in_another_order() {
        let (asked, now) = (Asked::default(), Instant::now());
        let call = AskedCall::new("hash", "delete", r#"{"id":1,"where":{"city":"Rome","zip":"00118"}}"#);
        let handle = asked.ask(call, now).unwrap();
        let again = AskedCall::new("hash", "delete", r#"{ "where": {"zip":"00118","city":"Rome"}, "id": 1 }"#);
        assert!(asked.take(&handle, &again, now));
    }

    #[test]
    fn a_question_expires() {
        let (asked, now) = (Asked::default(), Instant::now());
        let call = AskedCall::new("hash", "delete", "{}");
        let handle = asked.ask(call.clone(), now).unwrap();
        assert!(!asked.take(&handle, &call, now + LIFE));
    }

    #[test]
    fn the_oldest_question_makes_room_for_a_new_one() {
        let (asked, now) = (Asked::default(), Instant::now());
        let call = AskedCall::new("hash", "delete", "{}");
        let first = asked.ask(call.clone(), now).unwrap();
        for _ in 0..OPEN {
            asked.ask(call.clone(), now + Duration::from_secs(1)).unwrap();
        }
        assert!(!asked.take(&first, &call, now + Duration::from_secs(2)));
        assert_eq!(asked.open().len(), OPEN);
    }
}
