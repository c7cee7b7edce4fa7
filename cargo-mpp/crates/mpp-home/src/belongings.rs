//! What belongs to one of the user's own keys, and how it moves to another: state, approvals and recorded calls.
//!
//! A user who gets a publisher key after months with a development key wants to keep what the packages have stored. State and
//! approvals are moved. Records of the audit log are never changed: a file names the keys that were moved, and readers of the log
//! take the records of both together.

use std::time::SystemTime;

use mpp_host::audit::{self, AuditError};
use mpp_host::clock::rfc3339;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::{KeyId, PublicKey};
use mpp_host::policy::Approval;
use mpp_host::sandbox::kv::{StateDir, StateError, StateMove, Stored};
use serde::{Deserialize, Serialize};

use crate::error::HomeError;
use crate::files;
use crate::{Home, codes};

/// The file in `keys` that names the keys that were moved.
const MOVED: &str = "moved.json";

/// The stored state, the approvals and the recorded calls that belong to a key.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Belongings {
    /// The states that have entries.
    pub states: Vec<Stored>,
    /// The approvals of packages that the key signed.
    pub approvals: Vec<Approval>,
    /// Number of recorded calls of such packages.
    pub calls: u64,
}

impl Belongings {
    /// Returns whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty() && self.approvals.is_empty() && self.calls == 0
    }
}

/// The result of moving everything from one key to another.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct MovedBelongings {
    /// Ids of the packages whose state was moved.
    pub states: Vec<String>,
    /// Ids of the packages whose state was not moved, because there is other state under the new key.
    pub states_kept: Vec<String>,
    /// Ids of the packages whose approval was moved.
    pub approvals: Vec<String>,
    /// Ids of the packages whose approval was not moved, because there is another one under the new key.
    pub approvals_kept: Vec<String>,
    /// Number of recorded calls that count for the new key from now on.
    pub calls: u64,
}

/// The error returned when the belongings of a key cannot be read or moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BelongingsError {
    /// A file of the home directory cannot be read or written.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A state cannot be read or changed.
    #[error(transparent)]
    State(#[from] StateError),
    /// The audit log cannot be read.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The key does not belong to the user.
    #[error("`{id}` is not one of your own keys")]
    NotOwn {
        /// The requested id.
        id: String,
        /// The ids of the user's own keys.
        own: Vec<KeyId>,
    },
}

impl Coded for BelongingsError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Home(error) => error.code(),
            Self::State(error) => error.code(),
            Self::Audit(error) => error.code(),
            Self::NotOwn { .. } => &codes::C023,
        }
    }
}

/// A line of [`MOVED`].
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Moved {
    from: PublicKey,
    to: PublicKey,
    time: String,
}

impl Home {
    /// Returns one of the user's own keys by its id. The prefix (`pub_` or `dev_`) does not matter.
    ///
    /// # Errors
    /// Returns [`BelongingsError::NotOwn`] if none of the user's keys has this id.
    pub fn own_key(&self, id: &str) -> Result<PublicKey, BelongingsError> {
        let own = self.keys().own_with_ids()?;
        let digits = |id: &str| id.trim_start_matches("pub_").trim_start_matches("dev_").to_owned();
        match own.iter().find(|(known, _)| digits(known.as_str()) == digits(id)) {
            Some((_, key)) => Ok(*key),
            None => {
                let own = own.into_iter().map(|(id, _)| id).collect();
                Err(BelongingsError::NotOwn { id: id.to_owned(), own })
            }
        }
    }

    /// Returns what belongs to a key.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn belongings(&self, key: &PublicKey) -> Result<Belongings, BelongingsError> {
        let dir = StateDir::new(self.state_dir());
        let mut states = Vec::new();
        for stored in dir.all()?.into_iter().filter(|stored| dir.of(&stored.package_id, key).path == stored.path) {
            let mut entries = 0_u64;
            stored.for_each(b"", SystemTime::UNIX_EPOCH, |_| entries += 1)?;
            if entries > 0 {
                states.push(stored);
            }
        }
        let approvals = self.approvals().by_key(key)?;
        let mut calls = 0;
        audit::read(&self.audit_dir(), |listed| {
            calls += u64::from(listed.record.ended().is_some_and(|entry| entry.key == Some(*key)))
        })?;
        Ok(Belongings { states, approvals, calls })
    }

    /// Moves what belongs to one of the user's own keys to another one. What exists under both keys stays where it is. `now` is
    /// recorded as the time of the move.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or written. What was moved before stays moved; a second attempt moves the rest.
    pub fn move_belongings(
        &self,
        from: &PublicKey,
        to: &PublicKey,
        now: SystemTime,
    ) -> Result<MovedBelongings, BelongingsError> {
        for key in [from, to] {
            self.own_key(key.id(mpp_host::keys::KeyRole::Publisher).as_str())?;
        }
        self.transfer(from, to, now)
    }

    /// Moves what belongs to a publisher's key to the key that replaced it. The caller has verified that the publisher replaced it.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or written.
    pub fn follow_rotation(
        &self,
        from: &PublicKey,
        to: &PublicKey,
        now: SystemTime,
    ) -> Result<MovedBelongings, BelongingsError> {
        self.transfer(from, to, now)
    }

    fn transfer(&self, from: &PublicKey, to: &PublicKey, now: SystemTime) -> Result<MovedBelongings, BelongingsError> {
        let mut moved = MovedBelongings::default();
        if from == to {
            return Ok(moved);
        }
        let belongings = self.belongings(from)?;
        for stored in belongings.states {
            match stored.move_to(to)? {
                StateMove::Moved { .. } => moved.states.push(stored.package_id),
                _ => moved.states_kept.push(stored.package_id),
            }
        }
        let approvals = self.approvals();
        for mut approval in belongings.approvals {
            if approvals.load(&approval.package_id, to)?.is_some() {
                moved.approvals_kept.push(approval.package_id);
                continue;
            }
            approval.key = *to;
            approvals.save(&approval)?;
            approvals.remove(&approval.package_id, from)?;
            moved.approvals.push(approval.package_id);
        }
        let mut known = self.moved()?;
        if !known.iter().any(|line| line.from == *from && line.to == *to) {
            known.push(Moved { from: *from, to: *to, time: rfc3339(now) });
            files::write_json(&self.keys().dir().join(MOVED), &known).map_err(HomeError::from)?;
        }
        moved.calls = belongings.calls;
        Ok(moved)
    }

    /// Returns the keys whose recorded calls count for `key`: the key itself, and those that were moved to it.
    ///
    /// # Errors
    /// Returns an error if the list of moved keys cannot be read.
    pub fn with_earlier_keys(&self, key: &PublicKey) -> Result<Vec<PublicKey>, HomeError> {
        let moved = self.moved()?;
        let mut keys = vec![*key];
        let mut next = 0;
        while let Some(current) = keys.get(next).copied() {
            for line in moved.iter().filter(|line| line.to == current) {
                if !keys.contains(&line.from) {
                    keys.push(line.from);
                }
            }
            next += 1;
        }
        Ok(keys)
    }

    fn moved(&self) -> Result<Vec<Moved>, HomeError> {
        let path = self.keys().dir().join(MOVED);
        let Some(bytes) = files::read_if_present("the list of moved keys", &path)? else { return Ok(Vec::new()) };
        serde_json::from_slice(&bytes).map_err(|error| HomeError::damaged(&path, error))
    }
}
