//! `mpp uninstall`: removes installed packages. What they stored, and whom the user trusts, stays.

use mpp_registry::client::PackageSpec;

use crate::cli::UninstallArgs;
use crate::error::Error;
use crate::exit::Exit;
use crate::installed::{self, InstalledError};
use crate::reports::installs::{Uninstalled, UninstalledPackage};
use crate::session::Session;
use crate::ui::Ui;

/// Removes the packages if all of them are installed, and else none.
pub(crate) fn run(session: &Session, ui: &Ui, args: &UninstallArgs) -> Result<Exit, Error> {
    let specs = args.packages.iter().map(|text| text.parse()).collect::<Result<Vec<PackageSpec>, _>>()?;
    let known = installed::read(session)?;
    for spec in &specs {
        let missing = || InstalledError::Missing { id: spec.package_id.to_string() };
        known.find(&spec.package_id).ok_or_else(missing)?;
    }
    let removed = installed::change(session, |file| {
        specs.iter().filter_map(|spec| file.take(&spec.package_id)).collect::<Vec<_>>()
    })?;
    let (left, dir) = (installed::read(session)?, installed::packages(session));
    for package in &removed {
        if !left.packages.iter().any(|other| other.archive_hash == package.archive_hash) {
            dir.remove(&package.archive_hash)?;
        }
    }
    let packages = removed.into_iter().map(|package| UninstalledPackage {
        package_id: package.package_id.to_string(),
        version: package.version.to_string(),
    });
    ui.show(&Uninstalled { packages: packages.collect() })?;
    Ok(Exit::Done)
}
