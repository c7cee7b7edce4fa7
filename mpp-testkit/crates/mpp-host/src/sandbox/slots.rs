//! How many calls may run at once: a counted queue in front of the instance pool.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A fixed number of places.
#[derive(Debug, Clone)]
pub(crate) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Mutex<u32>,
    freed: Condvar,
}

impl Slots {
    pub(crate) fn new(places: u32) -> Self {
        Self(Arc::new(Inner { free: Mutex::new(places.max(1)), freed: Condvar::new() }))
    }

    /// A place, or `None` when none became free in time.
    pub(crate) fn take(&self, patience: Duration) -> Option<Slot> {
        let free = self.0.lock();
        let (mut free, waited) =
            self.0.freed.wait_timeout_while(free, patience, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && *free == 0 {
            return None;
        }
        *free -= 1;
        Some(Slot(Arc::clone(&self.0)))
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, u32> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is taken until this is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Inner>);

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;
    use std::time::Duration;

    #[test]
    fn a_place_is_free_again_when_its_holder_is_gone() {
        let slots = Slots::new(1);
        let held = slots.take(Duration::ZERO);
        assert!(held.is_some());
        assert!(slots.take(Duration::ZERO).is_none());
        drop(held);
        assert!(slots.take(Duration::ZERO).is_some());
    }
}
