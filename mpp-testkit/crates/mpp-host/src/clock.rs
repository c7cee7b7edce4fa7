//! The clock, given from outside: the host library reads none by itself.
#![allow(clippy::disallowed_methods, reason = "the one place that wraps the machine's clocks")]

mod timestamp;

use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "sandbox")]
pub(crate) use timestamp::write_millis;
pub use timestamp::{parse_rfc3339, rfc3339};

/// Where the host takes the time from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Wall-clock time.
    fn now(&self) -> SystemTime;
    /// Time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clocks.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time starts now.
    #[must_use]
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// When a call must have ended, by the machine's own clock: limits are kept whatever clock a host was given.
#[cfg(feature = "sandbox")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadline(Option<Instant>);

#[cfg(feature = "sandbox")]
impl Deadline {
    /// So long from now.
    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// So much earlier.
    pub(crate) fn earlier(self, time: Duration) -> Self {
        Self(self.0.map(|deadline| deadline.checked_sub(time).unwrap_or_else(Instant::now)))
    }

    /// How long until then; for ever where none was set.
    pub(crate) fn remaining(self) -> Duration {
        self.0.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
