//! `mpp registry takedown`: erases a version, as an operator.

use mpp_registry::client::{Change, parse_exact};
use mpp_registry::protocol::files::Note;

use crate::cli::RegistryTakedownArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::registries::Registries;
use crate::reports::publishing::TakenDown;
use crate::session::Session;
use crate::ui::Ui;

/// Signs the takedown as an operator.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryTakedownArgs) -> Result<Exit, Error> {
    let (package_id, version) = parse_exact(&args.version)?;
    let registries = Registries::load(session)?;
    let registry = publishing::registry_of(&registries, &package_id, args.registry.registry.as_deref())?;
    let key = publishing::signing_key(session, ui, args.key.as_deref())?;
    let note = args.note.clone().map(Note::new).transpose()?;
    let reason = publishing::reason(args.reason);
    let change = Change::takedown(package_id.clone(), version.clone(), reason, note.as_ref())?;
    let leaf_index = publishing::send(&registries, ui, &registry, &change, &key)?;
    let name = format!("{package_id}@{version}");
    ui.show(&TakenDown {
        package_id: package_id.to_string(),
        version: version.to_string(),
        reason: reason.name().to_owned(),
        registry: registry.origin().to_string(),
        leaf_index,
    })?;
    if args.note.is_some() {
        ui.note(&format!(
            "everybody can read the explanation; `mpp registry takedown {name} --reason {}` without `--note` erases it",
            reason.name()
        ));
    }
    Ok(Exit::Done)
}
