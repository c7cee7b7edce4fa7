//! Renders the results of the commands that find and install packages of registries.

use super::Human;
use crate::reports::installs::{
    ConfiguredRegistries, Installs, Outdated, RegistryAdded, RegistryRemoved, SearchResults, Uninstalled, VersionState,
};
use crate::ui::text::{BOLD, DIM, GOOD, Text, WARN};

impl Human for RegistryAdded {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "added").add(" ").styled(BOLD, &self.name).add("  ").line(&self.url);
        for (label, value) in [("origin", &self.origin), ("root key", &self.root_key)] {
            if let Some(value) = value {
                text.field(label, value);
            }
        }
        if !self.prefixes.is_empty() {
            text.field("packages", self.prefixes.join(", "));
        }
        if self.is_default {
            text.field("default", "for every package id that is not bound to another registry");
        }
    }
}

impl Human for ConfiguredRegistries {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.registries.is_empty() {
            text.line("no registry is configured");
        }
        for registry in &self.registries {
            text.styled(BOLD, &registry.name).add(if registry.is_default { "  (default)" } else { "" }).end();
            for (label, url) in ["url"].into_iter().chain(std::iter::repeat("mirror")).zip(&registry.urls) {
                text.field(label, url);
            }
            if let Some(key) = &registry.root_key {
                text.field("root key", key);
            }
            if !registry.prefixes.is_empty() {
                text.field("packages", registry.prefixes.join(", "));
            }
            if !registry.packages.is_empty() {
                text.field("installed", registry.packages.join(", "));
            }
            if let Some(size) = registry.log_size.filter(|_| verbose) {
                text.field("log", format!("{size} leaves when it was last asked"));
            }
        }
        if verbose {
            text.field("file", &self.path);
        }
    }
}

impl Human for RegistryRemoved {
    fn human(&self, text: &mut Text, _verbose: bool) {
        text.styled(GOOD, "removed").add(" ").styled(BOLD, &self.name).end();
        if self.was_default {
            text.field(
                "default",
                "none any more; set `default` in `config.toml`, or name a registry with `--registry`",
            );
        }
        if !self.packages.is_empty() {
            text.field("installed", self.packages.join(", "));
        }
        if let Some(dir) = &self.history {
            let what = if self.is_forgotten { "forgotten" } else { "kept in" };
            text.field("history", format!("{what} {dir}"));
        }
    }
}

impl Human for SearchResults {
    fn human(&self, text: &mut Text, _verbose: bool) {
        if self.results.is_empty() {
            text.line(format!("no package found in {}", self.registry));
        }
        for result in &self.results {
            text.styled(BOLD, result.package_id.as_str()).add(" ").add(result.version.to_string());
            text.styled(DIM, if result.domain_verified { "  (domain verified)" } else { "" }).end();
            text.wrap(4).add("    ").line(&result.description);
            let publisher = result.publisher.as_deref().unwrap_or("unnamed publisher");
            let key_id = result.key.id(mpp_host::keys::KeyRole::Publisher);
            let tools = match result.tools.as_slice() {
                // An OCI registry does not know them.
                [] => String::new(),
                tools => format!("; tools: {}", tools.join(", ")),
            };
            text.wrap(4).add("    ").styled(DIM, format!("{publisher}, {key_id}{tools}")).end();
        }
        if let Some(page) = self.next_page {
            text.styled(DIM, format!("more results: --page {page}")).end();
        }
    }
}

impl Human for Installs {
    fn human(&self, text: &mut Text, verbose: bool) {
        if self.packages.is_empty() {
            text.line("nothing to install or update");
        }
        for package in &self.packages {
            let verb = if package.previous_version.is_some() { "updated" } else { "installed" };
            text.styled(GOOD, verb).add(" ").styled(BOLD, &package.package_id).add(" ").add(&package.version);
            match &package.previous_version {
                Some(before) => text.line(format!(" (was {before})")),
                None => text.end(),
            };
            text.field("publisher", format!("{}, {}", package.publisher, package.key_id));
            if let Some(delegate) = &package.delegate_key_id {
                text.field("signed by", format!("{delegate}, to which the publisher delegated publishing"));
            }
            match package.leaf_index {
                Some(leaf) => text.field("registry", format!("{}, leaf {leaf}", package.registry)),
                None => text.field("registry", &package.registry),
            };
            if verbose {
                text.field("content", package.content_hash.to_string());
                text.field("archive", &package.archive_hash);
                text.field("file", &package.path);
            }
        }
        if let Some(path) = &self.lock_path {
            text.field("pinned in", path);
        }
    }
}

impl Human for Outdated {
    fn human(&self, text: &mut Text, verbose: bool) {
        let shown: Vec<_> = self.packages.iter().filter(|package| verbose || package.is_outdated()).collect();
        if self.packages.is_empty() {
            text.line("no packages are installed");
        } else if shown.is_empty() {
            text.line("every package is up to date");
        }
        for package in shown {
            text.styled(BOLD, &package.package_id).add(" ").line(&package.version);
            let state = match package.state {
                VersionState::Good => None,
                VersionState::Yanked => Some("the owner has yanked this version"),
                VersionState::TakenDown => Some("the registry has taken this version down"),
                VersionState::Revoked => Some("the key that published this version was revoked"),
                VersionState::Unlisted => Some("the registry does not list this version"),
            };
            if let Some(state) = state {
                text.add("  ").styled(WARN, format!("{:<13}", "warning")).add(" ").line(state);
            }
            if let Some(version) = &package.compatible_version {
                // `*` is what is recorded for a package that was installed by its id alone.
                text.field(
                    "update to",
                    match package.requirement.as_str() {
                        "*" => version.clone(),
                        requirement => format!("{version}  (satisfies {requirement})"),
                    },
                );
            }
            if let Some(version) = &package.newest_version {
                text.field("newest", format!("{version}  (does not satisfy {})", package.requirement));
            }
        }
    }
}

impl Human for Uninstalled {
    fn human(&self, text: &mut Text, _verbose: bool) {
        for package in &self.packages {
            text.styled(GOOD, "uninstalled").add(" ").styled(BOLD, &package.package_id).add(" ").line(&package.version);
        }
    }
}
