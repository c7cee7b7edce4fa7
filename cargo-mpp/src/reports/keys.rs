//! Results of `mpp keygen` and `mpp key`.

use mpp_host::keys::KeyId;
use schemars::JsonSchema;
use serde::Serialize;

/// A new key pair.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewKey {
    /// Key id.
    pub(crate) key_id: KeyId,
    /// Path of the private key.
    pub(crate) private_key_path: String,
    /// Path of the public key.
    pub(crate) public_key_path: String,
    /// Whether the private key is encrypted.
    pub(crate) encrypted: bool,
    /// Path of the copy of the public key in the user's keys, if the pair is in another directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded_path: Option<String>,
}

/// The user's own keys.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyList {
    /// The keys.
    pub(crate) keys: Vec<OwnKey>,
}

/// One of the user's own keys, and what belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OwnKey {
    /// Key id.
    pub(crate) key_id: KeyId,
    /// Ids of the packages with stored state.
    pub(crate) states: Vec<String>,
    /// Ids of the packages that something was approved of.
    pub(crate) approvals: Vec<String>,
    /// Number of recorded calls.
    pub(crate) calls: u64,
}

impl OwnKey {
    /// Returns whether nothing belongs to the key.
    pub(crate) fn has_nothing(&self) -> bool {
        self.states.is_empty() && self.approvals.is_empty() && self.calls == 0
    }

    /// Describes what belongs to the key.
    pub(crate) fn in_words(&self) -> String {
        belongings(self.states.len() as u64, self.approvals.len() as u64, self.calls)
    }
}

/// The result of moving everything from one key to another.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyMoved {
    /// Id of the old key.
    #[serde(rename = "from_key_id")]
    pub(crate) from: KeyId,
    /// Id of the new key.
    #[serde(rename = "to_key_id")]
    pub(crate) to: KeyId,
    /// Ids of the packages whose state was moved.
    pub(crate) states: Vec<String>,
    /// Ids of the packages whose state was not moved, because there is other state under the new key.
    pub(crate) states_kept: Vec<String>,
    /// Ids of the packages whose approval was moved.
    pub(crate) approvals: Vec<String>,
    /// Ids of the packages whose approval was not moved, because there is another one under the new key.
    pub(crate) approvals_kept: Vec<String>,
    /// Number of recorded calls that count for the new key from now on.
    pub(crate) calls: u64,
}

impl KeyMoved {
    /// Describes what was moved.
    pub(crate) fn in_words(&self) -> String {
        belongings(self.states.len() as u64, self.approvals.len() as u64, self.calls)
    }
}

fn belongings(states: u64, approvals: u64, calls: u64) -> String {
    let count = |number: u64, one: &str, many: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {many}")),
    };
    let parts = [
        count(states, "package's state", "packages' state"),
        count(approvals, "approval", "approvals"),
        count(calls, "recorded call", "recorded calls"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no state, approvals or recorded calls".to_owned() } else { parts.join(", ") }
}
