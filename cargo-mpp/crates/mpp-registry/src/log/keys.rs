//! The keys with which a server signs checkpoints, and the last checkpoint that it signed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mpp_host::atomic_file::StagedFile;

use super::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::note::{Note, NoteSigner, VerifierKey};

/// The log key of a server.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogKeys {
    /// Signs checkpoints. Its name is the origin of the registry.
    pub signer: NoteSigner,
    /// Log keys that were replaced. The stored checkpoint may still be signed by one of them, until the present key has signed.
    pub former: Vec<VerifierKey>,
    /// The tree from which the log key counts; `None` if it is the first one.
    pub start: Option<Checkpoint>,
    /// The file with the last checkpoint that this server signed. It must not be in the store, so that a restored backup of the
    /// store does not restore it too.
    pub memory: Option<PathBuf>,
}

impl LogKeys {
    /// Creates the keys of a server that remembers nothing beyond its store.
    #[must_use]
    pub const fn new(signer: NoteSigner) -> Self {
        Self { signer, former: Vec::new(), start: None, memory: None }
    }

    /// Sets the file in which the server remembers the last checkpoint that it signed.
    #[must_use]
    pub fn with_memory(mut self, path: PathBuf) -> Self {
        self.memory = Some(path);
        self
    }

    /// Opens a checkpoint that the current key or a former one has signed.
    pub(super) fn open(&self, bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
        let current = SignedCheckpoint::open(bytes, self.signer.verifier());
        let former = || self.former.iter().find_map(|key| SignedCheckpoint::open(bytes, key).ok());
        current.or_else(|error| former().ok_or(error))
    }

    /// Opens the stored checkpoint when a server starts. What a former key has signed counts only up to what this server knows to
    /// have signed with the present one.
    pub(super) fn open_stored(&self, bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
        let stored = self.open(bytes)?;
        let memory = self.memory.as_ref().and_then(|path| fs::read(path).ok()).unwrap_or_default();
        match SignedCheckpoint::open(&memory, self.signer.verifier()) {
            Ok(own) if stored.checkpoint().size > own.checkpoint().size => {
                SignedCheckpoint::open(bytes, self.signer.verifier())
            }
            _ => Ok(stored),
        }
    }

    /// Signs a checkpoint.
    pub(super) fn sign(&self, checkpoint: &Checkpoint) -> Result<SignedCheckpoint, CheckpointError> {
        let mut note = Note::new(checkpoint.to_text())?;
        note.add(self.signer.sign(note.text(), 0));
        SignedCheckpoint::open(&note.to_bytes(), self.signer.verifier())
    }

    /// Returns whether the current key signed the checkpoint.
    pub(super) fn signed(&self, checkpoint: &SignedCheckpoint) -> bool {
        checkpoint.note().verify([self.signer.verifier()]).is_ok()
    }

    /// Returns the last checkpoint that this server signed.
    pub(super) fn remembered(&self) -> io::Result<Option<Checkpoint>> {
        let Some(path) = &self.memory else { return Ok(None) };
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let checkpoint = self.open(&bytes).map_err(io::Error::other)?;
        Ok(Some(checkpoint.checkpoint().clone()))
    }

    /// Remembers a checkpoint before it is published.
    pub(super) async fn remember(&self, checkpoint: &SignedCheckpoint) -> io::Result<()> {
        let Some(path) = self.memory.clone() else { return Ok(()) };
        let bytes = checkpoint.bytes();
        tokio::task::spawn_blocking(move || write(&path, &bytes)).await.map_err(io::Error::other)?
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = StagedFile::new(path, 0o600)?;
    file.write(bytes)?;
    file.persist()
}
