//! A clock that a test controls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock as HostClock;

use crate::failure::fail;

/// A clock that a test controls: it stands still, or moves by a fixed step with each reading. Given to a tool with
/// [`ToolBuilder::clock`](crate::ToolBuilder::clock).
///
/// The clock can be advanced between calls; clones are the same clock.
///
/// ```
/// use std::time::Duration;
/// use mpp_testkit::Clock;
///
/// let clock = Clock::frozen("2026-01-01T00:00:00Z");
/// clock.advance(Duration::from_secs(3600));
/// assert_eq!(clock.to_string(), "2026-01-01T01:00:00Z");
/// ```
///
/// Entries of the tool's state expire by this clock too, which does not count as a reading. Time limits, sleeps and the
/// durations in reports follow the clock of the machine.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    start: SystemTime,
    step: Duration,
    elapsed: Mutex<Duration>,
}

impl Clock {
    /// A clock that stands still at a time like `2026-01-01T00:00:00Z` (RFC 3339, UTC).
    ///
    /// # Panics
    /// Panics if `at` is not such a time, or is before 1970.
    #[track_caller]
    pub fn frozen(at: &str) -> Self {
        Self::stepped(at, Duration::ZERO)
    }

    /// A clock that shows `start` at the tool's first reading, and `step` more at each further one.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let clock = mpp_testkit::Clock::stepped("2026-01-01T00:00:00Z", Duration::from_secs(1));
    /// assert_eq!(clock.to_string(), "2026-01-01T00:00:00Z");
    /// ```
    ///
    /// # Panics
    /// Panics as [`Clock::frozen`] does.
    #[track_caller]
    pub fn stepped(start: &str, step: Duration) -> Self {
        match mpp_host::clock::parse_rfc3339(start) {
            Some(start) => Self(Arc::new(Inner { start, step, elapsed: Mutex::default() })),
            None => fail(
                format_args!("`{start}` is not a time in UTC after 1970, in the form of RFC 3339"),
                "write a time like `2026-01-01T00:00:00Z`",
            ),
        }
    }

    /// Advances the clock.
    pub fn advance(&self, time: Duration) {
        let mut elapsed = self.elapsed();
        *elapsed = elapsed.saturating_add(time);
    }

    /// Returns the time, without counting as a reading.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.after(*self.elapsed())
    }

    /// Sets the clock, which does not go back behind its start.
    pub(crate) fn set(&self, time: SystemTime) {
        *self.elapsed() = time.duration_since(self.0.start).unwrap_or_default();
    }

    /// The clock as the tool reads it: each reading moves it by the step.
    pub(crate) fn guest(&self) -> GuestClock {
        GuestClock(self.clone())
    }

    /// The clock as the host reads it: readings do not move it.
    pub(crate) fn host(&self) -> StateClock {
        StateClock(self.clone())
    }

    fn read(&self) -> Duration {
        let mut elapsed = self.elapsed();
        let shown = *elapsed;
        *elapsed = shown.saturating_add(self.0.step);
        shown
    }

    fn after(&self, elapsed: Duration) -> SystemTime {
        self.0.start.checked_add(elapsed).unwrap_or(self.0.start)
    }

    fn elapsed(&self) -> MutexGuard<'_, Duration> {
        self.0.elapsed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&mpp_host::clock::rfc3339(self.now()))
    }
}

/// Moves with each reading.
#[derive(Debug)]
pub(crate) struct GuestClock(Clock);

impl HostClock for GuestClock {
    fn now(&self) -> SystemTime {
        self.0.after(self.0.read())
    }
    fn monotonic(&self) -> Duration {
        self.0.read()
    }
}

/// Does not move when it is read.
#[derive(Debug)]
pub(crate) struct StateClock(Clock);

impl HostClock for StateClock {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        *self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use mpp_host::clock::Clock as _;
    use std::time::Duration;

    #[test]
    fn refuses_what_is_not_a_time_in_utc() {
        for text in ["2026-01-01", "2026-01-01T00:00:00+01:00", "2025-02-29T00:00:00Z", "1969-12-31T23:59:59Z"] {
            let refused = std::panic::catch_unwind(|| Clock::frozen(text)).expect_err(text);
            let message = refused.downcast_ref::<String>().expect("a message");
            assert!(message.contains(&format!("`{text}` is not a time in UTC")), "{message}");
        }
    }

    #[test]
    fn a_stepped_clock_moves_with_readings_of_the_tool_only() {
        let clock = Clock::stepped("2026-01-01T00:00:00Z", Duration::from_secs(2));
        let (tool, host) = (clock.guest(), clock.host());
        let start = clock.now();
        assert_eq!(tool.now(), start);
        assert_eq!((host.now(), host.now()), (start + Duration::from_secs(2), start + Duration::from_secs(2)));
        assert_eq!(tool.now(), start + Duration::from_secs(2));
        assert_eq!(tool.monotonic(), Duration::from_secs(4));
        assert_eq!(clock.to_string(), "2026-01-01T00:00:06Z");
    }
}
