//! The prepared surroundings of calls: the time, randomness, the network, and the place of the state.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use mpp_host::clock::{Clock, SystemClock};
use mpp_host::host::Grant;
use mpp_host::sandbox::Randomness;
use mpp_host::sandbox::network::Transport;

/// What a package finds in place of the clock, the randomness, the network and the state of the machine.
///
/// A front end that replays calls, or runs test cases, gives it to a grant. The host's checks of requests still apply.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    clock: Option<Arc<dyn Clock>>,
    network: Option<Arc<dyn Transport>>,
    seed: Option<u64>,
    state_dir: Option<PathBuf>,
}

impl Stage {
    /// Surroundings with the clock, the randomness, the network and the state of the host.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the clock that the package reads.
    #[must_use]
    pub fn clock(mut self, clock: &ReplayClock) -> Self {
        self.clock = Some(Arc::new(clock.clone()));
        self
    }

    /// Sets what answers the requests of the package, usually a [`MockNetwork`](crate::MockNetwork).
    #[must_use]
    pub fn network(mut self, network: Arc<dyn Transport>) -> Self {
        self.network = Some(network);
        self
    }

    /// Sets the seed of the random bytes that the package reads.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the directory of the package's state.
    #[must_use]
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// Returns the grant with these surroundings.
    pub fn on(&self, mut grant: Grant) -> Grant {
        if let Some(clock) = &self.clock {
            grant = grant.guest_clock(Arc::clone(clock)).state_clock(Arc::clone(clock));
        }
        if let Some(seed) = self.seed {
            grant = grant.guest_randomness(Randomness::Seeded(seed));
        }
        if let Some(dir) = &self.state_dir {
            grant = grant.state_dir(dir);
        }
        match &self.network {
            Some(network) => grant.http(Arc::clone(network)),
            None => grant,
        }
    }
}

/// A clock that shows the time of the recorded call. Its monotonic time is the machine's.
///
/// ```
/// use mpp_host::clock::{Clock as _, parse_rfc3339};
/// use mpp_recording::ReplayClock;
///
/// let clock = ReplayClock::new();
/// let recorded = parse_rfc3339("2026-01-01T00:00:00Z");
/// clock.show(recorded);
/// assert_eq!(Some(clock.now()), recorded);
/// ```
#[derive(Debug, Clone)]
pub struct ReplayClock {
    machine: SystemClock,
    shown: Arc<Mutex<Option<SystemTime>>>,
}

impl ReplayClock {
    /// A clock that shows the time of the machine until [`ReplayClock::show`] is called.
    #[must_use]
    pub fn new() -> Self {
        Self { machine: SystemClock::new(), shown: Arc::default() }
    }

    /// Shows this time from now on; `None` for the time of the machine.
    pub fn show(&self, time: Option<SystemTime>) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }
}

impl Default for ReplayClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ReplayClock {
    fn now(&self) -> SystemTime {
        let shown = *self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.unwrap_or_else(|| self.machine.now())
    }

    fn monotonic(&self) -> Duration {
        self.machine.monotonic()
    }
}
