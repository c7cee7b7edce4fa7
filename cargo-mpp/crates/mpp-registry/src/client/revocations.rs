//! The list of revoked keys and withdrawn versions: its signature, its age, and whether the registry has gone back in its history.

use std::time::Duration;

use mpp_host::PublicKey;
use mpp_host::keys::KeyRole;
use semver::Version;

use super::alarm::{Contradiction, SignedState};
use super::checkpoint::{Relation, relate};
use super::error::ClientError;
use super::lock::LockedPackage;
use super::memory::REVOCATIONS;
use super::registry::{Registry, SMALL, View};
use crate::log::Checkpoint;
use crate::protocol::files::Revocations;
use crate::protocol::{PackageId, Signed, SignedFile as _, Timestamp, paths};

/// How far the clocks of this machine and of the registry may differ.
const SKEW: Duration = Duration::from_secs(5 * 60);
/// Largest list.
const LARGEST: u64 = 64 * SMALL;

/// A list of revocations that the registry signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationList {
    list: Revocations,
}

/// How current a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// The list is valid.
    Valid,
    /// The list has expired.
    Expired {
        /// The end of its validity.
        at: Timestamp,
    },
}

impl RevocationList {
    /// Returns how current the list is.
    #[must_use]
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        let at = self.list.expires;
        if now > at.after(SKEW) { Freshness::Expired { at } } else { Freshness::Valid }
    }

    /// Returns the age of the list at this time.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Duration {
        Duration::from_secs(now.as_secs().saturating_sub(self.list.issued.as_secs()))
    }

    /// Fails if the list has expired.
    ///
    /// # Errors
    /// Returns [`ClientError::Expired`].
    pub fn require_valid(&self, now: Timestamp) -> Result<(), ClientError> {
        match self.freshness(now) {
            Freshness::Valid => Ok(()),
            Freshness::Expired { at } => Err(ClientError::Expired { expires: at }),
        }
    }

    /// Returns whether signatures by `key` in the leaf with this index are void.
    #[must_use]
    pub fn is_revoked(&self, key: &PublicKey, leaf_index: u64) -> bool {
        self.list.keys.iter().any(|revoked| revoked.key == *key && revoked.from_leaf <= leaf_index)
    }

    /// Returns whether the registry has taken the version down.
    #[must_use]
    pub fn is_taken_down(&self, package_id: &PackageId, version: &Version) -> bool {
        self.list.taken_down.iter().any(|taken| taken.package_id == *package_id && taken.version == *version)
    }

    /// Checks a version that was published by `key` in a leaf, for `owner` if the key is a delegate. What a delegate publishes after
    /// its owner's key was revoked is void, too.
    ///
    /// # Errors
    /// Returns [`ClientError::TakenDown`] or [`ClientError::Revoked`].
    pub fn check(
        &self,
        (package_id, version): (&PackageId, &Version),
        leaf_index: u64,
        key: &PublicKey,
        owner: Option<&PublicKey>,
    ) -> Result<(), ClientError> {
        let (id, number) = (|| package_id.clone(), || version.clone());
        if self.is_taken_down(package_id, version) {
            return Err(ClientError::TakenDown { package_id: id(), version: number() });
        }
        match [Some(key), owner].into_iter().flatten().find(|key| self.is_revoked(key, leaf_index)) {
            None => Ok(()),
            Some(key) => {
                let key_id = key.id(KeyRole::Publisher);
                Err(ClientError::Revoked { key_id, package_id: id(), version: number() })
            }
        }
    }

    /// Checks an installed package of the registry's log.
    ///
    /// # Errors
    /// Returns [`ClientError::TakenDown`] or [`ClientError::Revoked`].
    pub fn check_locked(&self, package: &LockedPackage) -> Result<(), ClientError> {
        let owner = package.delegation.as_ref().map(|delegation| &delegation.owner);
        let leaf_index = package.leaf_index.unwrap_or(u64::MAX);
        self.check((&package.package_id, &package.version), leaf_index, &package.publisher_key, owner)
    }
}

impl Registry {
    /// Returns the list that was seen last; `None` if none was.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or is damaged.
    pub fn remembered_revocations(&self, view: &View) -> Result<Option<RevocationList>, ClientError> {
        let Some(bytes) = self.memory.read(REVOCATIONS)? else { return Ok(None) };
        match Signed::<Revocations>::verify(&bytes, &view.description.log_key) {
            Ok(signed) => Ok(Some(RevocationList { list: signed.into_value() })),
            // The log key was replaced since.
            Err(crate::protocol::ProtocolError::BadSignature { .. }) => Ok(None),
            Err(error) => Err(ClientError::damaged(&self.memory.path(REVOCATIONS), error)),
        }
    }

    /// Reads the current list, proves that it belongs to the log, and remembers it. An older list than the known one is ignored; the
    /// known one is returned then. Whether the list is still valid is for the caller to decide.
    ///
    /// # Errors
    /// Returns [`ClientError::Alarm`] if the list contradicts the log or the known list, [`ClientError::FromTheFuture`] if the clocks
    /// differ too much, and an error if the registry cannot be reached.
    pub async fn revocations(&self, view: &mut View) -> Result<RevocationList, ClientError> {
        let known = self.remembered_revocations(view)?;
        let found = self.remote.require(paths::REVOCATIONS, LARGEST).await?;
        let signed = Signed::<Revocations>::verify(&found.bytes, &view.description.log_key)?;
        let list = signed.value();
        self.check_origin(Revocations::DOCUMENT, &list.registry)?;
        if list.issued > self.now().after(SKEW) {
            return Err(ClientError::FromTheFuture { issued: list.issued });
        }
        if let Some(known) = &known {
            self.check_order(&known.list, list, signed.bytes())?;
            if list.tree_size < known.list.tree_size || list.issued < known.list.issued {
                return Ok(known.clone());
            }
        }
        if list.tree_size > view.head.size {
            *view = self.refresh().await?;
        }
        let tree = Checkpoint::new(self.origin().clone(), list.tree_size, list.root);
        match relate(&view.head, &tree, &self.remote).await? {
            Relation::Same | Relation::Older => {}
            Relation::Contradicts => {
                let evidence = self.stored_checkpoint()?.map(|known| known.bytes).unwrap_or_default();
                let known = SignedState::new(view.head.size, view.head.root, evidence);
                return Err(self.alarm(Contradiction::Fork, known, state(list, signed.bytes())));
            }
            // The list leads the checkpoint, or a copy lags behind: both end by themselves.
            Relation::Extends | Relation::OlderPerhaps => {
                return Err(ClientError::Behind { found: view.head.size, known: list.tree_size });
            }
        }
        {
            let _lock = self.memory.lock()?;
            self.memory.write(REVOCATIONS, signed.bytes())?;
        }
        Ok(RevocationList { list: signed.into_value() })
    }

    /// Raises the alarm if the registry has signed a list for fewer leaves after the known one, or after a larger checkpoint was seen.
    /// Other faults of the list are for those who need it.
    pub(crate) async fn check_going_back(&self, log_key: &PublicKey) -> Result<(), ClientError> {
        let Ok(found) = self.remote.require(paths::REVOCATIONS, LARGEST).await else { return Ok(()) };
        let Ok(list) = Signed::<Revocations>::verify(&found.bytes, log_key) else { return Ok(()) };
        if list.value().registry != *self.origin() {
            return Ok(());
        }
        if let Some(bytes) = self.memory.read(REVOCATIONS)?
            && let Ok(known) = Signed::<Revocations>::verify(&bytes, log_key)
        {
            self.check_order(known.value(), list.value(), list.bytes())?;
        }
        let (Some(known), Some(seen)) = (self.stored_checkpoint()?, self.checkpoint_seen()?) else { return Ok(()) };
        match went_back((known.head.size, seen), list.value()) {
            None => Ok(()),
            Some(contradiction) => {
                let known = SignedState::new(known.head.size, known.head.root, known.bytes);
                Err(self.alarm(contradiction, known, state(list.value(), list.bytes())))
            }
        }
    }

    fn check_order(&self, known: &Revocations, found: &Revocations, bytes: &[u8]) -> Result<(), ClientError> {
        let Some(contradiction) = contradiction(known, found) else { return Ok(()) };
        let evidence = self.memory.read(REVOCATIONS).ok().flatten().unwrap_or_default();
        Err(self.alarm(contradiction, state(known, &evidence), state(found, bytes)))
    }
}

/// Returns how a list contradicts one that was seen before. Servers catch up with the log before they sign a list, so a later list
/// never has fewer leaves.
pub(crate) fn contradiction(known: &Revocations, found: &Revocations) -> Option<Contradiction> {
    let is_later = found.issued > known.issued.after(SKEW);
    if found.tree_size < known.tree_size && is_later {
        Some(Contradiction::Rollback { before: known.issued, after: found.issued })
    } else if found.tree_size == known.tree_size && found.root != known.root {
        Some(Contradiction::Fork)
    } else {
        None
    }
}

/// Returns whether a list was signed for fewer leaves than a checkpoint has that was seen before.
pub(crate) fn went_back((size, seen): (u64, Timestamp), found: &Revocations) -> Option<Contradiction> {
    let is_back = found.tree_size < size && found.issued > seen.after(SKEW);
    is_back.then_some(Contradiction::Rollback { before: seen, after: found.issued })
}

/// A list as one side of a contradiction.
pub(crate) fn state(list: &Revocations, bytes: &[u8]) -> SignedState {
    SignedState::new(list.tree_size, list.root, bytes.to_owned())
}
