//! `mpp key rotate`: replaces a publisher key by another one at a registry.

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;

use crate::cli::KeyRotateArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::Rotated;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the rotation with the old key.
pub(super) fn run(session: &Session, ui: &Ui, args: &KeyRotateArgs) -> Result<Exit, Error> {
    let to = publishing::public_key(session, &args.to)?;
    let registries = Registries::load(session)?;
    let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let leaf_index = publishing::send(&registries, ui, &registry, &Change::rotate(&key.public(), to), &key)?;
    ui.show(&Rotated {
        from_key_id: key.id(),
        to_key_id: to.id(KeyRole::Publisher),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    ui.note("everyone who trusts the old key trusts the new one with the next version that they install; keep the old key until then");
    Ok(Exit::Done)
}
