//! `mpp verify PKG`: the seven steps, whose package it is, and what that does not establish.

use mpp_host::clock::SystemClock;
use mpp_host::gatekeeper::{Gatekeeper, Report, VerifiedPackage};
use mpp_host::keys::KeyId;
use mpp_host::package::{ContentHash, Limits, UnverifiedPackage};
use mpp_host::trust::Trust;
use serde::Serialize;

use crate::cli::VerifyArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::session::Session;
use crate::ui::Ui;
use crate::{keystore, packages, trusting};

/// What was checked and found.
#[derive(Debug, Serialize)]
pub(crate) struct VerifyResult {
    /// The file.
    pub(crate) path: String,
    /// Whether all seven steps passed.
    pub(crate) verified: bool,
    /// Whose package it is; absent where it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package: Option<VerifiedIdentity>,
    /// Whether its publisher may run packages here; absent where it did not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust: Option<Trust>,
    /// Every step.
    pub(crate) report: Report,
}

/// What a verified package is.
#[derive(Debug, Serialize)]
pub(crate) struct VerifiedIdentity {
    /// Its identity.
    pub(crate) package_id: String,
    /// Its version.
    pub(crate) version: String,
    /// The publisher's name, as the publisher gives it.
    pub(crate) publisher: String,
    /// The key that signed it.
    pub(crate) key_id: KeyId,
    /// What was signed.
    pub(crate) content_hash: ContentHash,
}

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

impl VerifiedIdentity {
    fn of(package: &VerifiedPackage) -> Self {
        let manifest = package.manifest();
        Self {
            package_id: manifest.package_id.clone(),
            version: manifest.version.clone(),
            publisher: manifest.publisher.name.clone(),
            key_id: package.key_id().clone(),
            content_hash: *package.content_hash(),
        }
    }
}
