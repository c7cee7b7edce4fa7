//! `mpp install`: installs packages from registries, or exactly what a lock file pins.

use std::sync::Arc;

use mpp_home::FileError;
use mpp_registry::client::{ClientError, LockFile, PackageSpec};

use crate::cli::InstallArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::fetching::{self, Fetching};
use crate::installed;
use crate::reports::installs::Installs;
use crate::session::Session;
use crate::ui::Ui;

/// Installs one package after the other. Those before a failure stay installed.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &InstallArgs) -> Result<Exit, Error> {
    let specs = args.packages.iter().map(|text| text.parse()).collect::<Result<Vec<PackageSpec>, _>>()?;
    let lock_path = args.lock.as_ref().map(|file| session.resolve(file));
    let mut lock = match &lock_path {
        Some(path) if specs.is_empty() && !path.exists() => {
            return Err(FileError::read("the lock file", path, std::io::ErrorKind::NotFound.into()).into());
        }
        Some(path) => Some(installed::read_lock(path)?),
        None => None,
    };
    let mut fetching = Fetching::new(session, ui, args.yes)?;
    let mut packages = Vec::new();
    if specs.is_empty() {
        for locked in &lock.as_ref().map(|file: &LockFile| file.packages.clone()).unwrap_or_default() {
            let fetched = if args.offline { fetching.pinned_offline(locked)? } else { fetching.pinned(locked)? };
            packages.push(fetching.install(fetched, None)?);
        }
        ui.show(&Installs { packages, lock_path: None })?;
        return Ok(Exit::Done);
    }
    for spec in &specs {
        let fetched = if args.offline {
            let known = lock.as_ref().and_then(|file| file.find(&spec.package_id).cloned());
            let known = known.or(installed::read(session)?.find(&spec.package_id).cloned());
            let known = known.filter(|known| spec.requirement.matches(&known.version));
            fetching.pinned_offline(&known.ok_or(ClientError::Offline { what: "the package" })?)?
        } else {
            fetching.newest(spec, args.registry.registry.as_deref())?
        };
        packages.push(fetching.install(fetched, lock.as_mut())?);
        // Each package is pinned as soon as it is installed.
        if let (Some(path), Some(file)) = (&lock_path, &lock) {
            fetching::write_lock(path, file)?;
        }
    }
    let first = packages.first().map(|package| package.package_id.clone()).unwrap_or_default();
    ui.show(&Installs { packages, lock_path: lock_path.map(|path| session.shown(&path)) })?;
    ui.note(&format!("call its tools with `mpp run {first}`, or serve them with `mpp serve {first}`"));
    Ok(Exit::Done)
}
