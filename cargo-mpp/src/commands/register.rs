//! `mpp register`: registers a publisher key at a registry.

use std::sync::Arc;

use mpp_registry::client::Change;
use mpp_registry::protocol::files::Profile;

use crate::cli::RegisterArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::Registered;
use crate::session::Session;
use crate::ui::Ui;

/// Proves to the registry that the user holds the key, and proves that the registration is in the log.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &RegisterArgs) -> Result<Exit, Error> {
    let registries = Registries::load(session)?;
    let registry = registries.open(registries.config().named(args.registry.registry.as_deref())?)?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let profile =
        args.name.clone().map(|name| Profile::new(name, args.url.clone(), args.contact.clone())).transpose()?;
    ui.note("the registry's log is public: your key stays in it for ever; name, address and contact can be erased");
    let change = Change::register(profile.as_ref())?;
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&Registered { registry: registry.origin().to_string(), key_id: key.id(), leaf_index })?;
    Ok(Exit::Done)
}
