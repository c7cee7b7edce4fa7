//! `mpp registry transfer`: gives a package to another key, as an operator.

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;
use mpp_registry::protocol::PackageId;

use crate::cli::RegistryTransferArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::Transferred;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the statement as an operator.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryTransferArgs) -> Result<Exit, Error> {
    let package_id = PackageId::parse(&args.package)?;
    let to = publishing::public_key(session, &args.to)?;
    let registries = Registries::load(session)?;
    let registry = publishing::registry_of(&registries, &package_id, args.registry.registry.as_deref())?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let change = Change::transfer(package_id.clone(), to);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&Transferred {
        package_id: package_id.to_string(),
        key_id: to.id(KeyRole::Publisher),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
