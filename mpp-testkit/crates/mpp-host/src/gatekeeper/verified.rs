//! The verified package, which is the result of the seven steps.

use std::fmt;
use std::sync::Arc;

use super::archive_safety::ArchiveSafety;
use super::capabilities::CapabilitiesValid;
use super::content_hash::ContentHashMatch;
use super::manifest::ManifestValid;
use super::module::Imports;
use super::path_traversal::PathTraversal;
use super::signature::SignatureValid;
use super::size_limits::SizeLimits;
use crate::keys::{KeyId, KeyRole, PublicKey};
use crate::package::{ContentHash, Manifest, UnverifiedPackage};
use crate::signature::{Countersignature, Predicate};

/// A package that has passed all seven steps. Only a verified package can be loaded.
///
/// Cloning shares the bytes. Only the Gatekeeper can create a value:
///
/// ```compile_fail,E0624
/// let make = mpp_host::gatekeeper::VerifiedPackage::new;
/// ```
#[derive(Clone)]
pub struct VerifiedPackage(Arc<Inner>, Option<Owner>);

/// The owner for whom a delegate signed a package.
#[derive(Clone)]
struct Owner {
    key: PublicKey,
    id: KeyId,
}

struct Inner {
    package: UnverifiedPackage,
    content_hash: ContentHash,
    signature: SignatureValid,
    manifest: ManifestValid,
}

impl VerifiedPackage {
    #[expect(clippy::too_many_arguments, reason = "one proof of each of the seven steps")]
    pub(super) fn new(
        package: UnverifiedPackage,
        _: ArchiveSafety,
        _: SizeLimits,
        _: PathTraversal,
        hash: ContentHashMatch,
        signature: SignatureValid,
        manifest: ManifestValid,
        _: CapabilitiesValid,
    ) -> Self {
        Self(Arc::new(Inner { package, content_hash: hash.content_hash, signature, manifest }), None)
    }

    /// Returns the manifest, which was parsed from the signed bytes.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest.manifest
    }

    /// Returns the manifest as a shared reference, without copying it.
    #[cfg(feature = "sandbox")]
    pub(crate) fn shared_manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.0.manifest.manifest)
    }

    /// Returns the bytes of `manifest.json`.
    #[must_use]
    pub fn manifest_bytes(&self) -> &[u8] {
        self.0.manifest.entries.first().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
    }

    /// Returns the hash of the stored bytes.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.0.content_hash
    }

    /// Returns the package as one of `owner`, who permitted the signing key to publish it. Trust, approvals and state are then those
    /// of the owner.
    ///
    /// The caller has verified that permission: the host knows nothing about it.
    #[must_use]
    pub fn published_for(mut self, owner: PublicKey) -> Self {
        self.1 = Some(Owner { key: owner, id: owner.id(KeyRole::Publisher) });
        self
    }

    /// Returns the key of the publisher: the key that signed the package, or the owner's for whom it was signed.
    #[must_use]
    pub fn publisher_key(&self) -> &PublicKey {
        self.1.as_ref().map_or_else(|| self.signing_key(), |owner| &owner.key)
    }

    /// Returns the id of [`Self::publisher_key`].
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        self.1.as_ref().map_or_else(|| self.signing_key_id(), |owner| &owner.id)
    }

    /// Returns the key that signed the package.
    #[must_use]
    pub fn signing_key(&self) -> &PublicKey {
        &self.attestation().public_key
    }

    /// Returns the id of the key that signed the package.
    #[must_use]
    pub fn signing_key_id(&self) -> &KeyId {
        &self.0.signature.key_id
    }

    /// Returns the bytes of the entry point, a WebAssembly module or component.
    #[must_use]
    pub fn module(&self) -> &[u8] {
        self.entry(&self.manifest().runtime.entrypoint).unwrap_or_default()
    }

    /// Returns the SHA-256 digest of [`Self::module`] in hexadecimal, which step 6 has verified.
    #[must_use]
    pub fn module_digest(&self) -> &str {
        self.0.signature.statement.sha256_of(&self.manifest().runtime.entrypoint).unwrap_or_default()
    }

    /// Returns the imports of the module that reach beyond its own memory.
    #[must_use]
    pub fn imports(&self) -> Imports {
        Imports::of(self.module())
    }

    /// Returns the unpacked bytes of the entry with this name, or `None` if there is no such entry.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        self.entries().find(|(entry, _)| *entry == name).map(|(_, bytes)| bytes)
    }

    /// Returns the names and unpacked bytes of all entries except `signature.json`: the manifest first, then by name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.manifest.entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Returns the publisher's signed statement about the package.
    #[must_use]
    pub fn attestation(&self) -> &Predicate {
        &self.0.signature.statement.predicate
    }

    /// Returns the signatures other than the publisher's, such as that of a registry.
    #[must_use]
    pub fn countersignatures(&self) -> &[Countersignature] {
        &self.0.signature.countersignatures
    }

    /// Returns the bytes of the `.mpp` file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.package.bytes()
    }
}

impl fmt::Debug for VerifiedPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let manifest = self.manifest();
        write!(f, "VerifiedPackage({} {} {})", manifest.package_id, manifest.version, self.content_hash())
    }
}
