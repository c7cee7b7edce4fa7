//! `mpp key revoke`: revokes a publisher key at a registry.

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;

use crate::cli::KeyRevokeArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::KeyRevoked;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the revocation.
pub(super) fn run(session: &Session, ui: &Ui, args: &KeyRevokeArgs) -> Result<Exit, Error> {
    let revoked = publishing::public_key(session, &args.revoked)?;
    let registries = Registries::load(session)?;
    let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let change = Change::revoke(revoked, args.from_leaf);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&KeyRevoked {
        key_id: revoked.id(KeyRole::Publisher),
        from_leaf: args.from_leaf.unwrap_or(leaf_index),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
