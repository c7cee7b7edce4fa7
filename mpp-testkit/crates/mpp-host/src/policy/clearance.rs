//! The decision that a package may run, and that a tool of it may be called, as values that only [`Policy`] makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use mpp_sdk::wire::{SecurityLevel, ToolDefinition};

use super::{Ability, Answer, Approval, Approver, MachinePath, Policy};
use crate::gatekeeper::VerifiedPackage;
use crate::keys::PublicKey;
use crate::package::ContentHash;
use crate::privacy::Secrets;
use crate::trust::TrustStore;

/// The decision that one package may run with everything that its manifest declares.
///
/// Only [`Policy`] makes one, when a front end calls [`Host::clear`](crate::Host::clear). A
/// [`Grant`](crate::host::Grant) needs it, together with an [`Admission`](crate::trust::Admission) for the same package.
///
/// It also carries the rules for calls: the security level from which each call needs a [`ToolClearance`], and the tools
/// that were approved once and for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clearance {
    pub(super) content_hash: ContentHash,
    pub(super) key: PublicKey,
    pub(super) abilities: BTreeSet<Ability>,
    /// Tools whose calls need no further approval, and the level they had when they were approved.
    pub(super) tools: BTreeMap<String, SecurityLevel>,
    pub(super) ask: Option<SecurityLevel>,
    pub(super) refuse: Option<SecurityLevel>,
    /// The approval that is on file for this package, to which later answers are added.
    pub(super) approval: Option<Approval>,
}

impl Clearance {
    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.content_hash
    }

    /// Returns the key that signed the package.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Returns everything that the package was cleared for.
    #[must_use]
    pub fn abilities(&self) -> &BTreeSet<Ability> {
        &self.abilities
    }

    /// Returns the security level from which each call needs a [`ToolClearance`]; `None` if no call does.
    #[must_use]
    pub fn asks_from(&self) -> Option<SecurityLevel> {
        self.ask
    }

    /// Returns whether this is the clearance of `package`.
    #[must_use]
    pub fn is_for(&self, package: &VerifiedPackage) -> bool {
        self.content_hash == *package.content_hash() && self.key == *package.publisher_key()
    }

    /// Returns the rule for calls of a tool of the cleared package.
    pub(crate) fn rule(&self, tool: &ToolDefinition) -> CallRule {
        let level = tool.security_level;
        if let Some(refused) = self.refuse.filter(|refused| level >= *refused) {
            return CallRule::Refuse(refused);
        }
        let is_approved = self.tools.get(&tool.name).is_some_and(|approved| level <= *approved);
        if self.ask.is_some_and(|ask| level >= ask) && !is_approved { CallRule::Ask } else { CallRule::Allow }
    }
}

/// What happens to a call of a tool that comes without a [`ToolClearance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallRule {
    /// The call runs.
    Allow,
    /// The call returns an `approval_required` error.
    Ask,
    /// The call returns an `approval_refused` error, with or without a clearance: the policy refuses this level and above.
    Refuse(SecurityLevel),
}

/// The decision that one tool of one package may be called once.
///
/// Only [`Policy`] makes one. It cannot be cloned, and a call consumes it: the next call needs another decision.
#[derive(Debug, PartialEq, Eq)]
pub struct ToolClearance {
    pub(super) content_hash: ContentHash,
    pub(super) key: PublicKey,
    pub(super) tool: String,
}

impl ToolClearance {
    /// Returns the name of the tool that may be called.
    #[must_use]
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// Returns whether this permits a call of `tool` of the package with this content hash and key.
    #[must_use]
    pub fn permits(&self, content_hash: &ContentHash, key: &PublicKey, tool: &str) -> bool {
        self.content_hash == *content_hash && self.key == *key && self.tool == tool
    }
}

/// Everything that a clearance is decided from. [`Host::clear`](crate::Host::clear) decides.
#[derive(Clone, Copy)]
#[must_use]
pub struct ClearanceRequest<'a> {
    pub(crate) package: &'a VerifiedPackage,
    pub(crate) policy: &'a Policy,
    pub(crate) trust: &'a TrustStore,
    pub(crate) approver: &'a dyn Approver,
    pub(crate) approval: Option<&'a Approval>,
    pub(crate) call: Option<(&'a str, &'a str)>,
    pub(crate) secrets: Option<&'a Secrets>,
    pub(crate) paths: &'a [MachinePath],
}

impl<'a> ClearanceRequest<'a> {
    /// Asks whether `package` may run, under the rules of `policy`. `approver` is asked if a person must decide.
    pub fn new(
        package: &'a VerifiedPackage,
        policy: &'a Policy,
        trust: &'a TrustStore,
        approver: &'a dyn Approver,
    ) -> Self {
        Self { package, policy, trust, approver, approval: None, call: None, secrets: None, paths: &[] }
    }

    /// Sets what was approved for this package and key before. An approval of another package or key is ignored.
    pub fn approval(mut self, approval: Option<&'a Approval>) -> Self {
        self.approval = approval;
        self
    }

    /// Also asks whether `tool` may be called with `arguments` (JSON text).
    pub fn call(mut self, tool: &'a str, arguments: &'a str) -> Self {
        self.call = Some((tool, arguments));
        self
    }

    /// Sets the secrets that the package will be given. Their values are not shown to whoever is asked about the call.
    pub fn secrets(mut self, secrets: &'a Secrets) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// Also asks whether the package may use paths of this machine that no mapping names. If nobody can be asked, it may not.
    pub fn paths(mut self, paths: &'a [MachinePath]) -> Self {
        self.paths = paths;
        self
    }
}

impl fmt::Debug for ClearanceRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tool = self.call.map(|(tool, _)| tool);
        f.debug_struct("ClearanceRequest").field("package", self.package).field("tool", &tool).finish_non_exhaustive()
    }
}

/// A positive decision, and what the front end should store of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Cleared {
    /// The package may run.
    pub clearance: Clearance,
    /// The tool may be called; present if the request named a call.
    pub tool: Option<ToolClearance>,
    /// Present if a person accepted the publisher for this package. The front end must add the publisher to its
    /// [`TrustStore`] before it asks for an admission: permanently for [`Answer::Remember`], else for this run.
    pub publisher: Option<Answer>,
    /// The paths of the request that the package may use.
    pub paths: Vec<MachinePath>,
    /// The approval to store in place of the one in the request; `None` if nothing changed.
    pub approval: Option<Approval>,
}

/// A call was approved, and what the front end should store of that.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClearedCall {
    /// The tool may be called once.
    pub clearance: ToolClearance,
    /// The approval to store in place of the one on file; `None` if nothing changed.
    pub approval: Option<Approval>,
}
