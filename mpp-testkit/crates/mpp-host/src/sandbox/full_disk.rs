//! A full disk, for tests: what a core module writes into a file is refused as the system would refuse it.
//!
//! Filling a real disk takes rights that a test does not have. The functions of preview 1 that need room are replaced in a
//! linker of their own, so no other call is affected.

mod functions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) use functions::add_to_linker;

/// A disk without room, and how often something was to be put on it: see [`Grant::disk_full`](crate::host::Grant::disk_full).
/// Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub struct FullDisk(Arc<AtomicU64>);

impl FullDisk {
    /// How many writes, new directories and reservations it has refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts a refusal.
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
