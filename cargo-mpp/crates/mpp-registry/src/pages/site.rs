//! What every page says about the registry itself.

use crate::protocol::{Origin, PackageId};

/// Settings of the pages, which the front end supplies: this crate does not know the commands of the program.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PageSettings {
    /// Address at which clients reach the registry.
    pub url: String,
    /// Command lines that pages show.
    pub commands: CommandLines,
}

impl PageSettings {
    /// Creates the settings of a registry at an address.
    #[must_use]
    pub fn new(url: impl Into<String>, commands: CommandLines) -> Self {
        Self { url: url.into(), commands }
    }
}

/// Command lines for visitors, with placeholders in braces.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CommandLines {
    /// Installs the latest version of a package: `{id}`.
    pub install: String,
    /// Installs one version of a package: `{id}` and `{version}`.
    pub install_version: String,
    /// Adds the registry to a client: `{url}` and `{key}`.
    pub add_registry: String,
}

impl CommandLines {
    /// Creates the command lines.
    #[must_use]
    pub fn new(
        install: impl Into<String>,
        install_version: impl Into<String>,
        add_registry: impl Into<String>,
    ) -> Self {
        Self { install: install.into(), install_version: install_version.into(), add_registry: add_registry.into() }
    }
}

/// The registry, as pages describe it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Site {
    /// Origin of the registry.
    pub origin: Origin,
    /// The root key as a verifier key, which clients pin.
    pub root_key: String,
    /// Size of the log.
    pub tree_size: u64,
    /// Settings of the front end.
    pub settings: PageSettings,
}

impl Site {
    /// Creates the description of a registry.
    #[must_use]
    pub fn new(origin: Origin, root_key: impl Into<String>, tree_size: u64, settings: PageSettings) -> Self {
        Self { origin, root_key: root_key.into(), tree_size, settings }
    }

    /// Returns the name of the registry: the host of its origin.
    pub(super) fn name(&self) -> String {
        self.origin.as_str().split('/').next().unwrap_or_default().to_owned()
    }

    pub(super) fn install(&self, id: &PackageId, version: Option<&str>) -> String {
        let commands = &self.settings.commands;
        match version {
            Some(version) => commands.install_version.replace("{version}", version).replace("{id}", id.as_str()),
            None => commands.install.replace("{id}", id.as_str()),
        }
    }

    pub(super) fn add_registry(&self) -> String {
        self.settings.commands.add_registry.replace("{url}", &self.settings.url).replace("{key}", &self.root_key)
    }
}
