//! What the client remembers of a registry: the last description, checkpoint and revocation list, and the evidence of alarms.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::alarm::Alarm;
use super::error::ClientError;
use super::evidence;
use super::private::{create_private, write};
use crate::note::VerifierKey;
use crate::protocol::Timestamp;

/// The last description of the registry.
pub(crate) const DESCRIPTION: &str = "description.json";
/// The last checkpoint of its log.
pub(crate) const CHECKPOINT: &str = "checkpoint";
/// The time at which it was seen first, or a later one.
pub(crate) const SEEN: &str = "checkpoint-seen";
/// The last revocation list.
pub(crate) const REVOCATIONS: &str = "revocations.json";
/// The time of the last attempt to refresh the list.
pub(crate) const ASKED: &str = "asked";

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

    /// Deletes a file, if it exists.
    pub(crate) fn delete(&self, name: &str) -> Result<(), ClientError> {
        let path = self.path(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(ClientError::file(&path, error)),
            _ => Ok(()),
        }
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
    pub(crate) fn keep_evidence(&self, alarm: Alarm, now: Timestamp) -> Alarm {
        evidence::keep(alarm, &self.path("evidence"), now)
    }

    fn create(&self) -> Result<(), ClientError> {
        create_private(&self.dir)
    }
}
