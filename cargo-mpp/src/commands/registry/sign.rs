//! `mpp registry sign-description`: signs the description of a registry with its root key, where that is kept.

use mpp_home::files::{self, Access};
use mpp_registry::note::{Algorithm, VerifierKey};
use mpp_registry::server::SigningRequest;

use crate::cli::RegistrySignArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::publishing;
use crate::reports::registry::{LogKeyReplaced, Replacement};
use crate::session::Session;
use crate::ui::Ui;

/// The largest description.
const LARGEST: u64 = 1024 * 1024;

/// Signs a request. No network and no store is needed.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistrySignArgs) -> Result<Exit, Error> {
    let text = files::read_text("the description", &session.resolve(&args.request), LARGEST)?;
    let request = SigningRequest::parse(text.as_bytes())?;
    let root = publishing::signing_key(session, ui, Some(&args.root_key))?;
    let signed = request.sign(&root)?;
    let output = session.resolve(&args.output);
    files::write(&output, signed.bytes(), Access::Shared)?;
    let description = request.description();
    let name = description.registry.as_str();
    ui.show(&LogKeyReplaced {
        step: Replacement::Signed,
        origin: name.to_owned(),
        version: description.version,
        log_key: VerifierKey::new(name, Algorithm::Ed25519, description.log_key)?.to_string(),
        from_size: description.from_size,
        from_root: description.from_root.to_string(),
        path: Some(session.shown(&output)),
    })?;
    Ok(Exit::Done)
}
