//! A private directory for one call's copies of files, removed when the call ends.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A directory that is removed when it is dropped.
#[derive(Debug)]
pub(super) struct PrivateDir(PathBuf);

impl PrivateDir {
    /// Creates a directory (0700) with a random name under `parent`.
    pub(super) fn make(parent: &Path) -> io::Result<Self> {
        let mut random = [0; 16];
        crate::random::fill(&mut random)?;
        let path = parent.join(format!("mpp-{:032x}", u128::from_le_bytes(random)));
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PrivateDir {
    fn drop(&mut self) {
        // A directory that cannot be removed is private and has a unique name, so it does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
