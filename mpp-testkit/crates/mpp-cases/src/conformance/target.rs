//! A package whose answers on the wire are checked, and which is granted nothing.

use mpp_host::Host;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::host::{Grant, RunnablePackage};
use mpp_host::package::Manifest;
use mpp_host::policy::{ClearanceRequest, Policy, Unattended};
use mpp_host::sandbox::CallLimits;
use mpp_host::trust::TrustStore;
use tempfile::TempDir;

use super::{Requirement, check};
use crate::run::SubjectError;

/// A package whose answers on the wire are checked.
#[derive(Debug)]
pub struct Target {
    manifest: Manifest,
    package: RunnablePackage,
    /// Stands for every path that the package declares, and stays empty.
    _dir: TempDir,
}

impl Target {
    /// Loads a package of a publisher that `trust` knows.
    ///
    /// The program is given none of what its manifest declares: no file, no variable, no state and no network.
    ///
    /// # Errors
    /// Returns [`SubjectError`] if the publisher is not trusted, or the package cannot be loaded.
    pub fn load(host: &Host, package: VerifiedPackage, trust: &TrustStore) -> Result<Self, SubjectError> {
        let admission = trust.admit(&package)?;
        let clearance = host.clear(&ClearanceRequest::new(&package, &Policy::default(), trust, &Unattended))?.clearance;
        let manifest = package.manifest().clone();
        let dir = tempfile::tempdir().map_err(SubjectError::Directory)?;
        let mut grant = Grant::new(admission, clearance);
        for name in &manifest.capabilities.env_vars {
            grant = grant.env(name, "conformance");
        }
        let declared = &manifest.capabilities.filesystem;
        for guest in declared.read.iter().chain(&declared.write) {
            grant = grant.dir(guest, dir.path());
        }
        let package = host.load(package)?.grant(grant)?;
        Ok(Self { manifest, package, _dir: dir })
    }

    /// Checks every requirement, and passes each to `each` when it has been checked.
    #[must_use]
    pub fn check(&self, each: &mut dyn FnMut(&Requirement)) -> Vec<Requirement> {
        let limits = CallLimits::of(&self.manifest.runtime);
        check(&self.package, &self.manifest.tool_definitions, limits, each)
    }

    /// Returns the manifest of the package.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }
}
