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

/// The time by which a call must have ended. It uses the machine's own clock, so that limits hold whatever clock the host was given.
#[cfg(feature = "sandbox")]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Deadline(Option<Instant>);

#[cfg(feature = "sandbox")]
impl Deadline {
    /// Returns the deadline `time` from now.
    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// Returns the deadline that is `time` earlier.
    pub(crate) fn earlier(self, time: Duration) -> Self {
        Self(self.0.map(|deadline| deadline.checked_sub(time).unwrap_or_else(Instant::now)))
    }

    /// Returns the time that is left, or [`Duration::MAX`] if no deadline was set.
    pub(crate) fn remaining(self) -> Duration {
        self.0.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
