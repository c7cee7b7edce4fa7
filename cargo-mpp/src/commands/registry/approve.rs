//! `mpp registry approve`: approves a publisher or a package id, as an operator.

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;
use mpp_registry::protocol::PackageId;

use crate::cli::RegistryApproveArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::ApprovedByOperator;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the statement as an operator.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryApproveArgs) -> Result<Exit, Error> {
    let wanted = args.registry.registry.as_deref();
    let registries = Registries::load(session)?;
    let (registry, change, key_id, package_id) = if let Some(id) = &args.package_id {
        let id = PackageId::parse(id)?;
        let registry = publishing::registry_of(&registries, &id, wanted)?;
        (registry, Change::approve_package(id.clone()), None, Some(id.to_string()))
    } else {
        let publisher = publishing::public_key(session, args.publisher.as_deref().unwrap_or_default())?;
        let registry = registries.open(registries.config().named(wanted)?)?;
        (registry, Change::approve_key(publisher), Some(publisher.id(KeyRole::Publisher)), None)
    };
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&ApprovedByOperator { key_id, package_id, registry: registry.origin().to_string(), leaf_index })?;
    Ok(Exit::Done)
}
