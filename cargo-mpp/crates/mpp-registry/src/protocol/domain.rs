//! How a domain names the keys to which the package ids below it belong.

use mpp_host::keys::PublicKey;
use serde_json::json;

/// The path of the document that names the keys of a domain.
pub const WELL_KNOWN_KEYS: &str = "/.well-known/mpp-keys.json";
/// The beginning of a TXT record that names a key.
pub const TXT_PREFIX: &str = "mpp-key=";

/// Returns the DNS TXT record of a domain that names a key.
#[must_use]
pub fn txt_record(key: &PublicKey) -> String {
    format!("{TXT_PREFIX}{}", key.to_base64())
}

/// Returns the document at [`WELL_KNOWN_KEYS`] that names a key and no other one.
#[must_use]
pub fn document(key: &PublicKey) -> String {
    json!({ "keys": [key.to_base64()] }).to_string()
}
