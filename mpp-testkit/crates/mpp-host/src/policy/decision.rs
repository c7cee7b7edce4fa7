//! One decision about a package, or about a call of one of its tools.

use mpp_sdk::wire::SecurityLevel;
#[cfg(feature = "sandbox")]
use mpp_sdk::wire::ToolDefinition;
use serde::Serialize;

#[cfg(feature = "sandbox")]
use super::ShownCall;
use super::{Ability, Approval, MachinePath, New, Policy, Wants};
use crate::gatekeeper::VerifiedPackage;
use crate::keys::{KeyId, PublicKey};
use crate::package::manifest::Manifest;
use crate::trust::Trust;

/// The input of a decision: a package and, if a tool is to be called, the tool.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Situation<'a> {
    /// The manifest of a verified package.
    pub manifest: &'a Manifest,
    /// The key that signed the package.
    pub key: &'a PublicKey,
    /// Id of the key that signed the package.
    pub key_id: &'a KeyId,
    /// Whether the publisher of the package is trusted.
    pub trust: Trust,
    /// Name of the tool that is to be called; `None` to decide about the package only.
    pub tool: Option<&'a str>,
    /// Paths of this machine that the package would use, and that a person has not approved.
    pub paths: &'a [MachinePath],
}

/// The result of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The package may run, and the tool may be called.
    Allow,
    /// A person must be asked.
    Ask(Question),
    /// The package may not run or the tool may not be called, and no person can override that.
    Refuse(Refusal),
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Question {
    /// Display name of the package.
    pub name: String,
    /// Version of the package.
    pub version: String,
    /// Id of the package.
    pub package_id: String,
    /// Display name of the publisher, as stated in the manifest.
    pub publisher: String,
    /// Id of the key that signed the package.
    pub key_id: KeyId,
    /// The reason for the question.
    pub why: Why,
    /// The call that is asked about; `None` if the question is about the package.
    #[cfg(feature = "sandbox")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<ShownCall>,
}

/// Why a person must be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The publisher is not trusted for this package yet.
    UnknownPublisher {
        /// Everything that the package requests.
        wants: Vec<Ability>,
    },
    /// The publisher is trusted, and the package requests something that was not approved before.
    WantsMore {
        /// What was not approved before.
        new: Vec<New>,
        /// Whether there is an earlier approval of this package.
        is_known: bool,
    },
    /// The package declares paths that no mapping leads elsewhere, and that exist on this machine. If nobody can be asked, the
    /// paths stay without a mapping.
    MachinePaths {
        /// The paths.
        paths: Vec<MachinePath>,
    },
    /// The security level of the tool requires an approval of each call.
    SensitiveTool {
        /// Name of the tool.
        tool: String,
        /// Security level of the tool.
        level: SecurityLevel,
    },
}

/// The error returned when the trust store or the policy refuses a package or a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The key that signed the package was revoked.
    #[error("the key `{key_id}` that signed `{package_id}` was revoked")]
    Revoked {
        /// Id of the key.
        key_id: KeyId,
        /// Id of the package.
        package_id: String,
    },
    /// The package declares a host that the policy denies.
    #[error("`{package_id}` declares `{declared}`, but the policy denies `{denied}`")]
    DeniedHost {
        /// Id of the package.
        package_id: String,
        /// The declared host pattern.
        declared: String,
        /// The denied host pattern of the policy.
        denied: String,
    },
    /// The security level of the tool is one that the policy refuses.
    #[error(
        "the tool `{tool}` of `{package_id}` has the security level {level}, but the policy refuses {refused} and above"
    )]
    Level {
        /// Id of the package.
        package_id: String,
        /// Name of the tool.
        tool: String,
        /// Security level of the tool.
        level: SecurityLevel,
        /// The level from which the policy refuses calls.
        refused: SecurityLevel,
    },
}

impl Refusal {
    /// Returns the name of the policy's setting that refuses, if it is one.
    #[must_use]
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            Self::DeniedHost { .. } => Some("deny_hosts"),
            Self::Level { .. } => Some("refuse"),
            Self::Revoked { .. } => None,
        }
    }
}

impl Policy {
    /// Decides on `situation`. `approval` is what was approved before; an approval of another package or key is ignored.
    #[must_use]
    pub fn decide(&self, situation: &Situation<'_>, approval: Option<&Approval>) -> Decision {
        if let Some(refusal) = self.refuses(situation) {
            return Decision::Refuse(refusal);
        }
        let approval = approval.filter(|known| known.is_for(&situation.manifest.package_id, situation.key));
        let wants = Wants::of(situation.manifest);
        let why = match situation.trust {
            Trust::Revoked => return Decision::Allow,
            Trust::UnknownPublisher => Some(Why::UnknownPublisher { wants: wants.abilities.into_iter().collect() }),
            Trust::Own => None,
            Trust::Trusted => {
                let new = wants.beyond(approval.map(|known| &known.wants));
                (!new.is_empty()).then(|| Why::WantsMore { new, is_known: approval.is_some() })
            }
        };
        let paths = || (!situation.paths.is_empty()).then(|| Why::MachinePaths { paths: situation.paths.to_vec() });
        match why.or_else(paths).or_else(|| self.sensitive(situation, approval)) {
            Some(why) => Decision::Ask(situation.question(why)),
            None => Decision::Allow,
        }
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

    fn sensitive(&self, situation: &Situation<'_>, approval: Option<&Approval>) -> Option<Why> {
        let (tool, level) = situation.tool_level()?;
        let is_approved = approval.is_some_and(|known| known.has_tool(tool, level));
        let asks = self.settings.asks_from(situation.trust).is_some_and(|ask| level >= ask);
        (asks && !is_approved).then(|| Why::SensitiveTool { tool: tool.to_owned(), level })
    }
}

impl<'a> Situation<'a> {
    /// Returns the situation for deciding whether `package` may run and, if given, whether its `tool` may be called.
    #[must_use]
    pub fn new(package: &'a VerifiedPackage, trust: Trust, tool: Option<&'a str>) -> Self {
        let (manifest, key, key_id) = (package.manifest(), package.publisher_key(), package.key_id());
        Self { manifest, key, key_id, trust, tool, paths: &[] }
    }
}

impl Situation<'_> {
    fn tool_level(&self) -> Option<(&str, SecurityLevel)> {
        let tool = self.tool?;
        let definition = self.manifest.tool_definitions.iter().find(|definition| definition.name == tool)?;
        Some((definition.name.as_str(), definition.security_level))
    }

    /// Returns the question whether `tool` may be called.
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
            #[cfg(feature = "sandbox")]
            call: None,
        }
    }
}
