//! A pinned registry: what it says now, compared with everything that it has said before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mpp_host::clock::Clock;

use super::alarm::{Alarm, Contradiction, SignedState};
use super::checkpoint::{Relation, Witnesses, relate, state, stored, verify};
use super::error::ClientError;
use super::memory::{ASKED, CHECKPOINT, DESCRIPTION, Memory, REVOCATIONS, SEEN};
use super::remote::Remote;
use super::transport::Transport;
use crate::log::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::note::{Algorithm, VerifierKey};
use crate::protocol::files::WellKnown;
use crate::protocol::{Origin, ProtocolError, Signed, SignedFile as _, Timestamp, paths};

/// Largest description, checkpoint or list.
pub(crate) const SMALL: u64 = 1024 * 1024;
/// How often an older state is asked for again before the known one is used instead.
const STALE_ATTEMPTS: u32 = 3;

/// A registry whose root key is pinned.
///
/// Nothing that it returns is taken on trust: every answer is proved against the largest checkpoint that was seen, and every
/// checkpoint must extend it.
#[derive(Debug)]
pub struct Registry {
    pub(crate) name: String,
    root_key: VerifierKey,
    origin: Origin,
    pub(crate) remote: Remote,
    pub(crate) memory: Memory,
    clock: Arc<dyn Clock>,
    witnesses: Vec<VerifierKey>,
    quorum: usize,
}

/// What is known of a registry at one moment: its keys, and the largest tree that it has proved to extend all earlier ones.
#[derive(Debug, Clone)]
pub struct View {
    pub(crate) description: Arc<WellKnown>,
    pub(crate) head: Checkpoint,
}

/// The largest checkpoint that was seen, with its signed bytes.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) head: Checkpoint,
    pub(crate) bytes: Vec<u8>,
}

impl View {
    /// Returns the number of leaves of the log.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.head.size
    }
}

impl Registry {
    /// The registry with this root key, whose files are in a directory below `all`. Nothing is read yet.
    ///
    /// # Errors
    /// Returns an error if the name of the root key is not an origin.
    pub fn new(
        name: impl Into<String>,
        root_key: VerifierKey,
        all: &Path,
        remote: Remote,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ClientError> {
        let origin = Origin::parse(root_key.name())?;
        let memory = Memory::new(all, &root_key);
        Ok(Self { name: name.into(), root_key, origin, remote, memory, clock, witnesses: Vec::new(), quorum: 0 })
    }

    /// Requires that `quorum` of these witnesses have cosigned each checkpoint.
    #[must_use]
    pub fn with_witnesses(mut self, witnesses: Vec<VerifierKey>, quorum: usize) -> Self {
        (self.witnesses, self.quorum) = (witnesses, quorum);
        self
    }

    /// Reads the description of a registry that is not pinned yet, and returns its root key as a verifier key. This proves nothing
    /// about who runs it: a person compares the key with one from a source that they trust.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be reached, or if its description is not signed by the key that it names.
    pub async fn first_contact(remote: &Remote) -> Result<VerifierKey, ClientError> {
        let found = remote.require(paths::WELL_KNOWN, SMALL).await?;
        let description = WellKnown::first_contact(&found.bytes)?.into_value();
        let key = VerifierKey::new(description.registry.as_str(), Algorithm::Ed25519, description.root_key);
        key.map_err(ClientError::Key)
    }

    /// The name under which the user knows the registry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The root key.
    #[must_use]
    pub fn root_key(&self) -> &VerifierKey {
        &self.root_key
    }

    /// The origin.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The URL, for messages.
    #[must_use]
    pub fn url(&self) -> &str {
        self.remote.url()
    }

    /// Returns the directory with what the registry has shown. It need not exist.
    #[must_use]
    pub fn memory_dir(&self) -> PathBuf {
        self.memory.path("").components().collect()
    }

    /// Forgets what the registry has shown, so that the next contact is like a first one. Evidence of contradictions is kept.
    ///
    /// # Errors
    /// Returns an error if a file cannot be deleted.
    pub fn forget(&self) -> Result<(), ClientError> {
        let _lock = self.memory.lock()?;
        [CHECKPOINT, SEEN, DESCRIPTION, REVOCATIONS, ASKED].into_iter().try_for_each(|name| self.memory.delete(name))
    }

    /// The current time.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from(self.clock.now())
    }

    /// Returns what was known when the registry was last asked; `None` before the first contact.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or is damaged.
    pub fn remembered(&self) -> Result<Option<View>, ClientError> {
        let (Some(description), Some(checkpoint)) = (self.stored_description()?, self.stored_checkpoint()?) else {
            return Ok(None);
        };
        Ok(Some(View { description: Arc::new(description), head: checkpoint.head }))
    }

    /// Asks the registry for its description and its checkpoint, and proves that the log extends the one that was seen before.
    ///
    /// An older state is not an error if the known one can still be proved; the known one is returned then.
    ///
    /// # Errors
    /// Returns [`ClientError::Alarm`] if the registry contradicts itself, [`ClientError::OtherRoot`] if it is another registry, and
    /// an error if it cannot be reached or serves damaged files.
    pub async fn refresh(&self) -> Result<View, ClientError> {
        let mut attempt = 1;
        loop {
            match self.refresh_once().await {
                // The log key was replaced a moment ago, and a cache has one of the two files from before.
                Err(ClientError::Checkpoint(CheckpointError::Note(_)) | ClientError::OldDescription { .. })
                    if attempt < STALE_ATTEMPTS.min(self.remote.retry().attempts) =>
                {
                    self.remote.retry().pause(attempt, None).await;
                    attempt += 1;
                }
                end => return end,
            }
        }
    }

    async fn refresh_once(&self) -> Result<View, ClientError> {
        let before = self.stored_description()?;
        let (description, served) = self.description(before.as_ref()).await?;
        let known = self.stored_checkpoint()?;
        let newer = self.checkpoint(description.value(), known.as_ref()).await.map_err(|error| match error {
            // Both are from before the log key was replaced: that is the whole registry, and not a cache of one file.
            ClientError::Checkpoint(CheckpointError::Note(_)) if served < description.value().version => {
                ClientError::OldDescription { found: served, known: description.value().version }
            }
            other => other,
        })?;
        let found = newer.as_ref().map(|newer| Known { head: newer.checkpoint().clone(), bytes: newer.bytes() });
        let found = found.or(known).ok_or_else(|| ClientError::no_copy(paths::CHECKPOINT))?;
        if before.as_ref().map(|before| before.version) != Some(description.value().version) {
            self.check_start(description.value(), description.bytes(), &found).await?;
        }
        self.remember(&description, &found)?;
        Ok(View { description: Arc::new(description.into_value()), head: found.head })
    }

    /// Reads and verifies the description, and returns it with the version that is served. One that is older than the known one is
    /// ignored.
    async fn description(&self, before: Option<&WellKnown>) -> Result<(Signed<WellKnown>, u64), ClientError> {
        let found = self.remote.require(paths::WELL_KNOWN, SMALL).await?;
        let verified = Signed::<WellKnown>::verify(&found.bytes, self.root_key.key());
        let description = match verified {
            Ok(description) => description,
            Err(ProtocolError::BadSignature { .. }) => {
                let claimed = WellKnown::first_contact(&found.bytes)?.into_value();
                let other = VerifierKey::new(claimed.registry.as_str(), Algorithm::Ed25519, claimed.root_key);
                return Err(ClientError::OtherRoot {
                    origin: claimed.registry.to_string(),
                    expected: self.root_key.to_string(),
                    found: other.map_or_else(|_| claimed.root_key.to_base64(), |key| key.to_string()),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let value = description.value();
        self.check_origin(WellKnown::DOCUMENT, &value.registry)?;
        if value.root_key != *self.root_key.key() {
            return Err(ProtocolError::OtherKey {
                document: WellKnown::DOCUMENT,
                expected: self.root_key.key().to_base64(),
                found: value.root_key.to_base64(),
            }
            .into());
        }
        match before {
            Some(before) if value.version < before.version => {
                let bytes = self.memory.read(DESCRIPTION)?.unwrap_or_default();
                Ok((Signed::verify(&bytes, self.root_key.key())?, value.version))
            }
            Some(before) if value.version == before.version && value != before => Err(ProtocolError::Malformed {
                document: WellKnown::DOCUMENT,
                source: format!("there are two descriptions with the version {}", value.version).into(),
            }
            .into()),
            _ => {
                let version = value.version;
                Ok((description, version))
            }
        }
    }

    /// Reads checkpoints until one extends the known one. Copies that lag behind are asked again a few times; `None` means that the
    /// known one is the newest that there is.
    async fn checkpoint(
        &self,
        description: &WellKnown,
        known: Option<&Known>,
    ) -> Result<Option<SignedCheckpoint>, ClientError> {
        let (mut attempt, mut older) = (1, false);
        let failed = loop {
            let mut failed = None;
            for copy in self.remote.copies() {
                match self.checkpoint_of(copy.as_ref(), description, known).await {
                    Ok((found, Relation::Same | Relation::Extends)) => return Ok(Some(found)),
                    Ok((found, relation)) => {
                        older |= relation == Relation::Older;
                        let known = known.map_or(description.from_size, |known| known.head.size);
                        failed = Some(ClientError::Behind { found: found.checkpoint().size, known });
                    }
                    Err(error @ ClientError::Alarm(_)) => return Err(error),
                    Err(error) => {
                        failed.get_or_insert(error);
                    }
                }
            }
            let failed = failed.unwrap_or_else(|| ClientError::no_copy(paths::CHECKPOINT));
            let is_stale = matches!(failed, ClientError::Behind { .. } | ClientError::Proof(_));
            if !is_stale || attempt >= STALE_ATTEMPTS.min(self.remote.retry().attempts) {
                break failed;
            }
            self.remote.retry().pause(attempt, None).await;
            attempt += 1;
        };
        if older {
            // What is served is a part of what is known, and the rest can be proved, too.
            return Ok(None);
        }
        // A registry that has gone back shows it by a list that it signed after it had more leaves.
        self.check_going_back(&description.log_key).await?;
        Err(failed)
    }

    /// Reads the checkpoint of one copy, and compares it with the known one.
    async fn checkpoint_of(
        &self,
        copy: &dyn Transport,
        description: &WellKnown,
        known: Option<&Known>,
    ) -> Result<(SignedCheckpoint, Relation), ClientError> {
        let missing = || ClientError::missing(copy.url(), paths::CHECKPOINT);
        let found = self.remote.read_from(copy, paths::CHECKPOINT, SMALL).await?.ok_or_else(missing)?;
        let witnesses = Witnesses { keys: &self.witnesses, quorum: self.quorum };
        let found = verify(&found.bytes, &self.origin, &description.log_key, witnesses)?;
        if found.checkpoint().size < description.from_size {
            return Ok((found, Relation::OlderPerhaps));
        }
        let Some(known) = known else { return Ok((found, Relation::Extends)) };
        match relate(&known.head, found.checkpoint(), &self.remote).await? {
            Relation::Contradicts => {
                let (known, found) =
                    (state(&known.head, known.bytes.clone()), state(found.checkpoint(), found.bytes()));
                Err(self.alarm(Contradiction::Fork, known, found))
            }
            relation => Ok((found, relation)),
        }
    }

    /// Proves that the log extends the tree from which the log key counts, which the root key has signed.
    async fn check_start(&self, description: &WellKnown, bytes: &[u8], found: &Known) -> Result<(), ClientError> {
        if description.from_size == 0 {
            return Ok(());
        }
        let start = Checkpoint::new(self.origin.clone(), description.from_size, description.from_root);
        match relate(&start, &found.head, &self.remote).await? {
            Relation::Same | Relation::Extends => Ok(()),
            _ => {
                let (known, found) = (state(&start, bytes.to_owned()), state(&found.head, found.bytes.clone()));
                Err(self.alarm(Contradiction::Fork, known, found))
            }
        }
    }

    /// Stores the description and the checkpoint, unless another process has stored later ones meanwhile.
    fn remember(&self, description: &Signed<WellKnown>, found: &Known) -> Result<(), ClientError> {
        let _lock = self.memory.lock()?;
        let version = self.stored_description()?.map_or(0, |known| known.version);
        if description.value().version > version {
            self.memory.write(DESCRIPTION, description.bytes())?;
        }
        if self.stored_checkpoint()?.is_none_or(|known| found.head.size > known.head.size) {
            // The time first: one that is too late raises no alarm.
            self.memory.write(SEEN, self.now().to_string().as_bytes())?;
            self.memory.write(CHECKPOINT, &found.bytes)?;
        }
        Ok(())
    }

    /// Stores the evidence of a contradiction, and returns the error.
    pub(crate) fn alarm(&self, contradiction: Contradiction, known: SignedState, found: SignedState) -> ClientError {
        let alarm = Alarm::new(self.origin.as_str(), contradiction, known, found);
        self.memory.keep_evidence(alarm, self.now()).into()
    }

    /// Checks the registry that a document names.
    pub(crate) fn check_origin(&self, document: &'static str, found: &Origin) -> Result<(), ClientError> {
        Ok(self.origin.check(document, found)?)
    }

    fn stored_description(&self) -> Result<Option<WellKnown>, ClientError> {
        let Some(bytes) = self.memory.read(DESCRIPTION)? else { return Ok(None) };
        let stored = Signed::<WellKnown>::verify(&bytes, self.root_key.key());
        let stored = stored.map_err(|error| ClientError::damaged(&self.memory.path(DESCRIPTION), error))?;
        Ok(Some(stored.into_value()))
    }

    /// Returns the time at which the largest checkpoint was seen.
    pub(crate) fn checkpoint_seen(&self) -> Result<Option<Timestamp>, ClientError> {
        let bytes = self.memory.read(SEEN)?;
        Ok(bytes.and_then(|bytes| Timestamp::parse(std::str::from_utf8(&bytes).ok()?.trim()).ok()))
    }

    /// Returns the largest checkpoint that was seen.
    pub(crate) fn stored_checkpoint(&self) -> Result<Option<Known>, ClientError> {
        let Some(bytes) = self.memory.read(CHECKPOINT)? else { return Ok(None) };
        let head = stored(&bytes, &self.origin);
        let head = head.map_err(|error| ClientError::damaged(&self.memory.path(CHECKPOINT), error))?;
        Ok(Some(Known { head, bytes }))
    }
}
