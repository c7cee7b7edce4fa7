//! From a package id to an installed package: choose, prove, download, verify, decide, record.

#[cfg(feature = "oci")]
mod oci;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use mpp_home::files::{self, Access};
use mpp_host::clock::rfc3339;
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_host::keys::KeyRole;
use mpp_host::package::PackageBytes;
use mpp_host::trust::TrustedPublisher;
use mpp_registry::client::{
    ClientError, LockFile, LockedPackage, PackageDir, PackageSpec, ProvenVersion, Registry, RegistryEntry,
    RevocationList, Version, VersionReq, View, choose,
};
use mpp_registry::protocol::files::IndexFile;
use mpp_registry::protocol::{PackageId, Timestamp};

use crate::approving::Subject;
use crate::error::Error;
use crate::packages::PackageFile;
use crate::registries::Registries;
use crate::reports::installs::Installed;
use crate::session::Session;
use crate::ui::Ui;
use crate::{admitting, hosting, installed, packages, waiting};

/// The most rotations that are followed from one key to the next.
const MOST_ROTATIONS: usize = 8;

/// A registry that has been asked, and what it said.
pub(crate) struct Asked {
    pub(crate) registry: Registry,
    pub(crate) view: View,
    pub(crate) revocations: RevocationList,
}

/// A package that was verified and may be installed.
pub(crate) struct Fetched {
    locked: LockedPackage,
    package: VerifiedPackage,
    path: PathBuf,
}

impl Fetched {
    /// Returns the version.
    pub(crate) fn version(&self) -> &Version {
        &self.locked.version
    }

    /// Returns the requirement for which it was chosen.
    pub(crate) fn requirement(&self) -> &str {
        &self.locked.requirement
    }
}

/// Fetches packages for one command.
pub(crate) struct Fetching<'a> {
    session: &'a Session,
    ui: &'a Arc<Ui>,
    registries: Registries<'a>,
    packages: PackageDir,
    asked: Vec<Asked>,
    /// Approve without a question.
    yes: bool,
}

impl<'a> Fetching<'a> {
    /// Reads the configuration; no registry is asked yet.
    ///
    /// # Errors
    /// Returns an error if the configuration cannot be read or is not valid.
    pub(crate) fn new(session: &'a Session, ui: &'a Arc<Ui>, yes: bool) -> Result<Self, Error> {
        let (registries, packages) = (Registries::load(session)?, installed::packages(session));
        Ok(Self { session, ui, registries, packages, asked: Vec::new(), yes })
    }

    /// Returns the registries.
    pub(crate) fn registries(&self) -> &Registries<'a> {
        &self.registries
    }

    /// Asks a registry for its checkpoint and its list of revocations, which must be valid; once for each registry.
    ///
    /// # Errors
    /// Returns an error if the registry cannot be reached, contradicts itself, or has no valid list.
    pub(crate) fn ask(&mut self, entry: &RegistryEntry) -> Result<usize, Error> {
        let known = self.asked.iter().position(|asked| Some(asked.registry.root_key()) == entry.root_key.as_ref());
        if let Some(known) = known {
            return Ok(known);
        }
        let registry = self.registries.open(entry)?;
        self.ui.progress("Asking", registry.url(), false);
        let asked = async {
            let mut view = registry.refresh().await?;
            let revocations = registry.revocations(&mut view).await?;
            revocations.require_valid(Timestamp::from(SystemTime::now()))?;
            Ok::<_, ClientError>((view, revocations))
        };
        let (view, revocations) = self.registries.run(asked)?;
        self.asked.push(Asked { registry, view, revocations });
        Ok(self.asked.len() - 1)
    }

    /// Returns a registry that has been asked.
    pub(crate) fn asked(&self, at: usize) -> &Asked {
        &self.asked[at]
    }

    /// Returns the index of a package. It is not older than the version that is installed here, or that `pinned` names.
    ///
    /// # Errors
    /// Returns an error if the registry does not have the package, serves an older index, or cannot be asked.
    pub(crate) fn index(
        &mut self,
        at: usize,
        package_id: &PackageId,
        pinned: Option<&LockedPackage>,
    ) -> Result<IndexFile, Error> {
        let Asked { registry, view, .. } = &mut self.asked[at];
        let installed = installed::read(self.session)?;
        let known = [installed.find(package_id), pinned].into_iter().flatten();
        let leaves = known.filter(|known| known.registry.as_ref() == Some(registry.root_key()));
        let newest = leaves.filter_map(|known| known.leaf_index).max();
        Ok(self.registries.run(registry.index_since(view, package_id, newest))?)
    }

    /// Fetches the newest version that satisfies the requirement.
    ///
    /// # Errors
    /// Returns an error if there is none, if a proof or a check fails, or if the package is not approved.
    pub(crate) fn newest(&mut self, spec: &PackageSpec, wanted: Option<&str>) -> Result<Fetched, Error> {
        let entry = self.registries.config().registry_of(&spec.package_id, wanted)?.clone();
        #[cfg(feature = "oci")]
        if entry.oci.is_some() {
            return self.newest_in_oci(&entry, spec);
        }
        let at = self.ask(&entry)?;
        let index = self.index(at, &spec.package_id, None)?;
        let asked = &self.asked[at];
        let record = choose(&index, &spec.requirement, Some(&asked.revocations))?;
        let version = self.registries.run(asked.registry.prove(&asked.view, &index, record))?;
        self.fetch(at, &version, &spec.requirement)
    }

    /// Fetches a pinned version. The index of the package is not needed; a yanked version is installed.
    ///
    /// # Errors
    /// Returns an error if a proof or a check fails, or if the package is not approved.
    pub(crate) fn pinned(&mut self, locked: &LockedPackage) -> Result<Fetched, Error> {
        let entry = self.entry_of(locked)?;
        #[cfg(feature = "oci")]
        if entry.oci.is_some() {
            return self.pinned_in_oci(&entry, locked);
        }
        let at = self.ask(&entry)?;
        let asked = &self.asked[at];
        let version = self.registries.run(asked.registry.prove_locked(&asked.view, locked))?;
        let requirement = VersionReq::parse(&locked.requirement).unwrap_or(VersionReq::STAR);
        self.fetch(at, &version, &requirement)
    }

    /// Takes a pinned version from this machine, without asking its registry.
    ///
    /// # Errors
    /// Returns an error if the package is not on this machine, was revoked as far as is known, or is not approved.
    pub(crate) fn pinned_offline(&mut self, locked: &LockedPackage) -> Result<Fetched, Error> {
        let bytes = self.packages.read(&locked.archive_hash)?.ok_or(ClientError::Offline { what: "the package" })?;
        if locked.registry.is_some() {
            let registry = self.registries.open(&self.entry_of(locked)?)?;
            let list = match registry.remembered()? {
                Some(view) => registry.remembered_revocations(&view)?,
                None => None,
            };
            match list {
                Some(list) => {
                    list.check_locked(locked)?;
                    if list.require_valid(Timestamp::from(SystemTime::now())).is_err() {
                        self.warn(locked, "has expired");
                    }
                }
                None => self.warn(locked, "was never seen"),
            }
        }
        let (path, package) = self.verify(&locked.archive_hash, bytes)?;
        let is_same = locked.content_hash == *package.content_hash()
            && locked.publisher_key == *package.signing_key()
            && package.manifest().package_id == locked.package_id.as_str()
            && package.manifest().version == locked.version.to_string();
        if !is_same {
            return Err(ClientError::OtherPackage { what: "content" }.into());
        }
        let package = installed::for_owner(package, locked);
        self.admit(locked, &package)?;
        Ok(Fetched { locked: locked.clone(), package, path })
    }

    fn warn(&self, locked: &LockedPackage, what: &str) {
        self.ui.note(&format!(
            "the list of revocations of the registry of {} {what}, so nobody can know whether it was revoked",
            locked.package_id
        ));
    }

    fn entry_of(&self, locked: &LockedPackage) -> Result<RegistryEntry, Error> {
        let config = self.registries.config();
        // A bound prefix counts for lock files, too.
        let bound = config.registry_of(&locked.package_id, None).ok();
        let known = match &locked.registry {
            Some(key) => config.with_root(key),
            None => locked.oci.as_deref().and_then(|place| config.find(place)),
        };
        match known {
            Some(entry) => {
                let binds = bound.is_some_and(|bound| bound.name != entry.name && !bound.prefixes.is_empty());
                let wanted = if binds { Some(entry.name.as_str()) } else { None };
                Ok(match wanted {
                    Some(wanted) => config.registry_of(&locked.package_id, Some(wanted))?.clone(),
                    None => entry.clone(),
                })
            }
            None => Ok(config.named(Some(locked.registry_name().unwrap_or_default()))?.clone()),
        }
    }

    /// Downloads a version, and decides about it.
    fn fetch(&self, at: usize, version: &ProvenVersion, requirement: &VersionReq) -> Result<Fetched, Error> {
        let asked = &self.asked[at];
        let name = (&version.package_id, &version.version);
        let owner = version.delegation.as_ref().map(|delegation| &delegation.owner);
        asked.revocations.check(name, version.leaf_index, &version.key, owner)?;
        self.ui.progress("Downloading", &format!("{} {}", name.0, name.1), false);
        let progress = |done, total| self.ui.progress_bytes(done, total);
        let bytes = self.registries.run(asked.registry.package(version, &self.packages, Some(&progress)))?;
        let (path, package) = self.verify(&version.archive_hash, bytes)?;
        let locked = version.lock(&asked.registry, &package, requirement)?;
        let package = installed::for_owner(package, &locked);
        self.follow_rotations(asked, &package)?;
        self.admit(&locked, &package)?;
        Ok(Fetched { locked, package, path })
    }

    fn verify(
        &self,
        hash: &mpp_registry::protocol::Digest,
        bytes: Vec<u8>,
    ) -> Result<(PathBuf, VerifiedPackage), Error> {
        let path = self.packages.path(hash);
        let bytes = PackageFile::Bytes(PackageBytes::from(bytes));
        let package = packages::verify(&packages::gatekeeper(), &path, bytes)?;
        Ok((path, package))
    }

    fn admit(&self, locked: &LockedPackage, package: &VerifiedPackage) -> Result<(), Error> {
        self.ui.progress_done();
        let subject = Subject {
            place: format!("{} {} from {}", locked.package_id, locked.version, registry_of(locked)),
            name: waiting::name(locked),
            installs: true,
        };
        let admitted = admitting::admit(self.session, self.ui, package, &subject, self.yes);
        if admitted.is_err() {
            waiting::add(self.session, locked)?;
        }
        admitted
    }

    /// Trusts the publisher's new key if the registry's log proves that a trusted key was replaced by it. What belongs to the old key
    /// belongs to the new one from then on.
    fn follow_rotations(&self, asked: &Asked, package: &VerifiedPackage) -> Result<(), Error> {
        let home = self.session.home();
        let (id, new) = (&package.manifest().package_id, *package.publisher_key());
        let trusted = home.publishers().list()?;
        let covers = |publisher: &&TrustedPublisher| publisher.covers(id);
        if trusted.iter().filter(covers).any(|publisher| publisher.key == new) || home.keys().own()?.contains(&new) {
            return Ok(());
        }
        for publisher in trusted.iter().filter(covers) {
            let mut key = publisher.key;
            for _ in 0..MOST_ROTATIONS {
                let next = asked.registry.successor(&asked.view, &key, &asked.revocations);
                match self.registries.run(next)? {
                    Some(next) => key = next,
                    None => break,
                }
                if key == new {
                    let mut successor = publisher.clone();
                    (successor.key, successor.role) = (key, KeyRole::Publisher);
                    successor.added = rfc3339(SystemTime::now());
                    home.publishers().add(successor)?;
                    home.follow_rotation(&publisher.key, &key, SystemTime::now())?;
                    let (old, new) = (publisher.key_id(), key.id(KeyRole::Publisher));
                    self.ui.note(&format!(
                        "{} replaced their key {old} by {new}, as the log of {} proves; the new one is trusted as the old one was",
                        publisher.name,
                        asked.registry.origin()
                    ));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Records a package as installed, and pins it in another lock file if there is one. Its module is compiled now, so that the
    /// first call of a large one does not wait for it.
    ///
    /// # Errors
    /// Returns an error if a file cannot be written, or the module cannot be compiled.
    pub(crate) fn install(&self, fetched: Fetched, pinned: Option<&mut LockFile>) -> Result<Installed, Error> {
        let Fetched { locked, package, path } = fetched;
        hosting::host(self.session, self.ui)?.load(package.clone())?;
        if let Some(file) = pinned {
            file.put(locked.clone());
        }
        let before = installed::change(self.session, |file| file.put(locked.clone()))?;
        waiting::remove(self.session, &locked)?;
        let still_used = |hash| {
            installed::read(self.session).is_ok_and(|file| file.packages.iter().any(|one| one.archive_hash == hash))
        };
        if let Some(before) = before.as_ref().filter(|before| before.archive_hash != locked.archive_hash)
            && !still_used(before.archive_hash)
        {
            self.packages.remove(&before.archive_hash)?;
        }
        Ok(Installed {
            package_id: locked.package_id.to_string(),
            version: locked.version.to_string(),
            previous_version: before
                .map(|before| before.version.to_string())
                .filter(|before| *before != locked.version.to_string()),
            publisher: package.manifest().publisher.name.clone(),
            key_id: package.key_id().clone(),
            delegate_key_id: locked.delegation.as_ref().map(|_| package.signing_key_id().clone()),
            registry: registry_of(&locked),
            leaf_index: locked.leaf_index,
            content_hash: locked.content_hash,
            archive_hash: locked.archive_hash.to_string(),
            path: self.session.shown(&path),
        })
    }
}

/// Returns the origin of the registry from which a package is, or its place in an OCI registry.
fn registry_of(locked: &LockedPackage) -> String {
    let oci = || locked.oci.clone().unwrap_or_default();
    locked.registry.as_ref().map_or_else(oci, |key| key.name().to_owned())
}

/// Writes a lock file that the user named.
///
/// # Errors
/// Returns an error if the file cannot be written.
pub(crate) fn write_lock(path: &Path, file: &LockFile) -> Result<(), Error> {
    Ok(files::write(path, file.to_text().as_bytes(), Access::Shared)?)
}
