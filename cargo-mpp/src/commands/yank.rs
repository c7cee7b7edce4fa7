//! `mpp yank`: hides a version from the choice of versions, or shows it again.

use std::sync::Arc;

use mpp_registry::client::{Change, parse_exact};

use crate::cli::YankArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::Yanked;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the change as an owner.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &YankArgs) -> Result<Exit, Error> {
    let (package_id, version) = parse_exact(&args.version)?;
    let registries = Registries::load(session)?;
    let registry = publishing::registry_of(&registries, &package_id, args.registry.registry.as_deref())?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let change = Change::yank(package_id.clone(), version.clone(), args.undo);
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    ui.show(&Yanked {
        package_id: package_id.to_string(),
        version: version.to_string(),
        yanked: !args.undo,
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    Ok(Exit::Done)
}
