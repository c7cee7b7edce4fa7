//! A clock that stands still.

use std::time::{Duration, SystemTime};

use mpp_host::clock::Clock;

/// A clock that shows one time, in milliseconds since 1970.
#[derive(Debug)]
pub(super) struct FixedClock(pub(super) u64);

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.0)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(1)
    }
}
