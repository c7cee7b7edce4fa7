//! The settings of a policy, and the policy that is checked and ready to decide.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mpp_sdk::wire::{SecurityLevel, did_you_mean};
use serde::{Deserialize, Serialize};

use crate::package::manifest::{HostPattern, HostPatternError, check_package_id, check_path};
use crate::privacy::builtin_patterns;
use crate::trust::Trust;

/// The contents of a policy file. A setting that is left out has the same default as without a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The security level from which calls of a tool need an approval, unless the tool was approved. A level that is set applies to
    /// every package. The default is `None`: `high` for packages of other publishers, and no level for one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<SecurityLevel>,
    /// The security level from which tools are never called. The default is `None`: no tool is refused because of its level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<SecurityLevel>,
    /// Privacy patterns that apply to every package in addition to those that it declares; `*` means all patterns.
    #[serde(default)]
    pub force_patterns: Vec<String>,
    /// Denied host patterns. A package that declares a host overlapping with one of them does not run.
    #[serde(default)]
    pub deny_hosts: Vec<String>,
    /// Whether an installed package is refused while its registry's list of revocations has expired. The default is a warning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuse_stale: bool,
    /// Files and directories of this machine for declared paths: package id, declared path, absolute path on this machine. They apply
    /// to every package with the id that may run at all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dirs: BTreeMap<String, BTreeMap<String, PathBuf>>,
}

impl Settings {
    /// Returns the security level from which calls of a package need an approval; `None` if no call does.
    pub(super) fn asks_from(&self, trust: Trust) -> Option<SecurityLevel> {
        self.ask.or_else(|| (trust != Trust::Own).then_some(SecurityLevel::High))
    }
}

/// The error returned when settings are not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A privacy pattern does not exist.
    #[error("`force_patterns`: there is no privacy pattern `{name}`{hint}")]
    Pattern {
        /// Name of the pattern in the settings.
        name: String,
        /// A question that suggests the most similar name; empty if there is none.
        hint: String,
    },
    /// A host pattern is malformed.
    #[error("`deny_hosts` has an entry that cannot be used")]
    Host {
        /// The entry, and what is wrong with it.
        source: HostPatternError,
    },
    /// A mapping is not for a package.
    #[error("`dirs`: {reason}")]
    Package {
        /// The package id in the settings.
        package_id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A mapping cannot be used.
    #[error("`dirs`: {reason}")]
    Dir {
        /// Id of the package.
        package_id: String,
        /// The declared path in the settings.
        guest: String,
        /// What is wrong with the mapping.
        reason: String,
    },
}

impl SettingsError {
    /// Returns the keys that lead to the mistake: the setting, and for a table what follows in it.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Self::Pattern { .. } => vec!["force_patterns"],
            Self::Host { .. } => vec!["deny_hosts"],
            Self::Package { package_id, .. } => vec!["dirs", package_id],
            Self::Dir { package_id, guest, .. } => vec!["dirs", package_id, guest],
        }
    }
}

/// The rules for packages and calls, checked and ready to decide.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(super) settings: Settings,
    pub(super) denied: Vec<HostPattern>,
}

impl Policy {
    /// Returns a policy with these settings.
    ///
    /// ```no_run
    /// use mpp_host::Policy;
    /// use mpp_host::policy::Settings;
    /// use mpp_host::wire::SecurityLevel;
    ///
    /// # fn main() -> Result<(), mpp_host::policy::SettingsError> {
    /// let mut settings = Settings::default();
    /// settings.refuse = Some(SecurityLevel::Critical);
    /// settings.deny_hosts = vec!["*.tracker.example".to_owned()];
    /// let policy = Policy::new(settings)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`SettingsError`], which names the setting, if a privacy pattern does not exist or a host pattern is malformed.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        for name in &settings.force_patterns {
            if name != "*" && !builtin_patterns().any(|known| known == name) {
                let hint = did_you_mean(name, builtin_patterns());
                return Err(SettingsError::Pattern { name: name.clone(), hint });
            }
        }
        let denied = settings.deny_hosts.iter().map(|host| HostPattern::parse(host));
        let denied = denied.collect::<Result<_, _>>().map_err(|source| SettingsError::Host { source })?;
        for (package_id, dirs) in &settings.dirs {
            check_package_id(package_id)
                .map_err(|reason| SettingsError::Package { package_id: package_id.clone(), reason })?;
            for (guest, host) in dirs {
                check_mapping(guest, host).map_err(|reason| SettingsError::Dir {
                    package_id: package_id.clone(),
                    guest: guest.clone(),
                    reason,
                })?;
            }
        }
        Ok(Self { settings, denied })
    }

    /// Returns the paths on this machine for paths that the package declares, as the settings map them.
    #[must_use]
    pub fn dirs(&self, package_id: &str) -> BTreeMap<String, PathBuf> {
        self.settings.dirs.get(package_id).cloned().unwrap_or_default()
    }

    /// Returns whether an installed package is refused while its registry's list of revocations has expired.
    #[must_use]
    pub fn refuses_stale(&self) -> bool {
        self.settings.refuse_stale
    }

    /// Returns the privacy patterns that apply to every package. Pass them to [`crate::HostBuilder::forced_patterns`].
    #[must_use]
    pub fn forced_patterns(&self) -> &[String] {
        &self.settings.force_patterns
    }

    /// Returns the security level from which calls need an approval, for packages of this trust; `None` if no call does.
    #[cfg(feature = "sandbox")]
    pub(crate) fn asks_from(&self, trust: Trust) -> Option<SecurityLevel> {
        self.settings.asks_from(trust)
    }

    /// Returns the security level from which tools are never called; `None` if no tool is refused.
    #[cfg(feature = "sandbox")]
    pub(crate) fn refuses_from(&self) -> Option<SecurityLevel> {
        self.settings.refuse
    }

    /// Returns the denied host pattern that shares a host name with the declared one. The scheme and the port do not matter.
    pub(super) fn denies(&self, declared: &str) -> Option<String> {
        let declared = HostPattern::parse(declared).ok()?;
        self.denied.iter().find(|denied| denied.shares_a_name(&declared)).map(ToString::to_string)
    }
}

fn check_mapping(guest: &str, host: &Path) -> Result<(), String> {
    check_path(guest)?;
    if host.is_absolute() {
        return Ok(());
    }
    Err(format!("`{guest}` is mapped to `{}`, which is not an absolute path", host.display()))
}
