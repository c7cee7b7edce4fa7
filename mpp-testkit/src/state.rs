//! A directory for the state of one tool under test, gone when the tool is.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

/// Removed when dropped. It is made by the host, when the tool first keeps something.
#[derive(Debug)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// A name that no other test has.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
        let name = format!("mpp-testkit-state-{}-{number}-{time:x}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        // It is not there where nothing was kept; what cannot be removed is in nobody's way.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
