//! Signs and countersigns packages, and removes signatures.

use super::dsse::{Envelope, EnvelopeError, IN_TOTO};
use super::statement::{EntryDigest, Predicate, Statement, Toolchain};
use crate::codes::{self, Code, Coded};
use crate::gatekeeper::{Refusal, VerifiedPackage, open_for_signing};
use crate::keys::{KeyId, KeyRole, SigningKey};
use crate::package::json::JsonFault;
use crate::package::{PackageBytes, UnsignedPackage, UnverifiedPackage, WriteError, hex, sha256};

/// The error returned when a package cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The manifest names the key of another publisher.
    #[error("the manifest names the key `{named}`, but the package would be signed by `{signing}`")]
    OtherPublisher {
        /// The `publisher.verified_key_id` in the manifest.
        named: String,
        /// Id of the signing key.
        signing: KeyId,
    },
    /// The signed package could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The envelope could not be read, written or changed.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
}

impl Coded for SignError {
    fn code(&self) -> &'static Code {
        match self {
            Self::OtherPublisher { .. } => &codes::K101,
            Self::Write(error) => error.code(),
            Self::Envelope(EnvelopeError::RepeatedKeyId(_)) => &codes::K102,
            Self::Envelope(_) => &codes::G502,
        }
    }
}

/// Signs a package.
///
/// The manifest's `publisher.verified_key_id` is set to the id of `key` if it is absent or the id of a development key.
///
/// # Errors
/// Returns [`SignError::OtherPublisher`] if the manifest names the key of another publisher, or [`SignError::Write`] if the
/// signed package cannot be written.
pub fn sign(package: UnsignedPackage, key: &SigningKey, toolchain: &Toolchain) -> Result<PackageBytes, SignError> {
    let package = name_key(package, key)?;
    let manifest = package.manifest();
    let stored = |entry: &crate::package::writer::StoredEntry| EntryDigest {
        name: entry.name.clone(),
        stored_size: entry.data.len() as u64,
        sha256: hex(sha256(&entry.data)),
    };
    let predicate = Predicate {
        package_id: manifest.package_id.clone(),
        version: manifest.version.clone(),
        content_hash: *package.content_hash(),
        entries: package.entries().iter().map(stored).collect(),
        public_key: key.public(),
        toolchain: toolchain.clone(),
    };
    let subjects = package.entries().iter().map(|entry| (entry.name.clone(), entry.digest));
    let statement = Statement::new(predicate, subjects);
    let payload = serde_json::to_vec(&statement).map_err(|error| EnvelopeError::Json(JsonFault::Syntax(error)))?;
    let envelope = Envelope::sign(IN_TOTO, &payload, key);
    Ok(package.with_signature(envelope.to_json())?.into())
}

fn name_key(package: UnsignedPackage, key: &SigningKey) -> Result<UnsignedPackage, SignError> {
    let signing = key.id();
    let named = package.manifest().publisher.verified_key_id.clone();
    match named.as_deref() {
        Some(named) if named == signing.as_str() => return Ok(package),
        Some(named) if !named.starts_with(KeyRole::Development.prefix()) => {
            return Err(SignError::OtherPublisher { named: named.to_owned(), signing });
        }
        _ => {}
    }
    let mut manifest = package.manifest().clone();
    manifest.publisher.verified_key_id = Some(signing.to_string());
    Ok(package.with_manifest(manifest)?)
}

/// Opens a package to sign it again: checks it, removes its signature, and returns it with the toolchain that the signature
/// stated. A signature must be valid if there is one.
///
/// # Errors
/// Returns a [`Refusal`] if the package does not pass the Gatekeeper's checks. An absent signature is not an error.
pub fn unsign(package: &UnverifiedPackage) -> Result<(UnsignedPackage, Option<Toolchain>), Refusal> {
    open_for_signing(package)
}

/// Adds a signature, for example a registry's, to a verified package. The content hash does not change.
///
/// # Errors
/// Returns [`SignError::Envelope`] if the package already has a signature of this key or has no `signature.json`, or
/// [`SignError::Write`] if the package cannot be written.
pub fn countersign(package: &VerifiedPackage, key: &SigningKey) -> Result<PackageBytes, SignError> {
    let bytes = package.bytes();
    let absent = || EnvelopeError::Shape("the package has no `signature.json`".into());
    let listing = crate::package::archive::Listing::read(bytes).map_err(WriteError::from)?;
    let signature = listing.signature(bytes).ok_or_else(absent)?;
    let mut envelope = Envelope::parse(signature)?;
    envelope.countersign(key)?;
    Ok(crate::package::writer::replace_signature(bytes, &listing, envelope.to_json())?.into())
}
