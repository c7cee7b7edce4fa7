//! Permits that limit how many calls run or write at the same time.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cancel::Cancellation;
use crate::clock::Deadline;

/// A fixed number of permits, shared by all clones.
#[derive(Debug, Clone)]
pub(crate) struct Permits(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Mutex<u32>,
    freed: Condvar,
}

impl Permits {
    /// Creates `permits` permits, but at least one.
    pub(crate) fn new(permits: u32) -> Self {
        Self(Arc::new(Inner { free: Mutex::new(permits.max(1)), freed: Condvar::new() }))
    }

    /// Takes a permit. Returns `None` if none becomes free within `patience`, or if the call is cancelled while it waits.
    pub(crate) fn take(&self, patience: Duration, cancellation: &Cancellation) -> Option<Permit> {
        let mut free = self.0.lock();
        if *free == 0 {
            free = self.wait(free, patience, cancellation)?;
        }
        *free -= 1;
        Some(Permit(Arc::clone(&self.0)))
    }

    /// Waits until a permit is free.
    fn wait<'a>(
        &'a self,
        mut free: MutexGuard<'a, u32>,
        patience: Duration,
        cancellation: &Cancellation,
    ) -> Option<MutexGuard<'a, u32>> {
        let deadline = Deadline::after(patience);
        while *free == 0 {
            let left = deadline.remaining();
            if left.is_zero() || cancellation.is_requested() {
                return None;
            }
            let waited = self.0.freed.wait_timeout(free, cancellation.step(left));
            free = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(free)
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, u32> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A permit that is returned when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit(Arc<Inner>);

impl Drop for Permit {
    fn drop(&mut self) {
        *self.0.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::Permits;
    use crate::sandbox::cancel::{CancelHandle, Cancellation};
    use std::time::Duration;

    #[test]
    fn a_dropped_permit_is_available_again() {
        let (permits, never) = (Permits::new(1), Cancellation::default());
        let held = permits.take(Duration::ZERO, &never);
        assert!(held.is_some());
        assert!(permits.take(Duration::ZERO, &never).is_none());
        drop(held);
        assert!(permits.take(Duration::ZERO, &never).is_some());
    }

    #[test]
    fn a_cancelled_call_does_not_wait() {
        let permits = Permits::new(1);
        let handle = CancelHandle::new();
        let cancellation = Cancellation::of(Some(handle.clone()));
        let _held = permits.take(Duration::ZERO, &cancellation);
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| permits.take(Duration::from_secs(600), &cancellation).is_none());
            handle.cancel();
            assert!(waits.join().expect("no panic"));
        });
    }
}
