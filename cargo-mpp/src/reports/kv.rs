//! Results of `mpp kv`.

use mpp_host::keys::KeyId;
use schemars::JsonSchema;
use serde::Serialize;

/// The packages that have stored state.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct States {
    /// One for each package and publisher.
    pub(crate) states: Vec<State>,
}

/// The state of one package by one publisher.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct State {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// Path of the database.
    pub(crate) path: String,
    /// Size of the database in bytes.
    pub(crate) database_bytes: u64,
}

/// The keys of a state.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Keys {
    /// The state.
    #[serde(flatten)]
    pub(crate) state: State,
    /// Total size of these keys and their values in bytes.
    pub(crate) bytes: u64,
    /// The keys, in order.
    pub(crate) keys: Vec<Key>,
}

/// A key and the size of its value.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Key {
    /// The key.
    #[serde(flatten)]
    pub(crate) key: KeyBytes,
    /// Size of the value in bytes.
    pub(crate) bytes: u64,
    /// Time at which the value expires, in RFC 3339; absent if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
}

/// A key: text if it is UTF-8, or else hexadecimal.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyBytes {
    /// The key, if it is UTF-8.
    Key(String),
    /// The key in hexadecimal, if it is not UTF-8.
    KeyHex(String),
}

impl KeyBytes {
    /// Creates the key with these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(|_| Self::KeyHex(hex::encode(bytes)), |text| Self::Key(text.to_owned()))
    }
}

/// A value: text if it is UTF-8, or else hexadecimal.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueBytes {
    /// The value, if it is UTF-8.
    Value(String),
    /// The value in hexadecimal, if it is not UTF-8.
    ValueHex(String),
}

impl ValueBytes {
    /// Creates the value with these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes);
        text.map_or_else(|_| Self::ValueHex(hex::encode(bytes)), |text| Self::Value(text.to_owned()))
    }
}

/// A key and its value.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Pair {
    /// The key.
    #[serde(flatten)]
    pub(crate) key: KeyBytes,
    /// The value.
    #[serde(flatten)]
    pub(crate) value: ValueBytes,
    /// Time at which the value expires, in RFC 3339; absent if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
}

/// One entry of a state.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// The entry.
    #[serde(flatten)]
    pub(crate) entry: Pair,
}

/// The keys and values of a state.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Export {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// The entries, in the order of their keys.
    pub(crate) entries: Vec<Pair>,
}

/// Entries that were written to a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Exported {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// Path of the file.
    pub(crate) path: String,
    /// Number of entries in the file.
    pub(crate) exported: u64,
}

/// A state that was cleared.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cleared {
    /// Package id.
    pub(crate) package_id: String,
    /// Id of the key that signs the package.
    pub(crate) key_id: KeyId,
    /// Number of entries that were removed; absent if the state was damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) removed: Option<u64>,
}

/// Formats a number of entries: `1 entry`, `2 entries`.
pub(crate) fn entries_in_words(count: u64) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}
