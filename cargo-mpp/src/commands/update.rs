//! `mpp update`: installs the newest versions that satisfy the requirements.

use std::sync::Arc;

use mpp_registry::client::{LockedPackage, PackageSpec, VersionReq};

use crate::cli::UpdateArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::fetching::{self, Fetching};
use crate::installed::{self, InstalledError};
use crate::reports::installs::Installs;
use crate::session::Session;
use crate::ui::Ui;

/// Updates one package after the other. Those before a failure stay updated.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &UpdateArgs) -> Result<Exit, Error> {
    let lock_path = args.lock.as_ref().map(|file| session.resolve(file));
    let mut lock = lock_path.as_ref().map(|path| installed::read_lock(path)).transpose()?;
    let known = match &lock {
        Some(file) => file.packages.clone(),
        None => installed::read(session)?.packages,
    };
    let mut wanted: Vec<(PackageSpec, LockedPackage)> = Vec::new();
    for text in &args.packages {
        let spec: PackageSpec = text.parse()?;
        let missing = || InstalledError::Missing { id: spec.package_id.to_string() };
        let locked = known.iter().find(|locked| locked.package_id == spec.package_id).ok_or_else(missing)?.clone();
        let has_requirement = text.contains('@');
        wanted.push((if has_requirement { spec } else { spec_of(&locked) }, locked));
    }
    if args.packages.is_empty() {
        wanted = known.iter().map(|locked| (spec_of(locked), locked.clone())).collect();
    }
    let mut fetching = Fetching::new(session, ui, args.yes)?;
    let mut packages = Vec::new();
    for (spec, locked) in wanted {
        let fetched = fetching.newest(&spec, locked.registry_name())?;
        let is_new = fetched.version() != &locked.version || fetched.requirement() != locked.requirement;
        // Versions that satisfy the requirement may have been yanked meanwhile; an update never goes back.
        if !is_new || fetched.version() < &locked.version {
            continue;
        }
        packages.push(fetching.install(fetched, lock.as_mut())?);
        if let (Some(path), Some(file)) = (&lock_path, &lock) {
            fetching::write_lock(path, file)?;
        }
    }
    ui.progress_done();
    let lock_path = lock_path.filter(|_| !packages.is_empty()).map(|path| session.shown(&path));
    ui.show(&Installs { packages, lock_path })?;
    Ok(Exit::Done)
}

fn spec_of(locked: &LockedPackage) -> PackageSpec {
    let mut spec = PackageSpec::any(locked.package_id.clone());
    spec.requirement = VersionReq::parse(&locked.requirement).unwrap_or(VersionReq::STAR);
    spec
}
