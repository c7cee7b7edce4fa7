//! `mpp inspect PKG`: what is in a package and what it may do.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, UnverifiedPackage};
use mpp_host::signature;

use crate::cli::InspectArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::package::Inspection;
use crate::session::Session;
use crate::ui::Ui;
use crate::{packages, trusting};

/// Verifies and shows; a package that does not pass is shown as far as it can be read, and fails.
pub(crate) fn run(session: &Session, ui: &Ui, args: &InspectArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.package);
    let bytes = packages::read(&path)?;
    let gate = Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new()));
    let length = bytes.as_slice().len() as u64;
    match gate.verify(UnverifiedPackage::new(bytes.clone())).outcome {
        Ok(package) => {
            let trust = trusting::store(session)?.decide(&package);
            ui.show(&Inspection::of_verified(session.shown(&path), length, &package, trust))?;
            Ok(Exit::Done)
        }
        Err(refusal) => {
            let error = Error::Refused { path: path.clone(), refusal: Box::new(refusal) };
            let Ok((unsigned, toolchain)) = signature::unsign(&UnverifiedPackage::new(bytes)) else {
                return Err(error);
            };
            let mut claimed = Inspection::of_claims(
                session.shown(&path),
                length,
                unsigned.manifest().clone(),
                *unsigned.content_hash(),
            );
            claimed.toolchain = toolchain;
            ui.show_failed(&claimed, &error)
        }
    }
}
