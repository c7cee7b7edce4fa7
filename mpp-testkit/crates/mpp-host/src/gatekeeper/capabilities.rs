//! Step 7: the declared capabilities are well formed, and the module imports nothing that they do not cover.

use super::archive_safety::ArchiveSafety;
use super::content_hash::ContentHashMatch;
use super::manifest::{DescribedPackage, ManifestValid};
use super::path_traversal::PathTraversal;
use super::signature::SignatureValid;
use super::size_limits::SizeLimits;
use super::{KnownModules, Refusal, Step, VerifiedPackage, module};
use crate::codes;
use crate::foreign;
use crate::package::fault::Fault;
use crate::package::manifest::RuntimeKind;
use crate::package::{MANIFEST, UnverifiedPackage};

/// The proof of step 7.
#[derive(Debug)]
pub struct CapabilitiesValid(());

/// A package after step 7.
#[derive(Debug)]
pub struct CapablePackage {
    package: UnverifiedPackage,
    archive_safety: ArchiveSafety,
    size_limits: SizeLimits,
    path_traversal: PathTraversal,
    content_hash: ContentHashMatch,
    signature: SignatureValid,
    manifest: ManifestValid,
    capabilities: CapabilitiesValid,
}

impl CapablePackage {
    /// Returns the package, which has passed all seven steps.
    #[must_use]
    pub fn into_verified(self) -> VerifiedPackage {
        VerifiedPackage::new(
            self.package,
            self.archive_safety,
            self.size_limits,
            self.path_traversal,
            self.content_hash,
            self.signature,
            self.manifest,
            self.capabilities,
        )
    }
}

/// Checks hosts, paths and names, validates the module, and compares its imports with the declared capabilities.
///
/// The function bodies of a module that is `known` to be valid are not validated again.
///
/// # Errors
/// Returns a [`Refusal`] with a code `MPP-G7xx` if a capability or the module is not valid, or if the module imports
/// something that is not declared.
pub fn check(described: DescribedPackage, known: Option<&dyn KnownModules>) -> Result<CapablePackage, Refusal> {
    let DescribedPackage { package, archive_safety, size_limits, path_traversal, content_hash, signature, manifest } =
        described;
    let refuse = |fault| Refusal::new(Step::Capabilities, fault);
    manifest.manifest.check_capabilities().map_err(|error| {
        let message = format!("{} (at `{}`)", error.message, error.pointer);
        refuse(Fault::new(error.code, message).in_entry(MANIFEST).with_help(error.help))
    })?;
    let entrypoint = &manifest.manifest.runtime.entrypoint;
    let bytes = manifest.entries.iter().find(|(name, _)| name == entrypoint).map(|(_, bytes)| bytes.as_slice());
    let known = known.zip(signature.statement.sha256_of(entrypoint)).map(|(known, digest)| {
        let name = format!("{digest}-{}", module::rules(manifest.manifest.runtime.kind));
        (known, known.is_known(&name), name)
    });
    let is_known = known.as_ref().is_some_and(|(_, is_known, _)| *is_known);
    let bytes = bytes.unwrap_or_default();
    module::check(bytes, &manifest.manifest, is_known)
        .map_err(|fault| refuse(explained(fault, bytes, manifest.manifest.runtime.kind).in_entry(entrypoint)))?;
    if let Some((known, false, name)) = &known {
        known.remember(name);
    }
    Ok(CapablePackage {
        package,
        archive_safety,
        size_limits,
        path_traversal,
        content_hash,
        signature,
        manifest,
        capabilities: CapabilitiesValid(()),
    })
}

/// Adds what the module is, if it was compiled for another target.
fn explained(fault: Fault, module: &[u8], kind: RuntimeKind) -> Fault {
    let is_about_target = [&codes::G705, &codes::G707, &codes::G710].contains(&fault.code);
    match foreign::recognize(module, kind).filter(|_| is_about_target) {
        Some(target) => {
            let message = format!("{}; the file is {target}; expected {}", fault.message, target.expected());
            Fault { message, ..fault }.with_help(target.instead())
        }
        None => fault,
    }
}
