//! `mpp registry remove`: removes a registry from the configuration.

use mpp_home::files::{self, Access};
use mpp_host::codes::{Code, Coded};
use mpp_registry::client::Config;

use crate::cli::RegistryRemoveArgs;
use crate::codes;
use crate::error::{Error, Explain};
use crate::exit::Exit;
use crate::installed;
use crate::registries::{self, Registries};
use crate::reports::installs::RegistryRemoved;
use crate::session::Session;
use crate::ui::Ui;

/// The error returned when packages of the registry are installed.
#[derive(Debug, thiserror::Error)]
#[error("{} of the registry `{registry}` {} installed", count(packages.len()), if packages.len() == 1 { "is" } else { "are" })]
struct InUse {
    registry: String,
    packages: Vec<String>,
}

fn count(packages: usize) -> String {
    if packages == 1 { "1 package".to_owned() } else { format!("{packages} packages") }
}

impl Coded for InUse {
    fn code(&self) -> &'static Code {
        &codes::C049
    }
}

impl Explain for InUse {
    fn notes(&self) -> Vec<String> {
        vec![self.packages.join("\n")]
    }

    fn advice(&self) -> String {
        format!(
            "run `mpp uninstall {}`, or pass `--keep-packages`: they keep running, and you will not learn if one of them is \
             revoked",
            self.packages.join(" ")
        )
    }
}

/// Changes the configuration, and forgets what the registry has shown if that was asked for.
pub(super) fn run(session: &Session, ui: &Ui, args: &RegistryRemoveArgs) -> Result<Exit, Error> {
    let registries = Registries::load(session)?;
    let entry = registries.config().named(Some(&args.registry))?.clone();
    let installed = installed::read(session)?;
    let packages: Vec<String> =
        installed::from(&installed, &entry).map(|package| package.package_id.to_string()).collect();
    if !packages.is_empty() && !args.keep_packages {
        return Err(InUse { registry: entry.name, packages }.into());
    }
    let path = session.home().config_file();
    let was_default = registries.config().default.as_ref() == Some(&entry.name);
    let new = Config::without(&registries::text(session)?, &path, &entry.name)?;
    let memory = match &entry.root_key {
        Some(_) => Some(registries.known(&entry)?),
        None => None,
    };
    files::write(&path, new.as_bytes(), Access::Private)?;
    let history = memory.as_ref().map(|registry| registry.memory_dir()).filter(|dir| dir.exists());
    if let Some(registry) = memory.filter(|_| args.forget) {
        registry.forget()?;
    }
    ui.show(&RegistryRemoved {
        name: entry.name,
        was_default,
        packages,
        history: history.map(|dir| session.shown(&dir)),
        is_forgotten: args.forget,
    })?;
    Ok(Exit::Done)
}
