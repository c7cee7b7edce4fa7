//! Registries whose log key a witness takes from their descriptions, which the root key signs.
//!
//! The log key of a registry can be replaced. A witness that knows only the root key follows, and refuses from then on what the old key
//! signs: the description with the largest number counts, also after a restart. The new key counts from a tree that the description
//! names. Until the witness has cosigned a checkpoint of the new key, it asks for a proof that the log contains that tree.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use mpp_host::causes::with_causes;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{Answer, WitnessError, keep};
use crate::log::{Checkpoint, Files, ProofError, proof};
use crate::note::{Algorithm, Note, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::paths::WELL_KNOWN;
use crate::protocol::{Digest, Origin, ProtocolError, Signed};

/// The time after which the description is read again.
const OLD: Duration = Duration::from_secs(60);
/// The time between two readings that checkpoints with an unknown key cause.
const PAUSE: Duration = Duration::from_millis(100);
/// The time in which the registry has to answer.
const LIMIT: Duration = Duration::from_secs(4);

/// A registry whose log key a witness takes from its description.
pub struct FollowedRegistry {
    root_key: VerifierKey,
    origin: Origin,
    files: Arc<dyn Files>,
    known: Mutex<Known>,
}

/// What a witness knows about a registry.
#[derive(Debug, Default)]
struct Known {
    version: u64,
    log_key: Option<VerifierKey>,
    /// The tree from which the log key counts, until a checkpoint that contains it was cosigned.
    start: Option<Checkpoint>,
    /// When the description was last read.
    looked: Option<Instant>,
}

impl Known {
    fn signed(&self, note: &Note) -> bool {
        self.log_key.as_ref().is_some_and(|key| note.verify([key]).is_ok())
    }
}

impl FollowedRegistry {
    /// Creates a registry that is identified by its root key and whose files are read from `files`.
    ///
    /// # Errors
    /// Returns [`WitnessError::Log`] if the name of the key is not the origin of a registry.
    pub fn new(root_key: VerifierKey, files: Arc<dyn Files>) -> Result<Self, WitnessError> {
        let origin = Origin::parse(root_key.name()).map_err(|_| WitnessError::Log(Box::new(root_key.clone())))?;
        Ok(Self { root_key, origin, files, known: Mutex::default() })
    }

    /// Returns the origin of the registry.
    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Takes over the description that the witness has kept in its directory, if there is one.
    pub(super) fn restore(&mut self, dir: &Path) -> io::Result<()> {
        match fs::read(self.path(dir)) {
            Ok(bytes) => {
                let description = self.verify(&bytes).map_err(io::Error::other)?;
                *self.known.get_mut() = self.known(&description).map_err(io::Error::other)?;
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Checks that the current log key of the registry has signed a note. The description is read again if it is old, or if it does not
    /// name a key that has signed the note.
    pub(super) async fn check(&self, note: &Note, dir: &Path) -> Result<(), Answer> {
        let mut known = self.known.lock().await;
        let age = known.looked.map_or(Duration::MAX, |looked| looked.elapsed());
        if age >= OLD || age >= PAUSE && !known.signed(note) {
            known.looked = Some(Instant::now());
            if let Err(error) = self.look(&mut known, dir).await {
                tracing::warn!(log = %self.origin, error, "the description of the registry cannot be read");
            }
        }
        match (&known.log_key, known.signed(note)) {
            (_, true) => Ok(()),
            (Some(_), false) => Err(Answer::BadSignature),
            (None, false) => Err(Answer::Unreachable),
        }
    }

    /// Checks that a checkpoint contains the tree from which the log key counts, unless that is known.
    pub(super) async fn check_start(&self, newer: &Checkpoint) -> Result<(), Answer> {
        let Some(start) = self.known.lock().await.start.clone() else { return Ok(()) };
        let proved = match timeout(LIMIT, proof::consistency(&*self.files, &start, newer)).await {
            Ok(proved) => proved.map_err(|error| (matches!(error, ProofError::Fork { .. }), with_causes(&error))),
            Err(_) => Err((false, "the registry does not answer".to_owned())),
        };
        let Err((is_fork, error)) = proved else { return Ok(()) };
        tracing::error!(log = %self.origin, error, "the log is not known to contain the tree from which its key counts");
        Err(if is_fork { Answer::BadSignature } else { Answer::Unreachable })
    }

    /// Notes that a checkpoint was cosigned, so that later ones contain the tree from which the log key counts.
    pub(super) async fn cosigned(&self, checkpoint: &Checkpoint, note: &Note) {
        let mut known = self.known.lock().await;
        // The description can have changed while the checkpoint was considered.
        if known.signed(note) && known.start.as_ref().is_some_and(|start| start.size <= checkpoint.size) {
            known.start = None;
        }
    }

    /// Reads the description, and keeps it if it is a later one.
    async fn look(&self, known: &mut Known, dir: &Path) -> Result<(), String> {
        let read = timeout(LIMIT, self.files.read(WELL_KNOWN)).await.map_err(|_| "no answer in time".to_owned())?;
        let bytes = read.map_err(|error| with_causes(error.as_ref()))?.ok_or("there is none")?;
        let description = self.verify(&bytes).map_err(|error| with_causes(&error))?;
        if description.version <= known.version {
            let is_older = description.version < known.version;
            return if is_older {
                Err(format!("version {} is older than the known one", description.version))
            } else {
                Ok(())
            };
        }
        let mut later = self.known(&description)?;
        // Kept before it counts: after a restart, a witness must not take an older one.
        if !keep(self.path(dir), bytes.to_vec()).await {
            return Err("it cannot be kept".to_owned());
        }
        later.looked = known.looked;
        let (log, version, key) = (&self.origin, later.version, later.log_key.as_ref().map(ToString::to_string));
        tracing::info!(%log, version, key, "the log key of the registry is taken from its description");
        *known = later;
        Ok(())
    }

    fn verify(&self, bytes: &[u8]) -> Result<WellKnown, ProtocolError> {
        let description = Signed::<WellKnown>::verify(bytes, self.root_key.key())?.into_value();
        self.origin.check("the description of the registry", &description.registry)?;
        Ok(description)
    }

    fn known(&self, description: &WellKnown) -> Result<Known, String> {
        let log_key = VerifierKey::new(self.origin.as_str(), Algorithm::Ed25519, description.log_key);
        let start = Checkpoint::new(self.origin.clone(), description.from_size, description.from_root);
        Ok(Known {
            version: description.version,
            log_key: Some(log_key.map_err(|error| with_causes(&error))?),
            start: Some(start).filter(|start| start.size > 0),
            looked: None,
        })
    }

    /// Returns the file with the last description.
    fn path(&self, dir: &Path) -> PathBuf {
        dir.join(format!("{}.description", Digest::of(self.origin.as_str().as_bytes()).to_hex()))
    }
}

impl std::fmt::Debug for FollowedRegistry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowedRegistry").field("root_key", &self.root_key).finish_non_exhaustive()
    }
}
