//! One look at a registry: what it has signed now, compared with what it has signed before.

use super::{Monitor, MonitorError, Report};
use crate::client::{Alarm, Contradiction, SignedState, contradiction, listed, went_back};
use crate::log::{Checkpoint, CheckpointError, Files, LogError, ProofError, proof};
use crate::note::VerifierKey;
use crate::protocol::files::{Revocations, WellKnown};
use crate::protocol::{Signed, Timestamp, paths};
use crate::upstream::{self, Current};

impl Monitor {
    /// Looks at the registry with this root key: reads the leaves that are new, and compares everything that it has signed with what
    /// it had signed before `now`. Returns `None` if it shows an older state that is a part of the known one, as a cache does.
    ///
    /// After an error, the monitor is where it was.
    ///
    /// # Errors
    /// Returns [`MonitorError::Alarm`] if the registry contradicts itself, [`MonitorError::Behind`] or
    /// [`MonitorError::OldDescription`] if it shows an older state that may be one, and an error if something cannot be read.
    pub async fn look(
        &mut self,
        files: &dyn Files,
        root_key: &VerifierKey,
        now: Timestamp,
    ) -> Result<Option<Report>, MonitorError> {
        let current = self.current(files, root_key).await?;
        let (description, head) = (current.description.value(), current.checkpoint.checkpoint());
        let known = self.checkpoint();
        let list = revocations(files, description).await;
        if let Some(list) = &list {
            self.check_list(description, list)?;
        }
        if head.size < known.size {
            // The tiles of the larger tree prove what the smaller one is. If they are gone, nothing is proved yet.
            return match proof::consistency(files, head, &known).await {
                Ok(()) => Ok(None),
                Err(ProofError::Fork { .. }) => Err(self.fork(&current)),
                Err(_) => Err(self
                    .went_back(list.as_ref())
                    .unwrap_or(MonitorError::Behind { found: head.size, known: known.size })),
            };
        }
        if description.version != self.memory.signed.description {
            self.check_start(files, &current).await?;
        }
        let report = match self.follow(files, head, &description.log_key).await {
            Err(MonitorError::Log(LogError::Proof(ProofError::Fork { .. }))) => return Err(self.fork(&current)),
            report => report?,
        };
        let signed = &mut self.memory.signed;
        if signed.seen.is_none() || head.size > known.size {
            signed.seen = Some(now);
        }
        signed.description = description.version;
        signed.checkpoint = text(&current.checkpoint.bytes());
        if let Some(list) = list {
            signed.revocations = text(list.bytes());
        }
        Ok(Some(report))
    }

    /// Reads the description and the checkpoint. If the log key was replaced between the two reads, they are read again.
    async fn current(&self, files: &dyn Files, root_key: &VerifierKey) -> Result<Current, MonitorError> {
        let current = match upstream::look(files, root_key).await {
            Err(upstream::UpstreamError::Checkpoint(CheckpointError::Note(_))) => {
                upstream::look(files, root_key).await?
            }
            current => current?,
        };
        let (found, known) = (current.description.value().version, self.memory.signed.description);
        match found < known {
            true => Err(MonitorError::OldDescription { found, known }),
            false => Ok(current),
        }
    }

    /// Checks that the log contains the tree from which the log key counts, which the root key has signed.
    async fn check_start(&self, files: &dyn Files, current: &Current) -> Result<(), MonitorError> {
        let (description, head) = (current.description.value(), current.checkpoint.checkpoint());
        if description.from_size == 0 {
            return Ok(());
        }
        let start = Checkpoint::new(description.registry.clone(), description.from_size, description.from_root);
        match proof::consistency(files, &start, head).await {
            Err(ProofError::Fork { .. }) => {
                let known = SignedState::new(start.size, start.root, current.description.bytes().to_owned());
                Err(self.alarm(Contradiction::Fork, known, found(current)))
            }
            end => Ok(end?),
        }
    }

    /// Compares a revocation list with the last one. One that another log key has signed is not compared.
    fn check_list(&self, description: &WellKnown, list: &Signed<Revocations>) -> Result<(), MonitorError> {
        let bytes = self.memory.signed.revocations.as_bytes();
        let Ok(known) = Signed::<Revocations>::verify(bytes, &description.log_key) else { return Ok(()) };
        match contradiction(known.value(), list.value()) {
            None => Ok(()),
            Some(contradiction) => {
                let (known, found) = (listed(known.value(), bytes), listed(list.value(), list.bytes()));
                Err(self.alarm(contradiction, known, found))
            }
        }
    }

    /// Returns the alarm if a list was signed for fewer leaves after the known checkpoint was seen.
    fn went_back(&self, list: Option<&Signed<Revocations>>) -> Option<MonitorError> {
        let (list, seen) = (list?, self.memory.signed.seen?);
        let contradiction = went_back((self.memory.size, seen), list.value())?;
        let evidence = self.memory.signed.checkpoint.clone().into_bytes();
        let known = SignedState::new(self.memory.size, self.memory.root, evidence);
        Some(self.alarm(contradiction, known, listed(list.value(), list.bytes())))
    }

    fn fork(&self, current: &Current) -> MonitorError {
        let evidence = self.memory.signed.checkpoint.clone().into_bytes();
        let known = SignedState::new(self.memory.size, self.memory.root, evidence);
        self.alarm(Contradiction::Fork, known, found(current))
    }

    fn alarm(&self, contradiction: Contradiction, known: SignedState, found: SignedState) -> MonitorError {
        MonitorError::Alarm(Box::new(Alarm::new(self.memory.registry.as_str(), contradiction, known, found)))
    }
}

fn found(current: &Current) -> SignedState {
    let head = current.checkpoint.checkpoint();
    SignedState::new(head.size, head.root, current.checkpoint.bytes())
}

/// Returns the revocation list, if there is one that the log key has signed. Whether it is current is for clients to judge.
async fn revocations(files: &dyn Files, description: &WellKnown) -> Option<Signed<Revocations>> {
    let bytes = files.read(paths::REVOCATIONS).await.ok().flatten()?;
    let list = Signed::<Revocations>::verify(&bytes, &description.log_key).ok()?;
    (list.value().registry == description.registry).then_some(list)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
