//! `mpp verify PKG`: the seven steps, the trust in the publisher, and what neither establishes.

use std::sync::Arc;

use crate::building;
use crate::cli::VerifyArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::installed;
use crate::packages::{self, PackageError};
use crate::reports::package::{VerifiedIdentity, VerifyResult};
use crate::session::Session;
use crate::ui::Ui;

/// Verifies and prints; the options decide whether missing trust is a failure.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &VerifyArgs) -> Result<Exit, Error> {
    let path = building::file_at(session, ui, &args.select, &args.target)?;
    let expected =
        args.publisher_key.as_ref().map(|file| mpp_home::read_public_key(&session.resolve(file))).transpose()?;
    let gate = packages::gatekeeper();
    let verification = packages::read(&gate, &path)?.verify(&gate);
    let mut result = VerifyResult::of(session.shown(&path), verification.report);
    let package = match verification.outcome {
        Ok(package) => installed::adopt(session, &path, package)?,
        Err(refusal) => {
            return Ok(ui.show_failed(&result, &Error::from(PackageError::refused(&path, refusal)))?);
        }
    };
    let mut store = session.home().trust_store()?;
    if let Some(key) = expected {
        // A user who passes a public key trusts it for this command.
        store.add_own(key);
    }
    result.package = Some(VerifiedIdentity::of(&package));
    result.trust = Some(store.decide(&package));
    let failure = match expected {
        Some(key) if key != *package.signing_key() => {
            Some(PackageError::OtherPublisher { path, signed_by: package.signing_key_id().clone() })
        }
        _ if args.require_trust => {
            store.admit(&package).err().map(|source| PackageError::untrusted(session, &path, source))
        }
        _ => None,
    };
    match failure {
        Some(error) => Ok(ui.show_failed(&result, &Error::from(error))?),
        None => {
            ui.show(&result)?;
            Ok(Exit::Done)
        }
    }
}
