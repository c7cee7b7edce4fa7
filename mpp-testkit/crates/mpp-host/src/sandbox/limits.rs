//! The limits of one call, and the limiter that counts its memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use wasmtime::ResourceLimiter;

use crate::package::manifest::Runtime;

/// Bytes that one table entry occupies on the host.
const TABLE_ENTRY: usize = size_of::<usize>();

/// The resource limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallLimits {
    /// Maximum size of linear memories and tables together, in bytes.
    pub memory: usize,
    /// Maximum wall-clock time, including host calls.
    pub timeout: Duration,
    /// Maximum number of bytes on stdout.
    pub output: usize,
    /// Maximum number of bytes of stderr that are kept. The rest is dropped, with a note.
    pub log: usize,
}

impl CallLimits {
    /// Returns the limits that a manifest requests.
    #[must_use]
    pub fn of(runtime: &Runtime) -> Self {
        Self {
            memory: (runtime.memory_limit_mb as usize).saturating_mul(1024 * 1024),
            timeout: Duration::from_millis(u64::from(runtime.timeout_ms)),
            output: usize::try_from(runtime.max_output_bytes).unwrap_or(usize::MAX),
            log: 256 * 1024,
        }
    }

    /// Returns the limits for a call that only asks a module to describe its tools.
    #[must_use]
    pub fn describing() -> Self {
        Self { memory: 64 * 1024 * 1024, timeout: Duration::from_secs(10), output: 4 * 1024 * 1024, log: 64 * 1024 }
    }

    /// The limits of a part of a compiler, which is run before a module is packed.
    #[must_use]
    pub fn transforming() -> Self {
        let mib = 1024 * 1024;
        Self { memory: 512 * mib, timeout: Duration::from_secs(60), output: 64 * mib, log: 64 * 1024 }
    }

    /// Returns the lower value of each limit.
    #[must_use]
    pub fn lowered(self, other: &Self) -> Self {
        Self {
            memory: self.memory.min(other.memory),
            timeout: self.timeout.min(other.timeout),
            output: self.output.min(other.output),
            log: self.log.min(other.log),
        }
    }
}

/// Counts the memory of one call and denies growth beyond the limit.
#[derive(Debug)]
pub(crate) struct MemoryLimiter {
    limit: usize,
    used: usize,
    peak: Peak,
    last: usize,
    refused: Option<usize>,
}

/// The peak memory use of a call. Clones refer to the same call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peak(Arc<AtomicUsize>);

impl Peak {
    pub(crate) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A summary of a call's memory use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct MemoryUse {
    /// Peak memory use in bytes.
    pub(crate) peak: usize,
    /// Total in bytes that the call would have used, if growth was denied.
    pub(crate) refused: Option<usize>,
}

impl MemoryLimiter {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: 0, peak: Peak::default(), last: 0, refused: None }
    }

    /// Returns the peak memory use, which can be read while the call runs.
    pub(crate) fn peak(&self) -> Peak {
        self.peak.clone()
    }

    /// Returns a summary of the call's memory use.
    pub(crate) fn memory_use(&self) -> MemoryUse {
        MemoryUse { peak: self.peak.bytes(), refused: self.refused }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let more = desired.saturating_sub(current);
        let wanted = self.used.saturating_add(more);
        if wanted > self.limit {
            self.refused = Some(wanted);
            return false;
        }
        self.last = more;
        self.used = wanted;
        self.peak.0.fetch_max(wanted, Ordering::Relaxed);
        true
    }

    fn take_back(&mut self) {
        self.used = self.used.saturating_sub(std::mem::take(&mut self.last));
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Growth beyond the module's own maximum fails in any case and does not count against the limit.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.grow(current.saturating_mul(TABLE_ENTRY), desired.saturating_mul(TABLE_ENTRY)))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.take_back();
        Ok(())
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        16
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryLimiter, MemoryUse};
    use wasmtime::ResourceLimiter;

    #[test]
    fn memories_and_tables_share_one_limit() {
        let mut limiter = MemoryLimiter::new(1000);
        assert!(limiter.memory_growing(0, 600, None).expect("an answer"));
        assert!(limiter.table_growing(0, 50, None).expect("an answer"));
        assert_eq!(limiter.memory_use(), MemoryUse { peak: 1000, refused: None });
        assert!(!limiter.table_growing(50, 51, None).expect("an answer"));
        assert_eq!(limiter.memory_use().refused, Some(1008));
    }

    #[test]
    fn growing_past_the_modules_own_maximum_is_not_the_limit() {
        let mut limiter = MemoryLimiter::new(1000);
        assert!(!limiter.memory_growing(0, 600, Some(500)).expect("an answer"));
        assert_eq!(limiter.memory_use(), MemoryUse::default());
    }
}
