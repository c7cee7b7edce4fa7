//! The clock that a front end passes to the host. No other module reads the clocks of the machine.
#![allow(clippy::disallowed_methods, reason = "the one place that wraps the machine's clocks")]

mod timestamp;

use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "sandbox")]
pub(crate) use timestamp::write_millis;
pub use timestamp::{parse_rfc3339, rfc3339, rfc3339_micros};

/// The source of the current time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Returns the wall-clock time.
    fn now(&self) -> SystemTime;
    /// Returns the time since a fixed moment. It never decreases.
    fn monotonic(&self) -> Duration;
}

/// The clocks of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Returns a clock whose monotonic time starts now.
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

/// The time by which a call must have ended. It uses the machine's clock, so that limits hold whatever [`Clock`] the host is given.
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
