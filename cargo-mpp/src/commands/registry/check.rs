//! `mpp registry check`: checks every commit, tile, object and derived file of a registry.

use std::sync::Arc;

use mpp_host::clock::SystemClock;
use mpp_registry::log::{FaultKind, check};
use mpp_registry::server::DerivedFiles;
use mpp_registry::state::State;

use super::place::{self, Place};
use crate::cli::RegistryPlaceArgs;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::registry::{CheckedRegistry, RegistryFault};
use crate::session::Session;
use crate::ui::Ui;

/// Checks the store, also while a server uses it.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryPlaceArgs) -> Result<Exit, Error> {
    let place = Place::new(session, args);
    let keys = place.keys().read()?;
    let store = place.open_to_read(session)?;
    let derive = DerivedFiles::new(store.clone(), keys.log.clone(), Arc::new(SystemClock::new())).without_erasing();
    let empty = State::new(keys.origin().clone());
    let checked = place::block_on(check(&store, &keys.description, empty, Arc::new(derive)))??;
    let faults = checked.faults.iter();
    let result = CheckedRegistry {
        leaves: checked.leaves,
        commits: checked.commits,
        tiles: checked.tiles,
        objects: checked.objects,
        derived: checked.derived,
        faults: faults
            .map(|fault| RegistryFault { path: fault.path.clone(), problem: in_words(&fault.kind) })
            .collect(),
    };
    if result.faults.is_empty() {
        ui.show(&result)?;
        return Ok(Exit::Done);
    }
    let count = result.faults.len();
    let what = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let failure = Diagnostic::new(&codes::C065, format!("{what} of the registry are not as they must be")).help(
        "`mpp registry rebuild` writes tiles and derived files again; restore packages and commits from a backup",
    );
    Ok(ui.show_failed(&result, failure)?)
}

fn in_words(kind: &FaultKind) -> String {
    match kind {
        FaultKind::Missing => "it is missing".to_owned(),
        FaultKind::Different => "it has another content".to_owned(),
        FaultKind::Invalid(reason) => reason.clone(),
        FaultKind::Unfinished => "it is a commit that no checkpoint contains yet; a server finishes it".to_owned(),
        FaultKind::NotErased => "it was taken down, and still exists".to_owned(),
        FaultKind::Unexpected => "it belongs to nothing in the log".to_owned(),
        _ => "it is not as it must be".to_owned(),
    }
}
