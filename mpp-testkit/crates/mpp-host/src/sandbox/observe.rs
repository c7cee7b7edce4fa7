//! What a front end can supply to a call, and learn about it, to record it and to repeat it (feature `testing`).

use std::fmt;
use std::io;
use std::time::SystemTime;

use crate::random;

/// Maximum size of all keys and values of a state that an observer is given.
pub(crate) const MOST_OBSERVED: u64 = 64 * 1024 * 1024;

/// Supplies the random bytes of a guest in place of the operating system.
pub trait RandomSource: Send + Sync + fmt::Debug {
    /// Fills `bytes` with the next random bytes.
    ///
    /// # Errors
    /// Returns an error if there are none. The call ends as it does if the operating system has none.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The random bytes of the operating system, as a source.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct SystemRandom;

impl SystemRandom {
    /// Returns the source.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        random::fill(bytes)
    }
}

/// One entry of a state, as a call sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObservedEntry {
    /// The key.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// When the entry expires, in milliseconds since 1970; `None` if it does not.
    pub expires_ms: Option<i64>,
}

/// Learns what the calls of a grant do. It cannot change anything.
///
/// The functions are called on the thread of the call, in this order: [`started`](Self::started), then
/// [`state_opened`](Self::state_opened) when the call first uses its state, and [`state_committed`](Self::state_committed) when
/// its changes have become permanent. A call that loses a race for its state may be started a second time.
pub trait CallObserver: Send + Sync + fmt::Debug {
    /// The tool is started with the request of a call.
    fn started(&self);

    /// The call uses its state for the first time. `now` is the time by which entries expire, and `entries` are those that have not
    /// expired, from the snapshot that the call reads; `None` if they have more than 64 MiB.
    fn state_opened(&self, now: SystemTime, entries: Option<Vec<ObservedEntry>>);

    /// The transaction of the call was committed. `entries` are those that it left.
    fn state_committed(&self, entries: Option<Vec<ObservedEntry>>);
}
