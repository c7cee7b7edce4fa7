//! What the client remembers of a registry: the last description, checkpoint and revocation list, and the evidence of alarms.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use mpp_host::atomic_file::StagedFile;

use super::alarm::Alarm;
use super::error::ClientError;
use crate::note::VerifierKey;
use crate::protocol::Timestamp;

/// The last description of the registry.
pub(crate) const DESCRIPTION: &str = "description.json";
/// The last checkpoint of its log.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// The last revocation list.
pub(crate) const REVOCATIONS: &str = "revocations.json";

/// The directory of one registry.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    dir: PathBuf,
}

impl Memory {
    /// The directory below `all` of the registry with this root key.
    pub(crate) fn new(all: &Path, root_key: &VerifierKey) -> Self {
        let name: String = root_key.name().chars().map(|c| if c == '/' || c == ':' { '_' } else { c }).collect();
        let id: String = root_key.id().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { dir: all.join(format!("{name}-{id}")) }
    }

    /// Returns the path of a file.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Reads a file; `None` if it does not exist.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ClientError> {
        let path = self.path(name);
        match std::fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClientError::file(&path, error)),
        }
    }

    /// Replaces a file in one step.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ClientError> {
        self.create()?;
        write(&self.path(name), bytes)
    }

    /// Waits until no other process changes the directory, and keeps others from doing so until the value is dropped.
    pub(crate) fn lock(&self) -> Result<File, ClientError> {
        self.create()?;
        let path = self.path("lock");
        let failed = |error| ClientError::file(&path, error);
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(file)
    }

    /// Stores both sides of a contradiction, and notes the place in the alarm.
    pub(crate) fn keep_evidence(&self, mut alarm: Alarm, now: Timestamp) -> Alarm {
        let name = format!("{now}-{}-{}", alarm.known.size, alarm.found.size).replace(':', "");
        let dir = self.path("evidence").join(name);
        let write_all = || {
            create_private(&dir)?;
            write(&dir.join("known"), &alarm.known.evidence)?;
            write(&dir.join("found"), &alarm.found.evidence)
        };
        // The alarm itself must not fail because the disk is full.
        if write_all().is_ok() {
            alarm.stored = Some(dir);
        }
        alarm
    }

    fn create(&self) -> Result<(), ClientError> {
        create_private(&self.dir)
    }
}

/// Creates a directory that only the user can access, and its missing parents.
pub(crate) fn create_private(dir: &Path) -> Result<(), ClientError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|error| ClientError::file(dir, error))
}

/// Writes a private file in one step.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ClientError> {
    let staged = StagedFile::new(path, 0o600).and_then(|mut file| file.write(bytes).and_then(|()| file.persist()));
    staged.map_err(|error| ClientError::file(path, error))
}
