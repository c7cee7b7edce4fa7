//! The thread that advances an engine's epoch, so that a tool which never returns is interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::Engine;

use super::cancel::Cancellation;
use super::stop::Stop;

/// Default interval at which the epoch advances.
pub(crate) const DEFAULT_TICK: Duration = Duration::from_millis(5);
/// Number of ticks without a call after which the thread parks.
const LINGER: u32 = 200;

/// Advances the epoch while calls run, parks while none does, and stops when dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    shared: Arc<Shared>,
    thread: Thread,
}

#[derive(Debug)]
struct Shared {
    ticks: AtomicU64,
    running: AtomicUsize,
    parked: AtomicBool,
    ended: AtomicBool,
    tick: Duration,
}

impl Ticker {
    /// Starts the thread for `engine`.
    pub(crate) fn start(engine: &Engine, tick: Duration) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            ticks: AtomicU64::new(0),
            running: AtomicUsize::new(0),
            parked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            tick,
        });
        let thread = std::thread::Builder::new().name("mpp-ticker".to_owned()).spawn({
            let (shared, engine) = (Arc::clone(&shared), engine.clone());
            move || tick_until_ended(&shared, &engine)
        })?;
        Ok(Self { shared, thread: thread.thread().clone() })
    }

    /// Keeps the epoch advancing until the returned guard is dropped.
    pub(crate) fn run(&self, timeout: Duration, cancellation: Cancellation) -> Running {
        let shared = Arc::clone(&self.shared);
        shared.running.fetch_add(1, Ordering::SeqCst);
        if shared.parked.swap(false, Ordering::SeqCst) {
            self.thread.unpark();
        }
        // The current tick may end at any moment, so one more is added: a call never ends early. A timeout of zero expires
        // immediately.
        let ticks = timeout.as_nanos().div_ceil(shared.tick.as_nanos().max(1));
        let ticks = u64::try_from(ticks).unwrap_or(u64::MAX / 2).saturating_add(u64::from(!timeout.is_zero()));
        let deadline = shared.ticks.load(Ordering::Relaxed).saturating_add(ticks);
        Running { shared, deadline, ticks, cancellation }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        // The thread is not joined: it holds only the engine and its own counters, and ends by itself.
        self.shared.ended.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// A running call and its deadline.
#[derive(Debug)]
pub(crate) struct Running {
    shared: Arc<Shared>,
    deadline: u64,
    ticks: u64,
    cancellation: Cancellation,
}

impl Running {
    /// Returns the number of epochs to pass to `Store::set_epoch_deadline`.
    pub(crate) fn epochs(&self) -> u64 {
        self.ticks
    }

    /// Checks that the call was not cancelled and has not exceeded its timeout.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancellation.is_requested() {
            return Err(Stop::Cancelled);
        }
        if self.shared.ticks.load(Ordering::Relaxed) >= self.deadline {
            return Err(Stop::Timeout);
        }
        Ok(())
    }

    /// Returns the cancellation of the call.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.cancellation
    }

    /// Returns the time left for the call, with the precision of one tick.
    pub(crate) fn remaining(&self) -> Duration {
        let ticks = self.deadline.saturating_sub(self.shared.ticks.load(Ordering::Relaxed));
        self.shared.tick.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    /// Sleeps for `time`. Returns an error early if the call exceeds its timeout or is cancelled.
    pub(crate) fn sleep(&self, mut time: Duration) -> Result<(), Stop> {
        loop {
            self.check()?;
            let step = time.min(self.remaining()).min(Duration::from_millis(250));
            self.cancellation.sleep(step);
            time -= step;
            if time.is_zero() {
                return Ok(());
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.running.fetch_sub(1, Ordering::SeqCst);
    }
}

fn tick_until_ended(shared: &Shared, engine: &Engine) {
    let mut idle = 0;
    while !shared.ended.load(Ordering::SeqCst) {
        std::thread::park_timeout(shared.tick);
        shared.ticks.fetch_add(1, Ordering::Relaxed);
        engine.increment_epoch();
        idle = if shared.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle > LINGER {
            park_while_idle(shared);
            idle = 0;
        }
    }
}

fn park_while_idle(shared: &Shared) {
    shared.parked.store(true, Ordering::SeqCst);
    while shared.parked.load(Ordering::SeqCst)
        && shared.running.load(Ordering::SeqCst) == 0
        && !shared.ended.load(Ordering::SeqCst)
    {
        std::thread::park();
    }
    shared.parked.store(false, Ordering::SeqCst);
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_TICK, Ticker};
    use crate::sandbox::cancel::{CancelHandle, Cancellation};
    use crate::sandbox::stop::Stop;
    use std::time::Duration;
    use wasmtime::Engine;

    #[test]
    fn a_sleep_longer_than_the_call_ends_with_the_call() {
        let ticker = Ticker::start(&Engine::default(), DEFAULT_TICK).expect("a thread");
        let running = ticker.run(Duration::from_millis(20), Cancellation::default());
        assert_eq!(running.check(), Ok(()));
        assert_eq!(running.sleep(Duration::from_secs(3600)), Err(Stop::Timeout));
        assert_eq!(running.check(), Err(Stop::Timeout));
    }

    #[test]
    fn a_short_sleep_is_not_cut_short() {
        let ticker = Ticker::start(&Engine::default(), DEFAULT_TICK).expect("a thread");
        let running = ticker.run(Duration::from_secs(600), Cancellation::default());
        assert_eq!(running.sleep(Duration::from_millis(1)), Ok(()));
        assert_eq!(running.check(), Ok(()));
    }

    #[test]
    fn a_sleep_ends_when_the_call_is_cancelled() {
        let ticker = Ticker::start(&Engine::default(), DEFAULT_TICK).expect("a thread");
        let handle = CancelHandle::new();
        let running = ticker.run(Duration::from_secs(600), Cancellation::of(Some(handle.clone())));
        std::thread::scope(|scope| {
            let sleeper = scope.spawn(|| running.sleep(Duration::from_secs(600)));
            handle.cancel();
            assert_eq!(sleeper.join().expect("no panic"), Err(Stop::Cancelled));
        });
    }
}
