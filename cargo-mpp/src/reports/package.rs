//! Results of `mpp verify` and `mpp inspect`.

use mpp_host::gatekeeper::{Report, StepReport, VerifiedPackage};
use mpp_host::keys::KeyId;
use mpp_host::package::{ContentHash, Manifest};
use mpp_host::policy::plain_words;
use mpp_host::signature::{Countersignature, SignatureOutcome, Toolchain};
use mpp_host::trust::Trust;
use mpp_sdk::wire::ToolDefinition;
use schemars::JsonSchema;
use serde::Serialize;

use super::libraries::{self, ListedLibrary};
use super::shapes;

/// The verification of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VerifyResult {
    /// Path of the package.
    pub(crate) path: String,
    /// Size of the package in bytes.
    pub(crate) package_bytes: u64,
    /// Whether all seven steps passed.
    pub(crate) verified: bool,
    /// Identity of the package; absent if a step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) package: Option<VerifiedIdentity>,
    /// Whether the publisher is trusted; absent if a step failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust: Option<Trust>,
    /// The seven steps, in order.
    pub(crate) steps: Vec<StepReport>,
    /// Outcome of the signature check; absent if the verification says nothing about the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<SignatureOutcome>,
    /// Signatures other than the publisher's.
    pub(crate) countersignatures: Vec<Countersignature>,
    /// What a passed verification does not establish, one clause each.
    pub(crate) not_established: Vec<String>,
}

impl VerifyResult {
    /// Creates the result for a report, without a decision about trust.
    pub(crate) fn of(path: String, report: Report) -> Self {
        Self {
            path,
            package_bytes: report.bytes,
            verified: report.passed,
            package: None,
            trust: None,
            steps: report.steps,
            signature: report.signature,
            countersignatures: report.countersignatures,
            not_established: report.not_established,
        }
    }
}

/// The identity of a verified package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VerifiedIdentity {
    /// Package id.
    pub(crate) package_id: String,
    /// Version of the package.
    pub(crate) version: String,
    /// Name of the publisher, as claimed in the manifest.
    pub(crate) publisher: String,
    /// Id of the key that signed the package.
    pub(crate) key_id: KeyId,
    /// Hash of the signed contents.
    pub(crate) content_hash: ContentHash,
}

impl VerifiedIdentity {
    /// Returns the identity of this package.
    pub(crate) fn of(package: &VerifiedPackage) -> Self {
        let manifest = package.manifest();
        Self {
            package_id: manifest.package_id.clone(),
            version: manifest.version.clone(),
            publisher: manifest.publisher.name.clone(),
            key_id: package.key_id().clone(),
            content_hash: *package.content_hash(),
        }
    }
}

/// The tools of a package, for somebody who wants to call one.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ToolHelp {
    /// The chosen tool, or every tool.
    #[schemars(schema_with = "shapes::tool_definitions")]
    pub(crate) tools: Vec<ToolDefinition>,
    /// A command line that calls the first of them.
    pub(crate) example: String,
}

/// The contents and permissions of a package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Inspection {
    /// Path of the package.
    pub(crate) path: String,
    /// Size of the package in bytes.
    pub(crate) package_bytes: u64,
    /// Whether all seven steps passed. If not, everything else is only what the file claims.
    pub(crate) verified: bool,
    /// Whether the publisher is trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust: Option<Trust>,
    /// Id of the key that signed the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<KeyId>,
    /// Hash of the signed contents.
    pub(crate) content_hash: ContentHash,
    /// The toolchain that built the package, as claimed by its publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) toolchain: Option<Toolchain>,
    /// Permissions of the package, one sentence each.
    #[serde(skip)]
    pub(crate) abilities: Vec<String>,
    /// Privacy filter settings, one sentence each.
    #[serde(skip)]
    pub(crate) privacy: Vec<String>,
    /// Files in the package; empty if it did not pass.
    pub(crate) entries: Vec<Entry>,
    /// Libraries in the module, from the bill of materials in the package, as claimed by its publisher.
    pub(crate) libraries: Vec<ListedLibrary>,
    /// The manifest.
    #[schemars(schema_with = "shapes::manifest")]
    pub(crate) manifest: Manifest,
}

/// A file in a package.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Entry {
    /// Name of the file.
    pub(crate) name: String,
    /// Unpacked size in bytes.
    pub(crate) bytes: u64,
    /// Stored size in bytes.
    pub(crate) packed_bytes: u64,
}

impl Inspection {
    /// Creates the report of a package that passed all seven steps.
    pub(crate) fn of_verified(path: String, bytes: u64, package: &VerifiedPackage, trust: Trust) -> Self {
        let attestation = package.attestation();
        let entries = &attestation.entries;
        let packed = |name: &str| entries.iter().find(|entry| entry.name == name).map_or(0, |entry| entry.stored_size);
        Self {
            verified: true,
            trust: Some(trust),
            key_id: Some(package.key_id().clone()),
            toolchain: Some(attestation.toolchain.clone()),
            entries: package
                .entries()
                .map(|(name, data)| Entry {
                    name: name.to_owned(),
                    bytes: data.len() as u64,
                    packed_bytes: packed(name),
                })
                .collect(),
            libraries: libraries::of(package),
            ..Self::of_claims(path, bytes, package.manifest().clone(), *package.content_hash())
        }
    }

    /// Creates the report of a package that did not pass, which contains only the claims of its manifest.
    pub(crate) fn of_claims(path: String, bytes: u64, manifest: Manifest, content_hash: ContentHash) -> Self {
        Self {
            path,
            package_bytes: bytes,
            verified: false,
            trust: None,
            key_id: None,
            content_hash,
            toolchain: None,
            abilities: plain_words::abilities(&manifest, |_| None),
            privacy: plain_words::privacy(&manifest),
            entries: Vec::new(),
            libraries: Vec::new(),
            manifest,
        }
    }
}
