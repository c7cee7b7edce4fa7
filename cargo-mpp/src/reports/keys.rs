//! Results of `mpp keygen`.

use mpp_host::keys::KeyId;
use serde::Serialize;

/// A new key pair.
#[derive(Debug, Serialize)]
pub(crate) struct NewKey {
    /// Key id.
    pub(crate) key_id: KeyId,
    /// Path of the private key.
    pub(crate) private_key: String,
    /// Path of the public key.
    pub(crate) public_key: String,
    /// Whether the private key is encrypted.
    pub(crate) encrypted: bool,
    /// Path of the copy of the public key in the user's keys, if the pair is in another directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recorded: Option<String>,
}
