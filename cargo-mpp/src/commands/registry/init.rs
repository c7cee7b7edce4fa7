//! `mpp registry init`: makes the keys of a new registry.

use mpp_registry::protocol::Origin;

use super::place;
use crate::cli::RegistryInitArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::registry::NewRegistry;
use crate::session::Session;
use crate::ui::Ui;
use crate::wording;

/// Makes the keys.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryInitArgs) -> Result<Exit, Error> {
    let origin = Origin::parse(&args.origin)?;
    let dir = session.resolve(&args.dir);
    let keys = place::keys(&dir);
    let made = keys.create(origin, args.url.clone())?;
    ui.show(&NewRegistry {
        origin: made.origin().to_string(),
        root_key: made.root_key(),
        root_key_path: session.shown(&keys.root_key_path()),
        path: session.shown(&dir),
    })?;
    ui.note(&format!(
        "move {} to a place that the server cannot reach, and keep a copy: it is needed to replace the key of the server",
        session.shown(&keys.root_key_path())
    ));
    ui.note(&format!("start the registry with `mpp registry serve --dir {}`", wording::word(&session.shown(&dir))));
    Ok(Exit::Done)
}
