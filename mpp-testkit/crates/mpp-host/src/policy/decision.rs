//! One decision: about a package, and a tool of it.

use mpp_sdk::wire::SecurityLevel;
#[cfg(feature = "sandbox")]
use mpp_sdk::wire::ToolDefinition;
use serde::Serialize;

use super::{Ability, Approval, New, Policy, Wants};
use crate::gatekeeper::VerifiedPackage;
use crate::keys::{KeyId, PublicKey};
use crate::package::manifest::Manifest;
use crate::trust::Trust;

/// What is decided about.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The manifest of a verified package.
    pub manifest: &'a Manifest,
    /// The key that signed it.
    pub key: &'a PublicKey,
    /// Its name for people.
    pub key_id: &'a KeyId,
    /// Whose package it is.
    pub trust: Trust,
    /// The tool that is to be called; `None` decides about the package alone.
    pub tool: Option<&'a str>,
}

/// What is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may run.
    Allow,
    /// Somebody must be asked.
    Ask(Question),
    /// It does not run, whatever anybody says.
    Refuse(Refusal),
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its identity.
    pub package_id: String,
    /// The publisher's name, as the publisher gives it.
    pub publisher: String,
    /// The key that signed it.
    pub key_id: KeyId,
    /// What is asked.
    pub why: Why,
}

/// Why somebody must be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nobody here has accepted this publisher for this package: a question of trust.
    UnknownPublisher {
        /// All that it wants.
        wants: Vec<Ability>,
    },
    /// The publisher is trusted, and the package wants what was not accepted before.
    WantsMore {
        /// What is new.
        new: Vec<New>,
        /// Whether anything of this package was accepted before.
        is_known: bool,
    },
    /// The tool can do harm, and calls of it are asked about one by one.
    SensitiveTool {
        /// The tool.
        tool: String,
        /// Its level.
        level: SecurityLevel,
    },
}

/// Why something does not run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The key was revoked.
    #[error("the key `{key_id}` that signed `{package_id}` was revoked")]
    Revoked {
        /// The key.
        key_id: KeyId,
        /// The package.
        package_id: String,
    },
    /// A host that the policy denies.
    #[error("`{package_id}` declares `{declared}`, and the policy denies `{denied}`")]
    DeniedHost {
        /// The package.
        package_id: String,
        /// What it declares.
        declared: String,
        /// The setting.
        denied: String,
    },
    /// A tool of a level that the policy refuses.
    #[error(
        "the tool `{tool}` of `{package_id}` is of security level {level}, and the policy refuses {refused} and above"
    )]
    Level {
        /// The package.
        package_id: String,
        /// The tool.
        tool: String,
        /// Its level.
        level: SecurityLevel,
        /// The setting.
        refused: SecurityLevel,
    },
}

impl Policy {
    /// Decides, knowing what was accepted before.
    #[must_use]
    pub fn decide(&self, situation: &Situation<'_>, approval: Option<&Approval>) -> Decision {
        if let Some(refusal) = self.refuses(situation) {
            return Decision::Refuse(refusal);
        }
        let approval = approval.filter(|known| known.is_for(&situation.manifest.package_id, situation.key));
        let wants = Wants::of(situation.manifest);
        let why = match situation.trust {
            Trust::Own | Trust::Revoked => return Decision::Allow,
            Trust::UnknownPublisher => Why::UnknownPublisher { wants: wants.abilities.into_iter().collect() },
            Trust::Trusted => {
                let new = wants.beyond(approval.map(|known| &known.wants));
                match (new.is_empty(), self.sensitive(situation, approval)) {
                    (false, _) => Why::WantsMore { new, is_known: approval.is_some() },
                    (true, Some((tool, level))) => Why::SensitiveTool { tool, level },
                    (true, None) => return Decision::Allow,
                }
            }
        };
        Decision::Ask(situation.question(why))
    }

    fn refuses(&self, situation: &Situation<'_>) -> Option<Refusal> {
        let package_id = || situation.manifest.package_id.clone();
        if situation.trust == Trust::Revoked {
            return Some(Refusal::Revoked { key_id: situation.key_id.clone(), package_id: package_id() });
        }
        for entry in &situation.manifest.capabilities.network {
            if let Some(denied) = self.denies(entry.host()) {
                return Some(Refusal::DeniedHost {
                    package_id: package_id(),
                    declared: entry.host().to_owned(),
                    denied,
                });
            }
        }
        let (tool, level) = situation.tool_level()?;
        let refused = self.settings.refuse.filter(|refused| level >= *refused)?;
        Some(Refusal::Level { package_id: package_id(), tool: tool.to_owned(), level, refused })
    }

    fn sensitive(&self, situation: &Situation<'_>, approval: Option<&Approval>) -> Option<(String, SecurityLevel)> {
        let (tool, level) = situation.tool_level()?;
        let is_approved = approval.is_some_and(|known| known.has_tool(tool, level));
        (level >= self.settings.ask && !is_approved).then(|| (tool.to_owned(), level))
    }
}

impl<'a> Situation<'a> {
    /// The question whether `package` may run, and whether `tool` of it may be called.
    #[must_use]
    pub fn new(package: &'a VerifiedPackage, trust: Trust, tool: Option<&'a str>) -> Self {
        Self { manifest: package.manifest(), key: package.publisher_key(), key_id: package.key_id(), trust, tool }
    }
}

impl Situation<'_> {
    fn tool_level(&self) -> Option<(&str, SecurityLevel)> {
        let tool = self.tool?;
        let definition = self.manifest.tool_definitions.iter().find(|definition| definition.name == tool)?;
        Some((definition.name.as_str(), definition.security_level))
    }

    /// The question whether a tool may be called.
    #[cfg(feature = "sandbox")]
    pub(crate) fn question_about(&self, tool: &ToolDefinition) -> Question {
        self.question(Why::SensitiveTool { tool: tool.name.clone(), level: tool.security_level })
    }

    pub(super) fn question(&self, why: Why) -> Question {
        Question {
            name: self.manifest.name.clone(),
            version: self.manifest.version.clone(),
            package_id: self.manifest.package_id.clone(),
            publisher: self.manifest.publisher.name.clone(),
            key_id: self.key_id.clone(),
            why,
        }
    }
}
