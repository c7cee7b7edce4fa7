//! Simulates a full disk, for tests: writes to files fail as they would on a real full disk.
//!
//! Filling a real disk requires privileges that a test does not have. The functions of WASI that need disk space are
//! replaced in a separate linker, so no other call is affected.

mod components;
mod functions;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) use components::add_to_linker as add_to_component_linker;
pub(super) use functions::add_to_linker;

/// A simulated full disk that counts the writes it refuses: see [`Grant::disk_full`](crate::host::Grant::disk_full).
///
/// Clones share the same count.
#[derive(Debug, Clone, Default)]
pub struct FullDisk(Arc<AtomicU64>);

impl FullDisk {
    /// Returns the number of writes, directory creations and space reservations that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one refusal.
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
