//! `mpp inspect PKG`: the contents and permissions of a package.

use std::sync::Arc;

use mpp_host::package::UnverifiedPackage;
use mpp_host::signature;

use crate::building;
use crate::cli::InspectArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::installed;
use crate::packages::{self, PackageError};
use crate::reports::package::Inspection;
use crate::session::Session;
use crate::ui::Ui;

/// Verifies and shows the package. If it does not pass, its claims are shown as far as they can be read, and the command fails.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &InspectArgs) -> Result<Exit, Error> {
    let path = building::file_at(session, ui, &args.select, &args.target)?;
    let bytes = packages::read_bytes(&path)?;
    let length = bytes.as_slice().len() as u64;
    match packages::gatekeeper().verify(UnverifiedPackage::new(bytes.clone())).outcome {
        Ok(package) => {
            let package = installed::adopt(session, &path, package)?;
            let trust = session.home().trust_store()?.decide(&package);
            ui.show(&Inspection::of_verified(session.shown(&path), length, &package, trust))?;
            Ok(Exit::Done)
        }
        Err(refusal) => {
            let error = Error::from(PackageError::refused(&path, refusal));
            let Ok((unsigned, toolchain)) = signature::unsign(&UnverifiedPackage::new(bytes)) else {
                return Err(error);
            };
            let (manifest, content_hash) = (unsigned.manifest().clone(), *unsigned.content_hash());
            let mut claimed = Inspection::of_claims(session.shown(&path), length, manifest, content_hash);
            claimed.toolchain = toolchain;
            Ok(ui.show_failed(&claimed, &error)?)
        }
    }
}
