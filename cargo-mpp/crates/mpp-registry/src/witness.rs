//! Witnesses: they cosign the checkpoints of a log that only grows (C2SP tlog-witness).
//!
//! A witness remembers the largest checkpoint of each log, and cosigns a larger one only with a proof that it extends it. A
//! client that requires cosignatures therefore sees the same log as everybody else, as long as the witnesses are honest.

mod ask;
mod http;
mod registry;
mod request;
#[cfg(test)]
mod tests;

use std::fmt;
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
pub use registry::FollowedRegistry;
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
    /// A log is named more than once, with a key of its own and as that of a registry.
    #[error("the log `{0}` is named twice")]
    Twice(String),
}

impl Coded for WitnessError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Locked(_) => &codes::N505,
            Self::Directory { .. } => &codes::N506,
            Self::Log(_) | Self::Twice(_) => &codes::N507,
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
    /// The log has signed two roots for one size: status 409. The witness has kept both checkpoints.
    Fork(Box<Contradicting>),
    /// The proof is not valid: status 422.
    BadProof,
    /// The proof shows that the log has another history than the one that was cosigned: status 422. The witness has kept both
    /// checkpoints, and the request with the proof.
    OtherHistory(Box<Contradicting>),
    /// The witness cannot keep the checkpoint, and therefore does not cosign it: status 500.
    NotKept,
    /// The witness cannot read what it needs of the registry: its description, or the proof that the log contains the tree from which
    /// its key counts. Status 503.
    Unreachable,
}

/// Two checkpoints that a log has signed and of which neither extends the other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contradicting {
    /// The checkpoint that the witness has cosigned.
    pub known: Checkpoint,
    /// The checkpoint that the log shows now.
    pub found: Checkpoint,
}

impl fmt::Display for Contradicting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { known, found } = self;
        write!(
            f,
            "the witness has cosigned {} leaves with the root {}, and now the log shows {} leaves with the root {}",
            known.size, known.root, found.size, found.root
        )
    }
}

/// A witness of some logs.
#[derive(Debug)]
pub struct Witness {
    signer: NoteSigner,
    logs: Vec<VerifierKey>,
    registries: Vec<FollowedRegistry>,
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
        let witness = Self {
            signer,
            logs,
            registries: Vec::new(),
            dir: dir.to_owned(),
            clock,
            turn: Mutex::new(()),
            _lock: lock,
        };
        for log in &witness.logs {
            let origin = Origin::parse(log.name()).map_err(|_| WitnessError::Log(Box::new(log.clone())))?;
            let path = witness.path(&origin);
            read(&path, &origin).map_err(|error| fault(&path, error))?;
        }
        Ok(witness)
    }

    /// Adds registries whose log keys the witness takes from their descriptions.
    ///
    /// # Errors
    /// Returns [`WitnessError`] if a log is named twice, or if what the witness has kept of one of them cannot be used.
    pub fn following(mut self, registries: Vec<FollowedRegistry>) -> Result<Self, WitnessError> {
        for mut registry in registries {
            let origin = registry.origin().clone();
            if self.names().any(|name| name == origin.as_str()) {
                return Err(WitnessError::Twice(origin.to_string()));
            }
            let kept = registry.restore(&self.dir).and_then(|()| read(&self.path(&origin), &origin).map(drop));
            kept.map_err(|source| WitnessError::Directory { path: self.dir.clone(), source })?;
            self.registries.push(registry);
        }
        Ok(self)
    }

    /// Returns the key whose cosignatures the witness makes.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// Returns the names of the logs that the witness cosigns.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let registries = self.registries.iter().map(|registry| registry.origin().as_str());
        self.logs.iter().map(VerifierKey::name).chain(registries)
    }

    /// Answers the body of an `add-checkpoint` request.
    pub async fn add_checkpoint(&self, body: &[u8]) -> Answer {
        let request = match Request::parse(body) {
            Ok(request) => request,
            Err(reason) => return Answer::Malformed(reason),
        };
        let origin = request.note.text().split('\n').next().unwrap_or_default();
        let registry = self.registries.iter().find(|registry| registry.origin().as_str() == origin);
        if let Err(answer) = self.check_signature(registry, origin, &request.note).await {
            return answer;
        }
        let Ok(newer) = Checkpoint::parse(request.note.text()) else {
            return Answer::Malformed("the note is not a checkpoint");
        };
        if request.old > newer.size {
            return Answer::Malformed("the old size is larger than that of the checkpoint");
        }
        if let Some(registry) = registry
            && let Err(answer) = registry.check_start(&newer).await
        {
            return answer;
        }
        let _turn = self.turn.lock().await;
        let answer = self.consider(&request, &newer).await;
        if let (Some(registry), Answer::Cosigned(_)) = (registry, &answer) {
            registry.cosigned(&newer, &request.note).await;
        }
        answer
    }

    /// Checks that a log has signed a note.
    async fn check_signature(
        &self,
        registry: Option<&FollowedRegistry>,
        origin: &str,
        note: &Note,
    ) -> Result<(), Answer> {
        if let Some(registry) = registry {
            return registry.check(note, &self.dir).await;
        }
        let keys: Vec<_> = self.logs.iter().filter(|log| log.name() == origin).collect();
        match (keys.is_empty(), note.verify(keys)) {
            (true, _) => Err(Answer::UnknownLog),
            (false, Err(_)) => Err(Answer::BadSignature),
            (false, Ok(_)) => Ok(()),
        }
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
            if newer.size < older.size {
                let (known, found) = (older.size, newer.size);
                tracing::warn!(log = %newer.origin, known, found, "the log shows fewer leaves than were cosigned before");
            }
            return Answer::OtherSize(older.size);
        }
        if older.size == newer.size && older.root != newer.root {
            return Answer::Fork(self.contradicted(request, older, newer).await);
        }
        if !proof::verifies_consistency(&request.proof, &older, newer) {
            let prefix = proof::proved_prefix(&request.proof, older.size, newer);
            return match prefix.is_some_and(|prefix| prefix != older.root) {
                true => Answer::OtherHistory(self.contradicted(request, older, newer).await),
                false => Answer::BadProof,
            };
        }
        // Kept before it is answered: a witness that forgets could cosign another log.
        if !keep(path, request.note.to_bytes()).await {
            return Answer::NotKept;
        }
        let now = self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        Answer::Cosigned(format!("{}\n", self.signer.sign(request.note.text(), now)))
    }

    /// Keeps the evidence of a contradiction: both checkpoints, and the request with its proof.
    async fn contradicted(&self, request: &Request, known: Checkpoint, found: &Checkpoint) -> Box<Contradicting> {
        let both = Box::new(Contradicting { known, found: found.clone() });
        let Contradicting { known, found } = &*both;
        let (log, root) = (Digest::of(known.origin.as_str().as_bytes()).to_hex(), found.root.to_hex());
        let dir = self.dir.join("evidence").join(format!("{}-{}-{}-{}", &log[..8], known.size, found.size, &root[..8]));
        // The same contradiction is kept once, however often it is shown.
        if !dir.exists() {
            let seen = fs::read(self.path(&known.origin)).unwrap_or_default();
            let made = fs::create_dir_all(&dir);
            let parts = [("known", seen), ("found", request.note.to_bytes()), ("request", request.body.clone())];
            for (name, bytes) in parts.into_iter().filter(|_| made.is_ok()) {
                keep(dir.join(name), bytes).await;
            }
        }
        tracing::error!(log = %known.origin, evidence = %dir.display(), "the log contradicts itself: {both}");
        both
    }

    /// Returns the file with the last checkpoint of a log.
    fn path(&self, origin: &Origin) -> PathBuf {
        self.dir.join(format!("{}.checkpoint", Digest::of(origin.as_str().as_bytes()).to_hex()))
    }
}

/// Writes a file durably. Returns whether that succeeded.
async fn keep(path: PathBuf, bytes: Vec<u8>) -> bool {
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
