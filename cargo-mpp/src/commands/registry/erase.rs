//! `mpp registry erase-profile`: erases the name and addresses of a publisher, as an operator.

use mpp_host::keys::KeyRole;
use mpp_registry::client::Change;

use crate::cli::RegistryEraseArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::ProfileErased;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the statement as an operator.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryEraseArgs) -> Result<Exit, Error> {
    let publisher = publishing::public_key(session, &args.publisher)?;
    let registries = Registries::load(session)?;
    let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let reason = publishing::reason(args.reason);
    let change = Change::erase_profile(publisher, reason);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&ProfileErased {
        key_id: publisher.id(KeyRole::Publisher),
        reason: reason.name().to_owned(),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
