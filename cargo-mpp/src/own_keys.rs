//! The user's own keys, what belongs to them, and moving it from one to another.

use std::time::SystemTime;

use mpp_host::keys::{KeyId, PublicKey};

use crate::error::Error;
use crate::reports::keys::{KeyMoved, OwnKey};
use crate::session::Session;

/// Moves what belongs to `from` to `to`.
pub(crate) fn transfer(session: &Session, from: &PublicKey, to: &PublicKey) -> Result<KeyMoved, Error> {
    let home = session.home();
    let ids = home.keys().own_with_ids()?;
    let id_of = |key: &PublicKey| {
        let known = ids.iter().find(|(_, known)| known == key).map(|(id, _)| id.clone());
        known.unwrap_or_else(|| key.id(mpp_host::keys::KeyRole::Publisher))
    };
    let moved = home.move_belongings(from, to, SystemTime::now())?;
    Ok(KeyMoved {
        from: id_of(from),
        to: id_of(to),
        states: moved.states,
        states_kept: moved.states_kept,
        approvals: moved.approvals,
        approvals_kept: moved.approvals_kept,
        calls: moved.calls,
    })
}

/// Describes a key and what belongs to it.
pub(crate) fn describe(session: &Session, key_id: KeyId, key: &PublicKey) -> Result<OwnKey, Error> {
    let belongings = session.home().belongings(key)?;
    Ok(OwnKey {
        key_id,
        states: belongings.states.into_iter().map(|stored| stored.package_id).collect(),
        approvals: belongings.approvals.into_iter().map(|approval| approval.package_id).collect(),
        calls: belongings.calls,
    })
}
