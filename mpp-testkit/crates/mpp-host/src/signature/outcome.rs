//! The detailed result of checking a package's signature.

use std::fmt;

use serde::Serialize;

use crate::keys::KeyId;

/// The Gatekeeper's result of checking a package's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureOutcome {
    /// The package has no `signature.json`.
    Absent,
    /// `signature.json` is not a valid envelope of this format.
    Malformed {
        /// Description of the fault.
        reason: String,
    },
    /// The bytes of the package differ from those that the envelope describes.
    ContentChanged {
        /// The entries that differ; empty if only headers differ.
        changes: Vec<EntryChange>,
    },
    /// The claimed key did not make the signature.
    BadSignature,
    /// The manifest names another key than the one that signed.
    KeyMismatch {
        /// The `verified_key_id` in the manifest.
        manifest: Option<String>,
        /// Id of the key that signed.
        signed_by: KeyId,
    },
    /// The signature is valid.
    Valid {
        /// Id of the key that signed.
        key_id: KeyId,
    },
}

/// An entry that differs from the signed one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EntryChange {
    /// Name of the entry.
    pub entry: String,
    /// The kind of change.
    pub change: Change,
}

/// The kind of change to an entry since the package was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The entry was added.
    Added,
    /// The entry was removed.
    Removed,
    /// The bytes of the entry changed.
    Changed,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        })
    }
}

/// An additional signature, for example a registry's. It proves nothing about the publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Countersignature {
    /// The key id that the signature names.
    #[serde(rename = "key_id")]
    pub keyid: String,
    /// Whether the signature was verified.
    pub state: CountersignatureState,
}

/// Whether a countersignature was verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountersignatureState {
    /// A registry key that this host knows made the signature, and the signature is valid.
    Verified,
    /// The signature names a key that this host does not know, so it cannot be verified.
    Unverified,
}
