//! Keys of the commands that change a registry: the private key that signs, and public keys that are named.

use std::path::Path;

use mpp_home::read_public_key;
use mpp_host::codes::{Code, Coded};
use mpp_host::keys::{KeyError, PublicKey, SigningKey};
use mpp_registry::client::{Change, ClientError, Registry};
use mpp_registry::protocol::{PackageId, TakedownReason};

use crate::building::NoPublisherKey;
use crate::cli::Reason;
use crate::error::{Error, Explain};
use crate::passphrase;
use crate::registries::Registries;
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when a text is neither a file nor a public key.
#[derive(Debug, thiserror::Error)]
#[error("`{text}` is neither a file nor a public key in Base64")]
pub(crate) struct NoPublicKey {
    text: String,
    source: KeyError,
}

impl Coded for NoPublicKey {
    fn code(&self) -> &'static Code {
        self.source.code()
    }
}

impl Explain for NoPublicKey {
    fn advice(&self) -> String {
        "name a `*.pub` file, or pass the key in Base64, as `mpp trust show KEY-ID -v` prints it".to_owned()
    }
}

/// Returns the private key in `file`, or else the publisher's key.
///
/// # Errors
/// Returns an error if there is none, or if it cannot be used.
pub(crate) fn signing_key(session: &Session, ui: &Ui, file: Option<&Path>) -> Result<SigningKey, Error> {
    let keys = session.home().keys();
    let path = file.map_or_else(|| keys.publisher_key(), |file| session.resolve(file));
    if file.is_none() && path.symlink_metadata().is_err() {
        return Err(NoPublisherKey.into());
    }
    keys.load(&path, |path| passphrase::of_key(session, ui, path))
}

/// Returns the public key that `text` names: a file, or the key in Base64.
///
/// # Errors
/// Returns an error if it is neither.
pub(crate) fn public_key(session: &Session, text: &str) -> Result<PublicKey, Error> {
    let path = session.resolve(Path::new(text));
    if path.is_file() {
        return Ok(read_public_key(&path)?);
    }
    Ok(PublicKey::from_base64(text).map_err(|source| NoPublicKey { text: text.to_owned(), source })?)
}

/// Returns the reason that an operator has named.
pub(crate) fn reason(named: Reason) -> TakedownReason {
    match named {
        Reason::Malware => TakedownReason::Malware,
        Reason::Legal => TakedownReason::Legal,
        Reason::PersonalData => TakedownReason::PersonalData,
        Reason::Policy => TakedownReason::Policy,
        Reason::PublisherRequest => TakedownReason::PublisherRequest,
    }
}

/// Returns the registry that a change of this package is for: the one that its id is bound to, the named one, or the default one.
///
/// # Errors
/// Returns an error if there is no such registry, or if it has no log.
pub(crate) fn registry_of(
    registries: &Registries<'_>,
    package_id: &PackageId,
    wanted: Option<&str>,
) -> Result<Registry, Error> {
    registries.open(registries.config().registry_of(package_id, wanted)?)
}

/// Signs a change, sends it, and proves that it is in the log. Returns the index of its leaf.
///
/// # Errors
/// Returns an error if the registry refuses the change, cannot be reached, or does not log the change.
pub(crate) fn send(
    registries: &Registries<'_>,
    ui: &Ui,
    registry: &Registry,
    change: &Change,
    key: &SigningKey,
) -> Result<u64, ClientError> {
    ui.progress("Asking", registry.url(), false);
    let end = registries.run(registry.change(change, key));
    ui.progress_done();
    Ok(end?.0)
}
