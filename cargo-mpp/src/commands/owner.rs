//! `mpp owner`: adds and removes owners of a package.

use std::sync::Arc;

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;
use mpp_registry::protocol::PackageId;

use crate::cli::{OwnerArgs, OwnerCommand, OwnerKeyArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::{OwnerAction, OwnerChanged};
use crate::session::Session;
use crate::ui::Ui;

/// Signs the change as an owner.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &OwnerArgs) -> Result<Exit, Error> {
    match &args.command {
        OwnerCommand::Add(args) => change(session, ui, args, OwnerAction::Added),
        OwnerCommand::Remove(args) => change(session, ui, args, OwnerAction::Removed),
    }
}

fn change(session: &Session, ui: &Ui, args: &OwnerKeyArgs, action: OwnerAction) -> Result<Exit, Error> {
    let package_id: PackageId = PackageId::parse(&args.package)?;
    let owner = publishing::public_key(session, &args.owner)?;
    let registries = Registries::load(session)?;
    let registry = publishing::registry_of(&registries, &package_id, args.registry.registry.as_deref())?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let change = Change::owner(package_id.clone(), owner, action == OwnerAction::Removed);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&OwnerChanged {
        action,
        package_id: package_id.to_string(),
        key_id: owner.id(KeyRole::Publisher),
        public_key: owner,
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
