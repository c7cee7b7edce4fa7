//! Packages in OCI registries, for the commands that publish, find and install: `oci://HOST/NAMESPACE`.

use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::policy::{New, Wants};
use mpp_registry::client::{ClientError, LockedPackage, PackageSpec, RegistryEntry, Version, VersionReq};
use mpp_registry::oci::{Fetched, OciError, OciRegistry, OciSearch};
use mpp_registry::protocol::PackageId;

use crate::error::Error;
use crate::packages::{self, PackageFile};
use crate::registries::Registries;
use crate::ui::Ui;

/// An OCI registry that a command uses.
pub(crate) struct Oci<'a> {
    registries: &'a Registries<'a>,
    ui: &'a Ui,
    registry: OciRegistry,
}

/// What is known about a package before it is published.
pub(crate) struct Before {
    /// The highest version before it; absent for the first one.
    pub(crate) version: Option<Version>,
    /// What the package requests beyond that version.
    pub(crate) new: Vec<New>,
}

impl<'a> Oci<'a> {
    /// Opens the registry of an entry. Nothing is read yet.
    ///
    /// # Errors
    /// Returns an error if the address or the credentials cannot be used.
    pub(crate) fn open(registries: &'a Registries<'a>, ui: &'a Ui, entry: &RegistryEntry) -> Result<Self, Error> {
        Ok(Self { registries, ui, registry: registries.open_oci(entry)? })
    }

    /// Returns the address, `oci://HOST/NAMESPACE`.
    pub(crate) fn place(&self) -> String {
        self.registry.address().to_string()
    }

    /// Waits for an answer.
    fn run<T>(&self, doing: &str, what: &str, work: impl Future<Output = Result<T, OciError>>) -> Result<T, Error> {
        self.ui.progress(doing, what, false);
        let end = self.registries.run(work);
        self.ui.progress_done();
        Ok(end?)
    }

    /// Returns the versions of a package, the highest first; none if there is no such package.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be asked.
    pub(crate) fn versions(&self, id: &PackageId) -> Result<Vec<Version>, Error> {
        let found = async {
            match self.registry.versions(id).await {
                Err(OciError::NotFound { .. }) => Ok(Vec::new()),
                other => other,
            }
        };
        self.run("Asking", &self.place(), found)
    }

    /// Fetches the newest version that satisfies the requirement.
    ///
    /// # Errors
    /// Returns an error if there is none, or if the registry cannot be used.
    pub(crate) fn newest(&self, spec: &PackageSpec) -> Result<(Version, Fetched), Error> {
        let id = &spec.package_id;
        let versions = self.run("Asking", &self.place(), self.registry.versions(id))?;
        let version = choose(&versions, &spec.requirement).cloned().ok_or_else(|| ClientError::NoVersion {
            package_id: id.clone(),
            requirement: spec.requirement.to_string(),
            available: versions,
            yanked: None,
        })?;
        let fetched = self.fetch(id, &version)?;
        Ok((version, fetched))
    }

    fn fetch(&self, id: &PackageId, version: &Version) -> Result<Fetched, Error> {
        let progress = |done, total| self.ui.progress_bytes(done, total);
        self.run("Downloading", &format!("{id} {version}"), self.registry.fetch(id, version, &progress))
    }

    /// Fetches the version that a lock file pins, by the digest of its manifest.
    ///
    /// # Errors
    /// Returns an error if it is not there any more, or if the registry cannot be used.
    pub(crate) fn pinned(&self, locked: &LockedPackage) -> Result<Fetched, Error> {
        let (id, version) = (&locked.package_id, &locked.version);
        let Some(digest) = &locked.oci_manifest else { return self.fetch(id, version) };
        let progress = |done, total| self.ui.progress_bytes(done, total);
        self.run("Downloading", &format!("{id} {version}"), self.registry.fetch_locked(id, digest, &progress))
    }

    /// Compares a package with the version before it in the registry.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be used, or if that version does not pass.
    pub(crate) fn before(&self, package: &VerifiedPackage, id: &PackageId, version: &Version) -> Result<Before, Error> {
        let versions = self.versions(id)?;
        // What is there is only compared byte by byte.
        if versions.iter().any(|other| is_same(other, version)) {
            return Ok(Before { version: None, new: Vec::new() });
        }
        let lower = versions.iter().find(|other| *other < version).or(versions.last());
        let Some(lower) = lower else { return Ok(Before { version: None, new: Vec::new() }) };
        let fetched = self.fetch(id, lower)?;
        let earlier = self.verify(&fetched)?;
        fetched.check(&earlier, id, lower)?;
        let new = Wants::of(package.manifest()).beyond(Some(&Wants::of(earlier.manifest())));
        Ok(Before { version: Some(lower.clone()), new })
    }

    fn verify(&self, fetched: &Fetched) -> Result<VerifiedPackage, Error> {
        let bytes = PackageFile::Bytes(fetched.bytes.to_vec().into());
        Ok(packages::verify(&packages::gatekeeper(), std::path::Path::new(&fetched.reference), bytes)?)
    }

    /// Publishes a package. Returns its place, and whether it had been there before.
    ///
    /// # Errors
    /// Returns an error if the version is there with other bytes, or if the registry cannot be used.
    pub(crate) fn publish(&self, package: &VerifiedPackage) -> Result<(String, bool), Error> {
        let manifest = package.manifest();
        let what = format!("{} {}", manifest.package_id, manifest.version);
        let published = self.run("Uploading", &what, self.registry.publish(package))?;
        Ok((published.reference, published.existed))
    }

    /// Finds packages by their ids.
    ///
    /// # Errors
    /// Returns an error if the registry does not list its repositories, or cannot be used.
    pub(crate) fn search(&self, words: &str) -> Result<OciSearch, Error> {
        self.run("Searching", &self.place(), self.registry.search(words))
    }
}

/// Returns whether two versions differ in their build metadata at most, which tags leave out.
pub(crate) fn is_same(one: &Version, other: &Version) -> bool {
    one.cmp_precedence(other).is_eq()
}

/// Returns the newest version that satisfies the requirement. `versions` begin with the highest one.
pub(crate) fn choose<'v>(versions: &'v [Version], requirement: &VersionReq) -> Option<&'v Version> {
    versions.iter().find(|version| requirement.matches(version))
}
