//! The packages that were installed from registries, and whether they may still be used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use mpp_home::FileError;
use mpp_home::files::{self, Access};
use mpp_host::codes::{Code, Coded};
use mpp_host::gatekeeper::VerifiedPackage;
use mpp_registry::client::{
    Guarded, LockFile, LockedPackage, PackageDir, PackageSpec, RegistryEntry, Retry, VersionReq,
};

use crate::codes;
use crate::error::{Error, Explain};
use crate::registries::Registries;
use crate::session::Session;
use crate::ui::Ui;

/// How long a command that runs a package waits for a registry.
const PATIENCE: Duration = Duration::from_secs(5);

/// An error of an installed package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstalledError {
    /// There is no file of this name, and no installed package either.
    #[error("`{id}` is not installed")]
    Missing {
        /// The package id, with the requirement if there was one.
        id: String,
    },
    /// Another version is installed than the requirement asks for.
    #[error("`{id}` {version} is installed, which does not satisfy `{requirement}`")]
    OtherVersion {
        /// The package id.
        id: String,
        /// The installed version.
        version: String,
        /// The requirement.
        requirement: String,
    },
    /// The file of an installed package is missing or was changed.
    #[error("the file of the installed package `{id}` is missing or was changed")]
    Changed {
        /// The package id.
        id: String,
        /// The file.
        path: PathBuf,
    },
    /// The policy refuses packages whose revocation list has expired.
    #[error("the list of revocations of the registry of `{id}` {state}")]
    Stale {
        /// The package id.
        id: String,
        /// What is wrong with the list.
        state: String,
    },
}

impl Coded for InstalledError {
    fn code(&self) -> &'static Code {
        match self {
            Self::Missing { .. } | Self::OtherVersion { .. } => &codes::C041,
            Self::Changed { .. } => &codes::C042,
            Self::Stale { .. } => &mpp_registry::codes::N028,
        }
    }
}

impl Explain for InstalledError {
    fn place(&self) -> Option<String> {
        match self {
            Self::Changed { path, .. } => Some(path.display().to_string()),
            _ => None,
        }
    }

    fn advice(&self) -> String {
        match self {
            Self::Missing { id } => {
                format!("run `mpp install {id}` to install it; a file or directory of that name does not exist")
            }
            Self::OtherVersion { id, requirement, .. } => format!("run `mpp install '{id}@{requirement}'`"),
            Self::Changed { id, .. } => format!("run `mpp install {id}` to install it again"),
            Self::Stale { .. } => {
                "`refuse_stale` in `policy.toml` refuses it until the registry can be reached".to_owned()
            }
        }
    }
}

/// Returns the directory of packages.
pub(crate) fn packages(session: &Session) -> PackageDir {
    PackageDir::new(session.home().packages_dir())
}

/// Reads the list of installed packages.
///
/// # Errors
/// Returns an error if the file exists and cannot be read.
pub(crate) fn read(session: &Session) -> Result<LockFile, Error> {
    read_lock(&session.home().installed_file())
}

/// Returns the installed packages that came from a registry.
pub(crate) fn from<'a>(installed: &'a LockFile, entry: &'a RegistryEntry) -> impl Iterator<Item = &'a LockedPackage> {
    let is_from = |package: &&LockedPackage| match (&package.registry, &package.oci) {
        (Some(key), _) => entry.root_key.as_ref() == Some(key),
        (None, Some(place)) => entry.oci.as_deref().is_some_and(|oci| oci.trim_end_matches('/') == place),
        (None, None) => false,
    };
    installed.packages.iter().filter(is_from)
}

/// Reads a lock file; empty if there is none.
///
/// # Errors
/// Returns an error if the file exists and cannot be read.
pub(crate) fn read_lock(path: &Path) -> Result<LockFile, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(LockFile::parse(&text, path)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(LockFile::default()),
        Err(error) => Err(FileError::read("the lock file", path, error).into()),
    }
}

/// Changes the list of installed packages; no other process changes it meanwhile.
///
/// # Errors
/// Returns an error if the file cannot be read or written.
pub(crate) fn change<T>(session: &Session, change: impl FnOnce(&mut LockFile) -> T) -> Result<T, Error> {
    let path = session.home().installed_file();
    let dir = session.home().packages_dir();
    files::create_dir(&dir, Access::Private)?;
    let lock = dir.join("lock");
    let failed = |source| FileError::write(&lock, source);
    let guard = std::fs::File::options().create(true).truncate(false).write(true).open(&lock).map_err(failed)?;
    guard.lock().map_err(failed)?;
    let mut file = read_lock(&path)?;
    let result = change(&mut file);
    files::write(&path, file.to_text().as_bytes(), Access::Private)?;
    Ok(result)
}

/// Returns the file of the installed package that `given` names; `None` if `given` does not look like a package id.
///
/// # Errors
/// Returns an error if the package is not installed, or in another version only.
pub(crate) fn find(session: &Session, given: &Path) -> Result<Option<PathBuf>, Error> {
    let Some(text) = given.to_str().filter(|text| PackageSpec::looks_like_one(text)) else { return Ok(None) };
    let spec: PackageSpec = text.parse()?;
    let installed = read(session)?;
    let Some(package) = installed.find(&spec.package_id) else {
        return Err(InstalledError::Missing { id: text.to_owned() }.into());
    };
    if spec.requirement != VersionReq::STAR && !spec.requirement.matches(&package.version) {
        let (id, version) = (spec.package_id.to_string(), package.version.to_string());
        return Err(InstalledError::OtherVersion { id, version, requirement: spec.requirement.to_string() }.into());
    }
    Ok(Some(packages(session).path(&package.archive_hash)))
}

/// Returns the entry of the package in this file, if the file is that of an installed package, or of one that waits for approval.
///
/// # Errors
/// Returns an error if the list of installed packages cannot be read, or if the file was changed.
pub(crate) fn entry(session: &Session, path: &Path, package: &VerifiedPackage) -> Result<Option<LockedPackage>, Error> {
    if !path.starts_with(session.home().packages_dir()) {
        return Ok(None);
    }
    let dir = packages(session);
    let known = read(session)?.packages.into_iter().chain(read_lock(&session.home().waiting_file())?.packages);
    let Some(locked) = known.into_iter().find(|locked| dir.path(&locked.archive_hash) == path) else {
        return Ok(None);
    };
    let is_same = locked.content_hash == *package.content_hash() && locked.publisher_key == *package.signing_key();
    if !is_same {
        return Err(InstalledError::Changed { id: locked.package_id.to_string(), path: path.to_owned() }.into());
    }
    Ok(Some(locked))
}

/// Returns the package as one of the owner for whom a delegate published it.
pub(crate) fn for_owner(package: VerifiedPackage, locked: &LockedPackage) -> VerifiedPackage {
    match &locked.delegation {
        Some(delegation) => package.published_for(delegation.owner),
        None => package,
    }
}

/// Returns a package that was read from `path` as its publisher's, if it is an installed one, without asking whether it may be used.
///
/// # Errors
/// Returns an error if the list of installed packages cannot be read, or if the file was changed.
pub(crate) fn adopt(session: &Session, path: &Path, package: VerifiedPackage) -> Result<VerifiedPackage, Error> {
    Ok(match entry(session, path, &package)? {
        Some(locked) => for_owner(package, &locked),
        None => package,
    })
}

/// Like [`adopt`], for a package that is to run: fails if it or its key was revoked, and says so if nobody can know.
///
/// # Errors
/// Returns an error if the package must not be used.
pub(crate) fn adopt_to_run(
    session: &Session,
    ui: &Ui,
    path: &Path,
    package: VerifiedPackage,
) -> Result<VerifiedPackage, Error> {
    let Some(locked) = entry(session, path, &package)? else { return Ok(package) };
    if let Some(warning) = guard(session, &locked)? {
        ui.note(&format!("the list of revocations of the registry of {} {warning}", locked.package_id));
    }
    Ok(for_owner(package, &locked))
}

/// Checks an installed package against the list of revocations, which is refreshed every hour. Returns what is wrong with the list.
///
/// # Errors
/// Returns an error if the package or its key was revoked, if the registry contradicts itself, or if something is wrong with the list
/// and the policy refuses that.
pub(crate) fn guard(session: &Session, locked: &LockedPackage) -> Result<Option<String>, Error> {
    let state = state_of_list(session, locked)?;
    match state {
        Some(state) if session.home().policy()?.refuses_stale() => {
            Err(InstalledError::Stale { id: locked.package_id.to_string(), state }.into())
        }
        state => Ok(state),
    }
}

fn state_of_list(session: &Session, locked: &LockedPackage) -> Result<Option<String>, Error> {
    // OCI registries have no such list.
    let Some(root_key) = &locked.registry else { return Ok(None) };
    let registries = Registries::load(session)?;
    let Some(entry) = registries.config().with_root(root_key) else {
        return Ok(Some(format!("is not checked: the registry `{}` is not configured any more", root_key.name())));
    };
    let registry = registries.open_with(entry, Retry::at_once(1))?;
    Ok(match registries.run(registry.guard(locked, PATIENCE))? {
        Guarded::Current => None,
        Guarded::Expired { at } => Some(format!("expired at {at}, so nobody can know whether it was revoked since")),
        _ => Some("was never seen".to_owned()),
    })
}
