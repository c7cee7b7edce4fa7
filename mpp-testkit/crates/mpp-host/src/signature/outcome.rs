//! What a look at the signature found: never one bit.

use std::fmt;

use serde::Serialize;

use crate::keys::KeyId;

/// What the Gatekeeper found out about a package's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureOutcome {
    /// There is no `signature.json`.
    Absent,
    /// It is no envelope that this format knows.
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// The package's bytes are not the ones that the envelope speaks of.
    ContentChanged {
        /// Which entries; empty where only headers differ.
        changes: Vec<EntryChange>,
    },
    /// The signature is not the claimed key's.
    BadSignature,
    /// The manifest names another key.
    KeyMismatch {
        /// `verified_key_id` in the manifest.
        manifest: Option<String>,
        /// The id of the key that signed.
        signed_by: KeyId,
    },
    /// The signature holds.
    Valid {
        /// The id of the key that signed.
        key_id: KeyId,
    },
}

/// One entry that is not as it was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryChange {
    /// The entry's name.
    pub entry: String,
    /// What happened to it.
    pub change: Change,
}

/// What happened to an entry since it was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not there.
    Added,
    /// It is no longer there.
    Removed,
    /// Its bytes are others.
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

/// A further signature: a registry's, for example. It says nothing about the publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Countersignature {
    /// The key id it names.
    pub keyid: String,
    /// What is known about it.
    pub state: CountersignatureState,
}

/// What is known about a countersignature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CountersignatureState {
    /// By a registry key that this host knows, and it holds.
    Verified,
    /// By a key that this host does not know.
    Unverified,
}
