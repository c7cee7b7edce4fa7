//! Witnesses: they cosign the checkpoints of a log that only grows (C2SP tlog-witness).
//!
//! A witness remembers the largest checkpoint of each log, and cosigns a larger one only with a proof that it extends it. A
//! client that requires cosignatures therefore sees the same log as everybody else, as long as the witnesses are honest.

mod ask;
mod http;
mod request;
#[cfg(test)]
mod tests;

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use mpp_host::atomic_file::StagedFile;
use mpp_host::clock::Clock;
use mpp_host::codes::{Code, Coded};
use tokio::sync::Mutex;

pub use ask::{Cosigner, Cosigners};
pub use http::{router, serve};
use request::Request;

use crate::codes;
use crate::log::{Checkpoint, proof};
use crate::note::{Note, NoteSigner, VerifierKey};
use crate::protocol::{Digest, Origin};

/// The error returned when a witness cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// Another witness uses the directory.
    #[error("another witness uses the directory `{}`", .0.display())]
    Locked(PathBuf),
    /// The directory or a file in it cannot be used.
    #[error("`{}` cannot be used", path.display())]
    Directory {
        /// The file or directory.
        path: PathBuf,
        /// The fault.
        source: io::Error,
    },
    /// The address cannot be listened on.
    #[error("the witness cannot listen on {address}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The fault.
        source: io::Error,
    },
    /// The key of a log cannot be that of a log.
    #[error("`{0}` is not the key of a log")]
    Log(Box<VerifierKey>),
}

impl Coded for WitnessError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Locked(_) => &codes::N505,
            Self::Directory { .. } => &codes::N506,
            Self::Log(_) => &codes::N507,
            Self::Listen { .. } => &codes::N511,
        }
    }
}

/// The answer of a witness to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The cosignature, as a line of a signed note.
    Cosigned(String),
    /// The proof does not begin at the last checkpoint that the witness has cosigned, whose size this is.
    OtherSize(u64),
    /// The request is malformed: status 400.
    Malformed(&'static str),
    /// The log does not sign with this key: status 403.
    BadSignature,
    /// The witness does not know the log: status 404.
    UnknownLog,
    /// The log has two roots for this size: status 409. The witness has kept both.
    Fork,
    /// The proof is not valid: status 422.
    BadProof,
    /// The witness cannot keep the checkpoint, and therefore does not cosign it: status 500.
    NotKept,
}

/// A witness of some logs.
#[derive(Debug)]
pub struct Witness {
    signer: NoteSigner,
    logs: Vec<VerifierKey>,
    dir: PathBuf,
    clock: Arc<dyn Clock>,
    /// Looking at the last checkpoint and replacing it is one step.
    turn: Mutex<()>,
    _lock: File,
}

impl Witness {
    /// Opens a witness that keeps its checkpoints in `dir`, and locks the directory as long as it lives.
    ///
    /// # Errors
    /// Returns [`WitnessError`] if another witness uses the directory, if it cannot be used, or if a key cannot be that of a log.
    pub fn open(
        dir: &Path,
        signer: NoteSigner,
        logs: Vec<VerifierKey>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, WitnessError> {
        let fault = |path: &Path, source| WitnessError::Directory { path: path.to_owned(), source };
        fs::create_dir_all(dir).map_err(|error| fault(dir, error))?;
        let path = dir.join("witness.lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&path);
        let lock = lock.map_err(|error| fault(&path, error))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => WitnessError::Locked(dir.to_owned()),
            TryLockError::Error(error) => fault(&path, error),
        })?;
        let witness = Self { signer, logs, dir: dir.to_owned(), clock, turn: Mutex::new(()), _lock: lock };
        for log in &witness.logs {
            let origin = Origin::parse(log.name()).map_err(|_| WitnessError::Log(Box::new(log.clone())))?;
            let path = witness.path(&origin);
            read(&path, &origin).map_err(|error| fault(&path, error))?;
        }
        Ok(witness)
    }

    /// Returns the key whose cosignatures the witness makes.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// Returns the keys of the logs that the witness cosigns.
    #[must_use]
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// Answers the body of an `add-checkpoint` request.
    pub async fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(reason) => return Answer::Malformed(reason),
        };
        let origin = request.note.text().split('\n').next().unwrap_or_default();
        let keys: Vec<_> = self.logs.iter().filter(|log| log.name() == origin).collect();
        if keys.is_empty() {
            return Answer::UnknownLog;
        }
        if request.note.verify(keys).is_err() {
            return Answer::BadSignature;
        }
        let Ok(newer) = Checkpoint::parse(request.note.text()) else {
            return Answer::Malformed("the note is not a checkpoint");
        };
        if request.old > newer.size {
            return Answer::Malformed("the old size is larger than that of the checkpoint");
        }
        let _turn = self.turn.lock().await;
        self.consider(&request, &newer).await
    }

    /// Compares a checkpoint with the last one, and replaces that one. The caller holds the turn.
    async fn consider(&self, request: &Request, newer: &Checkpoint) -> Answer {
        let path = self.path(&newer.origin);
        let older = match read(&path, &newer.origin) {
            Ok(older) => older,
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "the last checkpoint cannot be read");
                return Answer::NotKept;
            }
        };
        if request.old != older.size {
            return Answer::OtherSize(older.size);
        }
        if older.size == newer.size && older.root != newer.root {
            tracing::error!(log = %newer.origin, size = newer.size, "the log has two roots for one size");
            let evidence = path.with_extension("fork");
            self.keep(evidence, request.note.to_bytes()).await;
            return Answer::Fork;
        }
        if !proof::verifies_consistency(&request.proof, &older, newer) {
            return Answer::BadProof;
        }
        // Kept before it is answered: a witness that forgets could cosign another log.
        if !self.keep(path, request.note.to_bytes()).await {
            return Answer::NotKept;
        }
        let now = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        Answer::Cosigned(format!("{}\n", self.signer.sign(request.note.text(), now)))
    }

    async fn keep(&self, path: PathBuf, bytes: Vec<u8>) -> bool {
        let written = tokio::task::spawn_blocking(move || {
            let mut file = StagedFile::new(&path, 0o600)?;
            file.write(&bytes)?;
            file.persist()?;
            // The new name is durable only with its directory.
            path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
        });
        match written.await.map_err(io::Error::other).and_then(|written| written) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, "a checkpoint cannot be kept");
                false
            }
        }
    }

    /// Returns the file with the last checkpoint of a log.
    fn path(&self, origin: &Origin) -> PathBuf {
        self.dir.join(format!("{}.checkpoint", Digest::of(origin.as_str().as_bytes()).to_hex()))
    }
}

/// Reads the last checkpoint of a log; that of a log that was never seen is empty.
fn read(path: &Path, origin: &Origin) -> io::Result<Checkpoint> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Checkpoint::new(origin.clone(), 0, Digest::of(b"")));
        }
        Err(error) => return Err(error),
    };
    let note = Note::parse(&bytes).map_err(io::Error::other)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(io::Error::other)?;
    match checkpoint.origin == *origin {
        true => Ok(checkpoint),
        false => Err(io::Error::other("it belongs to another log")),
    }
}
