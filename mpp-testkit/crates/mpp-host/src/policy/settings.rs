//! The rules of one machine or user, as a small file says them.

use mpp_sdk::wire::{SecurityLevel, did_you_mean};
use serde::{Deserialize, Serialize};

use crate::package::manifest::HostPattern;
use crate::privacy::builtin_patterns;

/// What a policy file may say; what it leaves out is as if there were no file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Calls of tools of this level and above are asked about, unless the tool was approved. `high` where nothing is said.
    #[serde(default = "Settings::asked")]
    pub ask: SecurityLevel,
    /// Tools of this level and above are never called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<SecurityLevel>,
    /// Privacy patterns that apply to every package, whatever it declares; `*` for all.
    #[serde(default)]
    pub force_patterns: Vec<String>,
    /// Host patterns: a package that declares a host of one of these does not run.
    #[serde(default)]
    pub deny_hosts: Vec<String>,
}

impl Settings {
    fn asked() -> SecurityLevel {
        SecurityLevel::High
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { ask: Self::asked(), refuse: None, force_patterns: Vec::new(), deny_hosts: Vec::new() }
    }
}

/// What is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A pattern that there is not.
    #[error("`force_patterns`: there is no privacy pattern `{name}`{hint}")]
    Pattern {
        /// What is written.
        name: String,
        /// The nearest name, as a question.
        hint: String,
    },
    /// A host that is none.
    #[error("`deny_hosts`: {reason}")]
    Host {
        /// What is wrong with it.
        reason: String,
    },
}

/// The rules, read and ready to decide.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub(super) settings: Settings,
    pub(super) denied: Vec<HostPattern>,
}

impl Policy {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting and what is wrong with it.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        for name in &settings.force_patterns {
            if name != "*" && !builtin_patterns().any(|known| known == name) {
                let hint = did_you_mean(name, builtin_patterns());
                return Err(SettingsError::Pattern { name: name.clone(), hint });
            }
        }
        let denied = settings.deny_hosts.iter().map(|host| HostPattern::parse(host));
        let denied = denied.collect::<Result<_, _>>().map_err(|reason| SettingsError::Host { reason })?;
        Ok(Self { settings, denied })
    }

    /// Privacy patterns that apply to every package: for [`crate::HostBuilder::forced_patterns`].
    #[must_use]
    pub fn forced_patterns(&self) -> &[String] {
        &self.settings.force_patterns
    }

    /// The denied host pattern that this declared one would reach, whatever the scheme and the port.
    pub(super) fn denies(&self, declared: &str) -> Option<String> {
        let declared = HostPattern::parse(declared).ok()?;
        self.denied.iter().find(|denied| denied.shares_a_name(&declared)).map(ToString::to_string)
    }
}
