//! `mpp verify PKG`: the seven steps, whose package it is, and what that does not establish.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::Gatekeeper;
use mpp_host::package::{Limits, UnverifiedPackage};

use crate::cli::VerifyArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::reports::package::{VerifiedIdentity, VerifyResult};
use crate::session::Session;
use crate::ui::Ui;
use crate::{keystore, packages, trusting};

/// Checks, prints, and lets the options decide.
pub(crate) fn run(session: &Session, ui: &Ui, args: &VerifyArgs) -> Result<Exit, Error> {
    let path = session.resolve(&args.package);
    let expected = args.publisher_key.as_ref().map(|file| keystore::read_public(&session.resolve(file))).transpose()?;
    let gate = Gatekeeper::new(Limits::default(), std::sync::Arc::new(SystemClock::new()));
    let verification = gate.verify(UnverifiedPackage::new(packages::read(&path)?));
    let mut result = VerifyResult {
        path: session.shown(&path),
        verified: verification.report.passed,
        package: None,
        trust: None,
        report: verification.report,
    };
    let package = match verification.outcome {
        Ok(package) => package,
        Err(refusal) => {
            let error = Error::Refused { path, refusal: Box::new(refusal) };
            return ui.show_failed(&result, &error);
        }
    };
    let mut store = trusting::store(session)?;
    if let Some(key) = expected {
        // Whoever names the key knows the publisher.
        store.add_own(key);
    }
    let trust = store.decide(&package);
    result.package = Some(VerifiedIdentity::of(&package));
    result.trust = Some(trust);
    let failure = match expected {
        Some(key) if key != *package.publisher_key() => {
            Some(Error::OtherPublisher { path, signed_by: package.key_id().clone() })
        }
        _ if args.require_trust => store.admit(&package).err().map(|source| Error::untrusted(session, &path, source)),
        _ => None,
    };
    match failure {
        Some(error) => ui.show_failed(&result, &error),
        None => ui.show(&result).map(|()| Exit::Done),
    }
}
