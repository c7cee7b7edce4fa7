//! `mpp registry rebuild`: writes the files again that follow from the log of a registry.

use mpp_registry::log::rebuild;

use super::place::{self, Place};
use crate::cli::RegistryPlaceArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::registry::RebuiltRegistry;
use crate::session::Session;
use crate::ui::Ui;

/// Writes every tile and derived file that is missing or different.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryPlaceArgs) -> Result<Exit, Error> {
    let place = Place::new(session, args);
    let keys = place.keys().read()?;
    let store = place.open(session)?;
    let options = place::log_options(store, &place.keys(), &keys)?;
    let rebuilt = place::block_on(rebuild(options))??;
    let (leaves, tiles, derived, deleted) = (rebuilt.leaves, rebuilt.tiles, rebuilt.derived, rebuilt.deleted);
    ui.show(&RebuiltRegistry { leaves, tiles, derived, deleted })?;
    Ok(Exit::Done)
}
