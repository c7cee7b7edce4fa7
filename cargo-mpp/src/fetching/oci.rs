//! Packages that are fetched from an OCI registry.

use mpp_registry::client::{ClientError, LockedPackage, PackageSpec, RegistryEntry, Version};
use mpp_registry::oci;

use super::{Fetched, Fetching};
use crate::error::Error;
use crate::oci::Oci;
use crate::packages::{self, PackageFile};

impl Fetching<'_> {
    /// Opens an OCI registry.
    ///
    /// # Errors
    /// Returns an error if the address or the credentials cannot be used.
    pub(crate) fn open_oci(&self, entry: &RegistryEntry) -> Result<Oci<'_>, Error> {
        Oci::open(&self.registries, self.ui, entry)
    }

    /// Fetches the newest version that satisfies the requirement.
    pub(super) fn newest_in_oci(&self, entry: &RegistryEntry, spec: &PackageSpec) -> Result<Fetched, Error> {
        let registry = self.open_oci(entry)?;
        let (version, artifact) = registry.newest(spec)?;
        let package = self.open_artifact(&artifact)?;
        artifact.check(&package, &spec.package_id, &version)?;
        // The tag leaves out the build metadata.
        let version = Version::parse(&package.manifest().version).unwrap_or(version);
        let locked = LockedPackage::in_oci(
            spec.package_id.clone(),
            version,
            spec.requirement.to_string(),
            registry.place(),
            artifact.manifest_digest,
            *package.content_hash(),
            (artifact.archive_hash, artifact.bytes.len() as u64),
            *package.publisher_key(),
        );
        self.finish(locked, package, &artifact)
    }

    /// Fetches a pinned version.
    pub(super) fn pinned_in_oci(&self, entry: &RegistryEntry, locked: &LockedPackage) -> Result<Fetched, Error> {
        let artifact = self.open_oci(entry)?.pinned(locked)?;
        let package = self.open_artifact(&artifact)?;
        artifact.check(&package, &locked.package_id, &locked.version)?;
        let is_same = locked.archive_hash == artifact.archive_hash
            && locked.content_hash == *package.content_hash()
            && locked.publisher_key == *package.publisher_key();
        if !is_same {
            return Err(ClientError::OtherPackage { what: "content" }.into());
        }
        self.finish(locked.clone(), package, &artifact)
    }

    /// Verifies a package before anything of it is stored.
    fn open_artifact(&self, artifact: &oci::Fetched) -> Result<mpp_host::VerifiedPackage, Error> {
        let bytes = PackageFile::Bytes(artifact.bytes.to_vec().into());
        let path = self.packages.path(&artifact.archive_hash);
        Ok(packages::verify(&packages::gatekeeper(), &path, bytes)?)
    }

    fn finish(
        &self,
        locked: LockedPackage,
        package: mpp_host::VerifiedPackage,
        artifact: &oci::Fetched,
    ) -> Result<Fetched, Error> {
        // It is stored before anybody is asked, because the commands that a refusal names look at it.
        self.packages.put(&artifact.archive_hash, &artifact.bytes)?;
        let path = self.packages.path(&artifact.archive_hash);
        self.admit(&locked, &package)?;
        Ok(Fetched { locked, package, path })
    }
}
