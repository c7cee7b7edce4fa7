//! The approval of one package signed by one key.

use std::collections::{BTreeMap, BTreeSet};

use mpp_sdk::wire::SecurityLevel;
use serde::{Deserialize, Serialize};

use super::{ApprovedPath, MachinePath, Situation, Wants};
use crate::keys::PublicKey;
use crate::package::ContentHash;

/// What a user approved for one package signed by one key, stored as one JSON document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Approval {
    /// Id of the package.
    pub package_id: String,
    /// The key that signs the package.
    pub key: PublicKey,
    /// The version that was approved last.
    pub version: String,
    /// Time of the last approval, as RFC 3339 text.
    pub approved: String,
    /// What the package may do, from all versions that were approved.
    pub wants: Wants,
    /// Tools that may be called without a question, each with the security level up to which that holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, SecurityLevel>,
    /// Paths of this machine that versions of the package may use under the same path.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub paths: BTreeSet<ApprovedPath>,
}

impl Approval {
    /// Returns the approval of everything that the package requests, in addition to what was approved `before`.
    #[must_use]
    pub fn of(situation: &Situation<'_>, before: Option<&Self>, now: &str) -> Self {
        let before = before.filter(|known| known.is_for(&situation.manifest.package_id, situation.key));
        Self {
            wants: Wants::of(situation.manifest).accepted_with(before.map(|known| &known.wants)),
            tools: before.map(|known| known.tools.clone()).unwrap_or_default(),
            paths: before.map(|known| known.paths.clone()).unwrap_or_default(),
            ..Self::of_nothing(situation, now)
        }
    }

    /// Returns an approval for the package and key that permits nothing yet.
    pub(super) fn of_nothing(situation: &Situation<'_>, now: &str) -> Self {
        Self {
            package_id: situation.manifest.package_id.clone(),
            key: *situation.key,
            version: situation.manifest.version.clone(),
            approved: now.to_owned(),
            wants: Wants::default(),
            tools: BTreeMap::new(),
            paths: BTreeSet::new(),
        }
    }

    /// Adds a tool that may be called without a question from now on; `None` if the package has no such tool.
    #[must_use]
    pub fn with_tool(mut self, situation: &Situation<'_>, tool: &str) -> Option<Self> {
        let definition = situation.manifest.tool_definitions.iter().find(|definition| definition.name == tool)?;
        self.tools.insert(definition.name.clone(), definition.security_level);
        Some(self)
    }

    /// Returns whether the package with this content hash may use a path of this machine without a question.
    #[must_use]
    pub fn has_path(&self, content_hash: &ContentHash, path: &MachinePath) -> bool {
        self.paths.iter().any(|approved| approved.covers(content_hash, path))
    }

    /// Returns whether this is the approval of the package with this id and key.
    #[must_use]
    pub fn is_for(&self, package_id: &str, key: &PublicKey) -> bool {
        self.package_id == package_id && self.key == *key
    }

    /// Returns whether this tool was approved for calls at `level` or above, so that its calls need no question.
    #[must_use]
    pub fn has_tool(&self, tool: &str, level: SecurityLevel) -> bool {
        self.tools.get(tool).is_some_and(|approved| level <= *approved)
    }
}
