//! `mpp registry list`: lists the configured registries.

use mpp_registry::client::RegistryEntry;

use crate::error::Error;
use crate::exit::Exit;
use crate::installed;
use crate::registries::Registries;
use crate::reports::installs::{ConfiguredRegistries, ConfiguredRegistry};
use crate::session::Session;
use crate::ui::Ui;

/// Shows what the configuration says, and what each registry has shown last. No registry is asked.
pub(super) fn run(session: &Session, ui: &Ui) -> Result<Exit, Error> {
    let registries = Registries::load(session)?;
    let installed = installed::read(session)?;
    let mut configured = Vec::new();
    for entry in &registries.config().registries {
        configured.push(ConfiguredRegistry {
            name: entry.name.clone(),
            origin: entry.origin().map(|origin| origin.to_string()),
            root_key: entry.root_key.as_ref().map(ToString::to_string),
            urls: entry.urls.iter().chain(&entry.oci).cloned().collect(),
            prefixes: entry.prefixes.clone(),
            is_default: registries.config().default.as_ref() == Some(&entry.name),
            log_size: log_size(&registries, entry)?,
            packages: installed::from(&installed, entry).map(|package| package.package_id.to_string()).collect(),
        });
    }
    let path = session.shown(&session.home().config_file());
    ui.show(&ConfiguredRegistries { path, registries: configured })?;
    Ok(Exit::Done)
}

/// Returns the number of leaves that the registry has shown.
fn log_size(registries: &Registries<'_>, entry: &RegistryEntry) -> Result<Option<u64>, Error> {
    if entry.root_key.is_none() {
        return Ok(None);
    }
    Ok(registries.known(entry)?.remembered()?.map(|view| view.size()))
}
