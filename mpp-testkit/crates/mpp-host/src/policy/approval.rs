//! What somebody accepted of one package by one key.

use std::collections::BTreeMap;

use mpp_sdk::wire::SecurityLevel;
use serde::{Deserialize, Serialize};

use super::Wants;
use crate::keys::PublicKey;

/// What was accepted of one package by one key. One JSON document each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The package.
    pub package_id: String,
    /// The whole key that signs it.
    pub key: PublicKey,
    /// The version that was accepted last.
    pub version: String,
    /// When, as RFC 3339 text.
    pub approved: String,
    /// What it may do: of all versions that were accepted.
    pub wants: Wants,
    /// Tools that may be called without being asked about, up to this level.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tools: BTreeMap<String, SecurityLevel>,
}

impl Approval {
    /// Whether this is about the package and the key.
    #[must_use]
    pub fn is_for(&self, package_id: &str, key: &PublicKey) -> bool {
        self.package_id == package_id && self.key == *key
    }

    /// Whether calls of this tool need no further question.
    #[must_use]
    pub fn has_tool(&self, tool: &str, level: SecurityLevel) -> bool {
        self.tools.get(tool).is_some_and(|approved| level <= *approved)
    }
}
