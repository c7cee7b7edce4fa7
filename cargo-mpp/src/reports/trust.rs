//! Results of `mpp trust`.

use std::collections::{BTreeMap, BTreeSet};

use mpp_host::PublicKey;
use mpp_host::keys::KeyId;
use mpp_host::policy::{Ability, Approval, ApprovedPath, New, Question};
use mpp_host::trust::TrustedPublisher;
use mpp_mcp::legacy::{self, Accepted};
use mpp_sdk::wire::SecurityLevel;
use schemars::JsonSchema;
use serde::Serialize;

use super::shapes;

/// A trusted publisher.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Publisher {
    /// Key id of the publisher.
    pub(crate) key_id: KeyId,
    /// The whole key, in Base64.
    pub(crate) public_key: PublicKey,
    /// Display name that the publisher gave.
    pub(crate) name: String,
    /// Package ids, or prefixes of them, that the trust covers; `*` covers every package.
    pub(crate) prefixes: Vec<String>,
    /// Time at which the publisher was accepted, in RFC 3339.
    pub(crate) added_at: String,
}

impl Publisher {
    /// Describes this publisher.
    pub(crate) fn of(publisher: TrustedPublisher) -> Self {
        Self {
            key_id: publisher.key_id(),
            public_key: publisher.key,
            name: publisher.name,
            prefixes: publisher.prefixes,
            added_at: publisher.added,
        }
    }
}

/// A question about one call.
#[derive(Debug)]
pub(crate) struct AskedCall<'a> {
    /// The question.
    pub(crate) question: &'a Question,
    /// Permissions of the package, with the paths on this machine that declared paths are mapped to.
    pub(crate) abilities: &'a [String],
}

/// What was approved of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ApprovedPackage {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// The version that was approved last.
    pub(crate) version: String,
    /// Time of the last approval, in RFC 3339.
    pub(crate) approved_at: String,
    /// What the package may do.
    pub(crate) abilities: BTreeSet<Ability>,
    /// What the package promises to redact: names of built-in patterns, and `id=regex` for its own.
    pub(crate) redacts: BTreeSet<String>,
    /// Tools that may be called without a question, with the security level up to which that holds.
    #[schemars(schema_with = "shapes::levels_by_tool")]
    pub(crate) tools: BTreeMap<String, SecurityLevel>,
    /// Paths of this machine that versions of the package may use under the same path.
    pub(crate) paths: BTreeSet<ApprovedPath>,
}

impl ApprovedPackage {
    /// Describes this approval of a package that is signed with the key `key_id`.
    pub(crate) fn of(approval: Approval, key_id: KeyId) -> Self {
        Self {
            package_id: approval.package_id,
            key_id,
            version: approval.version,
            approved_at: approval.approved,
            abilities: approval.wants.abilities,
            redacts: approval.wants.redacts,
            tools: approval.tools,
            paths: approval.paths,
        }
    }
}

/// A trusted publisher and the packages approved so far.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Shown {
    /// The publisher.
    pub(crate) publisher: Publisher,
    /// The approved packages.
    pub(crate) approved: Vec<ApprovedPackage>,
}

/// What happened to a publisher.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// The publisher is trusted from now on.
    Added,
    /// The publisher is no longer trusted.
    Removed,
}

/// A publisher that was added or removed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Changed {
    /// What happened to the publisher.
    pub(crate) action: Action,
    /// The publisher.
    pub(crate) publisher: Publisher,
    /// The package that was approved together with its publisher; absent if none was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved: Option<ApprovedPackage>,
}

/// A package that was approved.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Approved {
    /// The parts of the approval that are new.
    pub(crate) new: Vec<New>,
    /// Everything that is approved now.
    pub(crate) approved: ApprovedPackage,
}

/// The tools of an MCP server that were accepted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServerAccepted {
    /// Name of the server.
    pub(crate) server: String,
    /// The tools that the server has now.
    pub(crate) tools: Vec<String>,
    /// Members of definitions that have changed.
    pub(crate) changed: Vec<ChangedMember>,
    /// Tools that were not accepted before.
    pub(crate) new: Vec<String>,
    /// Accepted tools that the server no longer has.
    pub(crate) missing: Vec<String>,
    /// Tools of which every call is approved.
    pub(crate) approved: Vec<String>,
}

/// A member of a tool's definition that has changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChangedMember {
    /// Name of the tool.
    pub(crate) tool: String,
    /// JSON pointer to the member.
    pub(crate) pointer: String,
    /// The accepted value, as JSON or text, cut; empty if there was none.
    pub(crate) before: String,
    /// The present value, as JSON or text, cut; empty if there is none.
    pub(crate) after: String,
}

impl ServerAccepted {
    /// Describes what was accepted of a server.
    pub(crate) fn of(server: &str, accepted: Accepted) -> Self {
        let member = |changed: legacy::Changed| ChangedMember {
            tool: changed.tool,
            pointer: changed.pointer,
            before: changed.before,
            after: changed.after,
        };
        Self {
            server: server.to_owned(),
            tools: accepted.tools,
            changed: accepted.changed.into_iter().map(member).collect(),
            new: accepted.new,
            missing: accepted.missing,
            approved: accepted.approved,
        }
    }
}

/// All trusted publishers.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrustList {
    /// The publishers that the user accepted.
    pub(crate) publishers: Vec<Publisher>,
    /// Ids of the user's own keys, which are always trusted.
    pub(crate) own_key_ids: Vec<KeyId>,
}
