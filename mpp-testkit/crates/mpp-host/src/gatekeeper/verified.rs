//! A verified package: what the seven steps leave.

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
use crate::keys::{KeyId, PublicKey};
use crate::package::{ContentHash, Manifest, UnverifiedPackage};
use crate::signature::{Countersignature, Predicate};

/// A package that passed all seven steps. The only package that can be loaded.
///
/// Cloning shares the bytes. Nobody but the Gatekeeper makes one:
///
/// ```compile_fail,E0624
/// let make = mpp_host::gatekeeper::VerifiedPackage::new;
/// ```
#[derive(Clone)]
pub struct VerifiedPackage(Arc<Inner>);

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
        Self(Arc::new(Inner { package, content_hash: hash.content_hash, signature, manifest }))
    }

    /// The manifest, parsed from the signed bytes.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest.manifest
    }

    /// The same, without a copy of it.
    #[cfg(feature = "sandbox")]
    pub(crate) fn shared_manifest(&self) -> Arc<Manifest> {
        Arc::clone(&self.0.manifest.manifest)
    }

    /// The bytes of `manifest.json`.
    #[must_use]
    pub fn manifest_bytes(&self) -> &[u8] {
        self.0.manifest.entries.first().map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
    }

    /// The hash over the stored bytes.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.0.content_hash
    }

    /// The key that signed it.
    #[must_use]
    pub fn publisher_key(&self) -> &PublicKey {
        &self.attestation().public_key
    }

    /// The short name of that key.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.0.signature.key_id
    }

    /// The wasm module or component at the entry point.
    #[must_use]
    pub fn module(&self) -> &[u8] {
        self.entry(&self.manifest().runtime.entrypoint).unwrap_or_default()
    }

    /// SHA-256 of [`Self::module`] in hexadecimal; step 6 held the module to it.
    #[must_use]
    pub fn module_digest(&self) -> &str {
        self.0.signature.statement.sha256_of(&self.manifest().runtime.entrypoint).unwrap_or_default()
    }

    /// What the module can ask for, by its imports.
    #[must_use]
    pub fn imports(&self) -> Imports {
        Imports::of(self.module())
    }

    /// The unpacked bytes of an entry.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        self.entries().find(|(entry, _)| *entry == name).map(|(_, bytes)| bytes)
    }

    /// Every entry but `signature.json`, unpacked, manifest first, then sorted by name.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.manifest.entries.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// What the publisher stated about the package.
    #[must_use]
    pub fn attestation(&self) -> &Predicate {
        &self.0.signature.statement.predicate
    }

    /// Further signatures, a registry's for example.
    #[must_use]
    pub fn countersignatures(&self) -> &[Countersignature] {
        &self.0.signature.countersignatures
    }

    /// The package's own bytes.
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
