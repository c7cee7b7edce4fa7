//! `mpp outdated`: compares installed packages with their registries.

use std::sync::Arc;

use mpp_registry::client::{LockedPackage, PackageSpec, VersionReq, choose, find};

use crate::cli::OutdatedArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::fetching::Fetching;
use crate::installed::{self, InstalledError};
use crate::reports::installs::{Outdated, OutdatedPackage, VersionState};
use crate::session::Session;
use crate::ui::Ui;

/// Compares each package with the index of its registry.
pub(crate) fn run(session: &Session, ui: &Arc<Ui>, args: &OutdatedArgs) -> Result<Exit, Error> {
    let known = match &args.lock {
        Some(file) => installed::read_lock(&session.resolve(file))?,
        None => installed::read(session)?,
    };
    let mut wanted: Vec<LockedPackage> = Vec::new();
    for text in &args.packages {
        let spec: PackageSpec = text.parse()?;
        let missing = || InstalledError::Missing { id: spec.package_id.to_string() };
        wanted.push(known.find(&spec.package_id).ok_or_else(missing)?.clone());
    }
    if args.packages.is_empty() {
        wanted.clone_from(&known.packages);
    }
    let mut fetching = Fetching::new(session, ui, false)?;
    let mut packages = Vec::new();
    for locked in &wanted {
        packages.push(compare(&mut fetching, locked)?);
    }
    ui.progress_done();
    ui.show(&Outdated { packages })?;
    Ok(Exit::Done)
}

fn compare(fetching: &mut Fetching<'_>, locked: &LockedPackage) -> Result<OutdatedPackage, Error> {
    let entry = fetching.registries().config().registry_of(&locked.package_id, locked.registry_name())?.clone();
    #[cfg(feature = "oci")]
    if entry.oci.is_some() {
        return in_oci(fetching, &entry, locked);
    }
    let at = fetching.ask(&entry)?;
    let index = fetching.index(at, &locked.package_id, Some(locked))?;
    let asked = fetching.asked(at);
    let requirement = VersionReq::parse(&locked.requirement).unwrap_or(VersionReq::STAR);
    let version = |requirement: &VersionReq| {
        choose(&index, requirement, Some(&asked.revocations)).ok().map(|record| record.version.clone())
    };
    let (compatible, newest) = (version(&requirement), version(&VersionReq::STAR));
    let state = match (asked.revocations.check_locked(locked), find(&index, &locked.version)) {
        (Err(_), _) if asked.revocations.is_taken_down(&locked.package_id, &locked.version) => VersionState::TakenDown,
        (Err(_), _) => VersionState::Revoked,
        (Ok(()), None) => VersionState::Unlisted,
        (Ok(()), Some(record)) if record.taken_down.is_some() => VersionState::TakenDown,
        (Ok(()), Some(record)) if record.yanked => VersionState::Yanked,
        (Ok(()), Some(_)) => VersionState::Good,
    };
    Ok(OutdatedPackage::of(locked, compatible.as_ref(), newest.as_ref(), state))
}

/// Compares a package with the tags of an OCI registry, which knows neither yanks nor revocations.
#[cfg(feature = "oci")]
fn in_oci(
    fetching: &Fetching<'_>,
    entry: &mpp_registry::client::RegistryEntry,
    locked: &LockedPackage,
) -> Result<OutdatedPackage, Error> {
    let versions = fetching.open_oci(entry)?.versions(&locked.package_id)?;
    let requirement = VersionReq::parse(&locked.requirement).unwrap_or(VersionReq::STAR);
    let (compatible, newest) =
        (crate::oci::choose(&versions, &requirement), crate::oci::choose(&versions, &VersionReq::STAR));
    let is_there = versions.iter().any(|version| crate::oci::is_same(version, &locked.version));
    let state = if is_there { VersionState::Good } else { VersionState::Unlisted };
    Ok(OutdatedPackage::of(locked, compatible, newest, state))
}
