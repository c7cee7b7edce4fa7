//! A clock that a test sets.

mod moment;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock as HostClock;

use crate::failure::fail;

/// A clock that stands still, or goes by a step with each reading: for [`ToolBuilder::clock`](crate::ToolBuilder::clock).
///
/// It can be moved by hand between calls; clones are the same clock.
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
/// What a tool keeps with `kv::set_for` expires by it too, without that counting as a reading. Time limits, sleeps and the
/// report's duration go by the machine's own clock.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    start: SystemTime,
    step: Duration,
    gone: Mutex<Duration>,
}

impl Clock {
    /// A clock that stands still at a time like `2026-01-01T00:00:00Z` (RFC 3339, UTC).
    ///
    /// # Panics
    /// Where it is no such time, or one before 1970.
    #[track_caller]
    pub fn frozen(at: &str) -> Self {
        Self::stepped(at, Duration::ZERO)
    }

    /// A clock that shows `start` when it is first read, and `step` more with each further reading.
    ///
    /// # Panics
    /// As [`Clock::frozen`].
    #[track_caller]
    pub fn stepped(start: &str, step: Duration) -> Self {
        match moment::parse(start) {
            Ok(start) => Self(Arc::new(Hands { start, step, gone: Mutex::default() })),
            Err(problem) => fail(
                format_args!("`{start}` is no time for a clock: {problem}"),
                "write it like `2026-01-01T00:00:00Z`",
            ),
        }
    }

    /// Moves it.
    pub fn advance(&self, time: Duration) {
        let mut gone = self.gone();
        *gone = gone.saturating_add(time);
    }

    /// What it shows, without reading it as a tool does.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.shows(*self.gone())
    }

    /// As a tool reads it.
    pub(crate) fn ticking(&self) -> Ticking {
        Ticking(self.clone())
    }

    /// As the host reads it.
    pub(crate) fn still(&self) -> Still {
        Still(self.clone())
    }

    fn read(&self) -> Duration {
        let mut gone = self.gone();
        let shown = *gone;
        *gone = shown.saturating_add(self.0.step);
        shown
    }

    fn shows(&self, gone: Duration) -> SystemTime {
        self.0.start.checked_add(gone).unwrap_or(self.0.start)
    }

    fn gone(&self) -> MutexGuard<'_, Duration> {
        self.0.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&mpp_host::clock::rfc3339(self.now()))
    }
}

/// Each reading moves it.
#[derive(Debug)]
pub(crate) struct Ticking(Clock);

impl HostClock for Ticking {
    fn now(&self) -> SystemTime {
        self.0.shows(self.0.read())
    }
    fn monotonic(&self) -> Duration {
        self.0.read()
    }
}

/// No reading moves it.
#[derive(Debug)]
pub(crate) struct Still(Clock);

impl HostClock for Still {
    fn now(&self) -> SystemTime {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        *self.0.gone()
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;
    use mpp_host::clock::Clock as _;
    use std::time::Duration;

    #[test]
    fn a_stepped_clock_moves_when_a_tool_reads_it_and_not_when_the_host_does() {
        let clock = Clock::stepped("2026-01-01T00:00:00Z", Duration::from_secs(2));
        let (tool, host) = (clock.ticking(), clock.still());
        let start = clock.now();
        assert_eq!(tool.now(), start);
        assert_eq!((host.now(), host.now()), (start + Duration::from_secs(2), start + Duration::from_secs(2)));
        assert_eq!(tool.now(), start + Duration::from_secs(2));
        assert_eq!(tool.monotonic(), Duration::from_secs(4));
        assert_eq!(clock.to_string(), "2026-01-01T00:00:06Z");
    }
}
